// Intervals between polls and pauses after a 429, spread so that tasks are not polled all at once.
import type { Context, Upstream } from '../../context.ts'
import type { Limited } from '../../upstream/rate-limits/blame.ts'
import type { LimitedPoll } from '../../upstream/rate-limits/polls.ts'
import type { TaskRow } from '../store.ts'

/** A tenth either way keeps tasks that began together from being polled together forever. */
const spreadShare = 0.1
/** While callbacks arrive, polls are only there in case one is lost. */
export const slowerTimes = 6

export function spread(ms: number): number {
  return Math.round(ms * (1 - spreadShare + 2 * spreadShare * Math.random()))
}

/** Time until a running task is polled again: longer while a callback is expected to announce its end. */
export function pollAfter(ctx: Context, upstream: Upstream, task: Pick<TaskRow, 'id' | 'taskType'>): number {
  const { pollEveryMs } = upstream.settings[task.taskType]
  const { callbackHealth } = upstream
  const isCallbackAwaited =
    ctx.config.callbackOrigin !== null &&
    callbackHealth.isGood(ctx.clock.now()) &&
    !callbackHealth.wasTold(task.id)
  return spread(isCallbackAwaited ? pollEveryMs * slowerTimes : pollEveryMs)
}

/** The longest pause of a work if only its polls are answered 429. */
export const limitedPollPauseMaxMs = 10 * 60_000
const limitedPollGrowth = 4

/** A work that gets 429s while others are answered is polled ever more rarely, until its limit. */
export function pauseOfLimitedPoll({ settings }: Upstream, { times, isOwn }: LimitedPoll): number {
  if (!isOwn) return 0
  return Math.min(limitedPollPauseMaxMs, settings.submit.after429Ms * limitedPollGrowth ** (times - 1))
}

/** With a `Retry-After` of zero, or one that has passed, we would ask as fast as we are refused. */
export function pauseAfter429(upstream: Upstream, retryAfterMs: number | null): number {
  return retryAfterMs === null || retryAfterMs <= 0 ? upstream.settings.submit.after429Ms : retryAfterMs
}

/** The longest pause of orders that are answered 429 while others are not. */
export const limitedPauseMaxMs = 10 * 60_000

/** How long the orders that a 429 is blamed on wait: twice as long each time. */
export function pauseOfLimited(upstream: Upstream, { times }: Limited, retryAfterMs: number | null): number {
  const growth = 2 ** Math.min(10, Math.max(0, times - 2))
  return Math.min(limitedPauseMaxMs, pauseAfter429(upstream, retryAfterMs) * growth)
}
