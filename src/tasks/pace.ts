// How long to wait, and how to spread what would otherwise happen all at once.
import type { Upstream } from '../context.ts'

/** A tenth either way keeps tasks that began together from being asked after together for ever. */
const spreadShare = 0.1

export function spread(ms: number): number {
  return Math.round(ms * (1 - spreadShare + 2 * spreadShare * Math.random()))
}

/** A `Retry-After` of nothing, or one that has passed, would have us ask as fast as we are refused. */
export function pauseAfter429(upstream: Upstream, retryAfterMs: number | null): number {
  return retryAfterMs === null || retryAfterMs <= 0 ? upstream.settings.submit.after429Ms : retryAfterMs
}
