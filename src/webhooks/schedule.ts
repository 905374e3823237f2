// When a failed delivery is tried again, and after which try it is given up.
import type { Config } from '../config/config.ts'

/** At most this share of the pause: deliveries that failed together are not all retried together. */
const jitterMax = 0.1
/** A receiver may ask for a longer pause; one that asks for days would never get its events. */
export const retryAfterMaxMs = 60 * 60_000

/** A receiver may be down for this long and still get its events. */
export const promisedMs = 3 * 24 * 60 * 60_000

interface FailedTry {
  readonly nowMs: number
  /** The pause that the receiver asked for. */
  readonly retryAfterMs: number | null
}

/**
 * How long to wait after so many retries; null if the schedule has ended. If it ends before three days are
 * over, a last try follows when they are.
 */
export function pauseAfter(
  { webhooks }: Pick<Config, 'webhooks'>,
  { retriesMade, createdAt }: { readonly retriesMade: number; readonly createdAt: number },
  { nowMs, retryAfterMs }: FailedTry,
): number | null {
  const pauseMs = webhooks.scheduleMs[retriesMade]
  if (pauseMs === undefined) return nowMs < createdAt + promisedMs ? createdAt + promisedMs - nowMs : null
  const askedMs = Math.min(retryAfterMs ?? 0, retryAfterMaxMs)
  return Math.max(Math.round(pauseMs * (1 + Math.random() * jitterMax)), askedMs)
}

/** No delivery waits longer than this from one try to the next. */
export function longestPauseMs({ webhooks }: Pick<Config, 'webhooks'>): number {
  return Math.max(promisedMs, retryAfterMaxMs, ...webhooks.scheduleMs.map((ms) => ms * (1 + jitterMax)))
}

/** Seconds or a date, by RFC 9110; null for anything else. */
export function readRetryAfter(value: string | string[] | undefined, nowMs: number): number | null {
  if (typeof value !== 'string') return null
  if (/^\d{1,9}$/.test(value)) return Number(value) * 1000
  const at = Date.parse(value)
  return Number.isNaN(at) ? null : Math.max(0, at - nowMs)
}
