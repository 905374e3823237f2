// A site of the tasks API, for gateways whose models lead to one: takes any model, makes what Keevx's part makes.
import { z } from 'zod'
import type { Reply } from './replies.ts'
import type { Operation, Tasks, Work } from './tasks.ts'

const order = z.object({
  model_id: z.string().min(1),
  prompt: z.string().min(1),
  image_urls: z.array(z.string()).default([]),
  aspect_ratio: z.string().default(''),
  resolution: z.string().default(''),
  /** A video has one, a picture none. */
  duration: z.int().min(1).optional(),
  generate_count: z.int().min(1).max(8).default(1),
})

/** A site may sell any ratio; these can be drawn. */
const ratios: Readonly<Record<Operation, readonly string[]>> = {
  image_generate: ['1:1', '3:2', '2:3', '3:4', '4:3', '4:5', '5:4', '9:16', '16:9', '21:9'],
  image_to_video: ['16:9', '9:16', '1:1', '4:3', '3:4'],
}
/** A longer one shows nothing more. */
const secondsMax = 15

/** Null if it is no order. */
export function readSiteOrder(body: unknown): Work | null {
  const { data } = order.safeParse(body)
  if (!data) return null
  const operation = data.duration === undefined ? 'image_generate' : 'image_to_video'
  const [usual = ''] = ratios[operation]
  return {
    operation,
    prompt: data.prompt,
    mode: data.model_id,
    size: data.resolution,
    ratio: ratios[operation].includes(data.aspect_ratio) ? data.aspect_ratio : usual,
    durationSeconds: Math.min(data.duration ?? 0, secondsMax),
    count: data.generate_count,
    callbackUrl: null,
  }
}

const statuses: Readonly<Record<string, number>> = {
  PENDING: 1,
  GENERATING: 2,
  PROCESSING: 2,
  SUCCEEDED: 3,
  FAILED: 4,
}

/** The answer to a query, from what Keevx's part says of the task. */
export function describeForSite(tasks: Tasks, id: string): Reply {
  const operation = tasks.find(id)?.work.operation
  const seen = operation && tasks.observe(operation, id)
  if (!seen) return refuseForSite('not_found', 'task does not exist')
  const { task_id: taskId, status, thumbnail_url: thumbnail, error_message: error } = seen
  return acceptForSite({
    task_id: taskId,
    task_status: statuses[String(status)],
    task_type: operation === 'image_to_video' ? 'video' : 'image',
    image_url: seen['image_url'] || null,
    video_url: seen['video_url'] || null,
    thumbnail_url: thumbnail || null,
    error_message: error || null,
  })
}

export const acceptForSite = (data: Record<string, unknown>): Reply => ({
  status: 200,
  body: { code: 200, msg: 'ok', data },
})

export const refuseForSite = (type: string, message: string): Reply => ({
  status: type === 'unauthorized' ? 401 : 200,
  body: { code: 0, msg: message, data: null, error: { type, message } },
})

/** An upload, from the answer of Keevx's part. */
export function uploadForSite({ body }: Reply): Reply {
  const { result, message } = body as {
    result: { url: string; fileName: string } | null
    message: { global: string }
  }
  if (result === null) return refuseForSite('invalid_request', message.global)
  return acceptForSite({ url: result.url, file_name: result.fileName })
}
