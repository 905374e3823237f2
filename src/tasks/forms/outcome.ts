// How an order as a whole stands: the makers whose APIs have one task for all outputs of a request show this.
import { inputOf as orderedInput } from '../read/inputs.ts'
import type { WholeOrder } from '../read/orders.ts'
import { viewTask } from '../read/view.ts'
import { hasEnded } from '../state.ts'

export interface Outcome {
  /** `cancelled`: its owner cancelled each output that was not made. */
  readonly kind: 'queued' | 'running' | 'succeeded' | 'failed' | 'cancelled'
  /** Of those outputs that were made, once all have ended. */
  readonly urls: readonly string[]
  /** The results were kept as long as promised, and are gone. */
  readonly isExpired: boolean
  /** Why nothing was made. */
  readonly reason: string | null
  readonly finishedAt: number | null
  /** What all outputs cost in the end. */
  readonly credits: number
}

/** Good outputs count although others failed: the others are refunded. `nowMs`: from `expiryTime`. */
export function outcomeOf({ tasks }: WholeOrder, nowMs: number): Outcome {
  const views = tasks.map((task) => viewTask(task, nowMs))
  const credits = tasks.reduce((sum, task) => sum + task.credits - task.creditsRefunded, 0)
  const open = { urls: [], isExpired: false, reason: null, finishedAt: null, credits }
  if (!tasks.every(hasEnded)) {
    return { ...open, kind: views.some(({ task_status: status }) => status > 1) ? 'running' : 'queued' }
  }
  const made = views.filter(({ task_status: status }) => status === 3)
  const finishedAt = Math.max(...tasks.map((task) => task.finishedAt ?? 0))
  if (made.length > 0) {
    const urls = made.flatMap((view) => view.video_url ?? view.image_url ?? [])
    return { ...open, kind: 'succeeded', urls, isExpired: urls.length === 0, finishedAt }
  }
  const failed = tasks.find(({ cancelled }) => !cancelled) ?? tasks[0]
  const kind = failed?.cancelled ? 'cancelled' : 'failed'
  return { ...open, kind, reason: failed?.errorMessage ?? null, finishedAt }
}

/**
 * What was ordered, with the names of the tasks API: defaults are filled in, and pictures have their URLs. Once its texts
 * were removed the prompt is null, and `text_removed` says so.
 */
export function inputOf({ request }: WholeOrder): Readonly<Record<string, unknown>> {
  const { generate_count: count, ...ordered } = orderedInput(request)
  return {
    ...ordered,
    ...(request.textRemovedAt !== null && { text_removed: true }),
    ...(count !== undefined && { num_outputs: count }),
  }
}
