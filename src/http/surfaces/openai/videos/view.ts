// A video task as OpenAI shows a video.
import type { FastifyRequest } from 'fastify'
import { z } from 'zod'
import type { Context } from '../../../../context.ts'
import { expiryTime } from '../../../../expiry.ts'
import { reasonIn, reasons } from '../../../../reasons.ts'
import { statusOf } from '../../../../tasks/state.ts'
import type { TaskStatus } from '../../../../tasks/state.ts'
import { orderOfRequest } from '../../../../tasks/read/order.ts'
import { viewTask } from '../../../../tasks/read/view.ts'
import type { TaskColumns } from '../../../../tasks/read/view.ts'
import type { Order } from '../../../../upstream/adapter.ts'
import { languageOf } from '../../../wire/language.ts'
import { videoSize } from '../sizes.ts'

const unixSeconds = z.int().meta({ description: 'Unix seconds.', examples: [1_798_761_600] })
export const videoId = z.string().meta({ examples: ['task_0mx2l3mzx00b7v1d9q4kf6hs2wm'] })

/** Without a `url`: some clients would send it their key. */
export const videoObject = z
  .object({
    id: videoId.meta({
      description: 'The task_id of the tasks API.',
      examples: ['task_0mx2l3mzx00b7v1d9q4kf6hs2wm'],
    }),
    object: z.literal('video'),
    model: z.string().meta({ examples: ['seedance-2'] }),
    status: z.enum(['queued', 'in_progress', 'completed', 'failed']),
    progress: z
      .int()
      .min(0)
      .max(100)
      .meta({ description: 'A guess by time, until it is 100.', examples: [0] }),
    created_at: unixSeconds,
    completed_at: unixSeconds.nullable(),
    expires_at: unixSeconds.nullable(),
    prompt: z
      .string()
      .nullable()
      .meta({
        description: 'Null: the gateway keeps prompts for a limited time, and that is over.',
        examples: ['a serene zen garden at sunrise'],
      }),
    seconds: z.string().meta({ examples: ['4'] }),
    size: z.string().meta({ examples: ['1280x720'] }),
    error: z
      .object({ code: z.string(), message: z.string() })
      .nullable()
      .meta({ examples: [null] }),
    remixed_from_video_id: z.null(),
  })
  .meta({ id: 'OpenAiVideo' })

/** A stored order. */
type Ordered = Partial<Pick<Order, 'prompt' | 'aspectRatio' | 'resolution' | 'durationSeconds'>>

const statuses = {
  1: 'queued',
  2: 'in_progress',
  3: 'completed',
  4: 'failed',
} as const satisfies Record<TaskStatus, string>

export async function viewVideo(
  ctx: Context,
  task: TaskColumns,
  { headers }: Pick<FastifyRequest, 'headers'>,
): Promise<z.input<typeof videoObject>> {
  const order: Ordered = (await orderOfRequest(ctx.db.read, task.requestId)) ?? {}
  const shown = viewTask(task, expiryTime(ctx))
  const status = statusOf(task)
  const { width, height } = shown
  const language = languageOf(headers['accept-language']) ?? 'en'
  const message = reasonIn(language, shown.error_message ?? reasons.failed)
  const ordered = videoSize(order.aspectRatio, order.resolution)
  return {
    id: task.id,
    object: 'video',
    model: task.modelId,
    status: statuses[status],
    progress: progressOf(status, ctx.clock.now() - task.createdAt),
    created_at: shown.created_at,
    completed_at: status === 3 ? shown.finished_at : null,
    expires_at: shown.result_expires_at,
    prompt: order.prompt ?? null,
    seconds: String(order.durationSeconds ?? shown.duration ?? ''),
    size: ordered ?? (width === null || height === null ? '' : `${width}x${height}`),
    error: status === 4 ? { code: 'generation_failed', message } : null,
    remixed_from_video_id: null,
  }
}

/** Half of it after this time. */
const halfWayMs = 90_000
const whole = 100

/** The upstream does not say how far it is. It never falls, and is 100 only at the end. */
function progressOf(status: TaskStatus, elapsedMs: number): number {
  if (status === 1) return 0
  if (status === 2) return Math.max(1, Math.floor(((whole - 1) * elapsedMs) / (elapsedMs + halfWayMs)))
  return whole
}
