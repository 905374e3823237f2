// An order as a prediction of Replicate's API: what its queries and its webhooks hold.
import type { WholeOrder } from '../read/orders.ts'
import { inputOf, outcomeOf } from './outcome.ts'
import type { Outcome } from './outcome.ts'

const statuses = {
  queued: 'starting',
  running: 'processing',
  succeeded: 'succeeded',
  failed: 'failed',
  cancelled: 'canceled',
} as const satisfies Record<Outcome['kind'], string>

export interface PredictionAt {
  /** From `expiryTime`. */
  readonly nowMs: number
  /** Where the caller reaches the gateway: `https://gateway.example`. */
  readonly origin: string
}

export function predictionOf(order: WholeOrder, { nowMs, origin }: PredictionAt) {
  const { id, modelId, createdAt, taskType, callbackUrl } = order.request
  const { kind, urls, isExpired, reason, finishedAt } = outcomeOf(order, nowMs)
  const path = `${origin}/replicate/v1/predictions/${id}`
  return {
    id,
    model: modelId,
    // Replicate says so of models without public versions.
    version: 'hidden',
    input: inputOf(order),
    output: outputOf(taskType, urls),
    data_removed: isExpired || order.request.textRemovedAt !== null,
    logs: '',
    error: kind === 'failed' ? reason : null,
    status: statuses[kind],
    source: 'api' as const,
    created_at: new Date(createdAt).toISOString(),
    started_at: null,
    completed_at: finishedAt === null ? null : new Date(finishedAt).toISOString(),
    metrics: finishedAt === null ? {} : { total_time: Math.max(0, finishedAt - createdAt) / 1000 },
    urls: { get: path, cancel: `${path}/cancel` },
    webhook: callbackUrl,
  }
}

/** A list for images, also of one; a text for a video. */
function outputOf(taskType: 'image' | 'video', urls: readonly string[]): string | string[] | null {
  const [first = null] = urls
  return taskType === 'image' || urls.length > 1 ? first && [...urls] : first
}
