// Rules about orders: too many fail, the oldest waits too long, outcomes are unknown, work came after its refund.
import type { Context } from '../../context.ts'
import { lateWorksSince, tasksByState } from '../../tasks/read/alarming.ts'
import { queueDepth } from '../../tasks/read/stats.ts'
import { noSubject } from './rule.ts'
import type { Rule } from './rule.ts'

interface Sample {
  readonly atMs: number
  readonly succeeded: number
  readonly failed: number
}

interface FailureTerms {
  readonly abovePercent: number
  readonly endedMin: number
  readonly withinMs: number
}

/** Counts the whole store, over all gateways. What a customer cancelled counts as failed, as in the statistics. */
export function failureRate({ db }: Context, { abovePercent, endedMin, withinMs }: FailureTerms): Rule {
  let samples: Sample[] = []
  return {
    name: 'failure_rate',
    scope: 'store',
    afterMs: 0,
    async find(nowMs) {
      const { succeeded = 0, failed = 0 } = await tasksByState(db.read)
      // The last one before the window began stays: the window is measured from it.
      const within = samples.findIndex(({ atMs }) => atMs > nowMs - withinMs)
      samples = samples.slice(Math.max(0, within === -1 ? samples.length - 1 : within - 1))
      samples.push({ atMs: nowMs, succeeded, failed })
      const [first] = samples
      if (!first) return null
      const failures = failed - first.failed
      const ended = failures + succeeded - first.succeeded
      if (ended >= endedMin && failures * 100 > ended * abovePercent) {
        const percent = Math.round((failures / ended) * 100)
        const minutes = Math.round(withinMs / 60_000)
        return [{ subject: noSubject, facts: { failed: failures, ended, percent, minutes } }]
      }
      // Soon after a start, nothing says what was before.
      return nowMs - first.atMs < withinMs ? null : []
    },
  }
}

/** Of those that no upstream has taken yet. */
export const oldestWaiting = ({ db }: Context, { aboveMs }: { readonly aboveMs: number }): Rule => ({
  name: 'oldest_waiting',
  scope: 'store',
  afterMs: 0,
  async find(nowMs) {
    const { waiting, oldestSince } = await queueDepth(db.read)
    if (oldestSince === null || nowMs - oldestSince <= aboveMs) return []
    const minutes = Math.floor((nowMs - oldestSince) / 60_000)
    return [{ subject: noSubject, facts: { waiting, minutes } }]
  },
})

/** The upstream's answer to an order never came, and neither did a callback. */
export const unknownOutcomes = ({ db }: Context, { above }: { readonly above: number }): Rule => ({
  name: 'unknown_outcomes',
  scope: 'store',
  afterMs: 0,
  async find() {
    const { unknown = 0 } = await tasksByState(db.read)
    return unknown > above ? [{ subject: noSubject, facts: { tasks: unknown } }] : []
  },
})

const lateWithinMs = 60 * 60_000

/** Work that the upstream finished after the customer had got the credits back: we pay for it, and nobody has it. */
export const lateSuccess = ({ db }: Context): Rule => ({
  name: 'late_success',
  scope: 'store',
  afterMs: 0,
  async find(nowMs) {
    const { works, credits } = await lateWorksSince(db.read, nowMs - lateWithinMs)
    return works > 0 ? [{ subject: noSubject, facts: { works, credits } }] : []
  },
})
