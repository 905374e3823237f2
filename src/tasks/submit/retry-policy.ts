// Decides what the answer to a submit means for its request: the table of answers, without side effects.
import type { Upstream } from '../../context.ts'
import type { SubmitOutcome } from '../../upstream/adapter.ts'
import type { Settled } from '../../upstream/keys/settled.ts'
import type { Submission } from './submission.ts'
import { reasons } from '../../reasons.ts'
import { limitedPauseMaxMs } from '../poll/interval.ts'
import type { Failure } from '../settle.ts'

export type Decision =
  /** `isCut`: the answer was cut off, and a task without an id waits for its callback or its limit. */
  | { readonly kind: 'run'; readonly upstreamTaskIds: readonly string[]; readonly isCut: boolean }
  | { readonly kind: 'fail'; readonly failure: Failure }
  /** Unknown whether the order was taken: never posted again; its callback or its limit decides. */
  | { readonly kind: 'wait' }
  | Again

interface Again {
  readonly kind: 'again'
  /** Whether the upstream certainly did not take the order. */
  readonly certain: boolean
  readonly dueAt: number
  /** If false, the order waits for its account's next turn, behind the orders of others. */
  readonly keepsPlace: boolean
  readonly counts: 'retriesMade' | 'failuresInRow' | null
}

/** Submits that never reached the upstream: this many are retried at once, later ones after pauses. */
const atOnceMax = 3
const pauseFirstMs = 1_000
const retryPauseMaxMs = 60_000
/** An order with trouble of its own is tried this often in total. */
const troublesMax = 5
/**
 * The pauses after the first of these tries while no other order is taken: the upstream may then be turning
 * all orders away, for example because our account there is empty for some minutes. About ten minutes in
 * total.
 */
const unprovenPausesMs = [1_000, 15_000, 2 * 60_000, 450_000] as const
/** No such pause is longer than this share of `queueForMs`. */
const unprovenPartMax = 0.25
/** After this many 429s an order loses its place, so that others of its account are tried. */
const limitedInPlaceMax = 5
/** The probe of a resting key returns this much after other orders: the next probe is one of those. */
const behindMs = 250

interface PolicyInput {
  readonly nowMs: number
  /** What the answer meant for the key. */
  readonly key: Settled
  /** Until when orders like this one are held with every key; null if some key may post them now. */
  readonly heldUntil: number | null
}

/** No order is paused for longer than this before it is tried again. */
export const longestPauseMs = ({ settings }: Upstream): number =>
  Math.max(retryPauseMaxMs, limitedPauseMaxMs + behindMs, settings.submit.after5xxMs)

/** If Keevx documents a retry and its pause (the notes of its video skill), the decision follows that. */
export function decide(
  { upstream, request, key: lease }: Submission,
  outcome: SubmitOutcome,
  { nowMs, key, heldUntil }: PolicyInput,
): Decision {
  // Otherwise an order with trouble would be the next one tried every time, and the next probe too.
  const keepsPlace =
    !isTrouble(outcome) && !lease.beginning.isProbe && key.limited.ofOrder < limitedInPlaceMax
  const { submit } = upstream.settings
  const retry = (afterMs: number, detail: string): Decision =>
    request.retriesMade + 1 >= submit.attemptsMax
      ? fail(reasons.unavailable, detail)
      : {
          kind: 'again',
          certain: outcome.kind !== 'ambiguous',
          dueAt: nowMs + afterMs,
          keepsPlace,
          counts: 'retriesMade',
        }
  /** The order was certainly not taken; it is retried no sooner than a key may be tried. */
  const later = (afterMs: number, counts: 'failuresInRow' | null): Again => {
    const dueAt = Math.max(nowMs + afterMs, key.restsUntil === null ? 0 : key.restsUntil + behindMs)
    return { kind: 'again', certain: true, dueAt, keepsPlace, counts }
  }

  switch (outcome.kind) {
    case 'accepted':
      return { kind: 'run', upstreamTaskIds: outcome.taskIds, isCut: outcome.isCut === true }
    case 'refused':
      return fail(outcome.reason, outcome.detail)
    case 'rate_limited':
      // If only the key pauses, the request does not: another key may take it now.
      if (key.limited.scope === 'key' || heldUntil === null) return later(0, null)
      // Later than similar orders that have had no 429 yet: one of those should be tried first.
      return later(heldUntil + behindMs - nowMs, null)
    case 'key_rejected':
      // A rejection by the upstream itself is about the key, and is never blamed on the order.
      if (outcome.isForeign && key.troubles.own >= troublesMax)
        return fail(reasons.turnedAway, outcome.detail)
      // If the key is rejected for all orders, the key's own pauses are enough.
      return later(key.isProven ? troublePause(upstream, key) : 0, null)
    case 'order_trouble':
      if (key.troubles.own >= troublesMax) return fail(reasons.turnedAway, outcome.detail)
      return later(troublePause(upstream, key), null)
    case 'not_accepted':
      return later(pauseAfter(request.failuresInRow), 'failuresInRow')
    case 'retry_documented':
      return retry(pauseFirstMs, outcome.detail)
    case 'ambiguous':
      if (submit.ambiguous === 'wait') return { kind: 'wait' }
      if (outcome.cause === 'redirect') {
        if (key.troubles.own >= troublesMax) return fail(reasons.turnedAway, outcome.detail)
        return { ...later(troublePause(upstream, key), null), certain: false }
      }
      return retry(outcome.cause === 'server_error' ? submit.after5xxMs : 0, outcome.detail)
    case 'unknown':
      return { kind: 'wait' }
  }
}

function fail(reason: string, detail: string): Decision {
  return { kind: 'fail', failure: { reason, detail } }
}

function troublePause({ settings }: Upstream, { troubles: { met, own, isAlone } }: Settled): number {
  const soonMs = pauseAfter(atOnceMax - 1 + met)
  if (isAlone) return soonMs
  const longMs = unprovenPausesMs[own - 1] ?? 0
  return Math.max(soonMs, Math.min(longMs, settings.submit.queueForMs * unprovenPartMax))
}

/** An answer that may be caused by the order itself, or may be given to all orders. */
const isTrouble = (outcome: SubmitOutcome): boolean =>
  outcome.kind === 'order_trouble' || (outcome.kind === 'ambiguous' && outcome.cause === 'redirect')

/** Whether the pause is this long only because no other order was taken: the next one taken may end it. */
export const waitsForProof = (decision: Decision, { troubles, change }: Settled): boolean =>
  decision.kind === 'again' && troubles.met > 0 && !troubles.isAlone && change !== 'works'

function pauseAfter(failuresInRow: number): number {
  if (failuresInRow < atOnceMax) return 0
  return Math.min(retryPauseMaxMs, pauseFirstMs * 2 ** (failuresInRow - atOnceMax))
}
