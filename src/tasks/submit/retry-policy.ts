// What the answer to a submit means for its request: the table of answers, decided without touching anything.
import type { Upstream } from '../../context.ts'
import type { SubmitOutcome } from '../../upstream/adapter.ts'
import type { Settled } from '../../upstream/keys/keyring.ts'
import type { Submission } from './submission.ts'
import { reasons } from '../../reasons.ts'
import { limitedPauseMaxMs } from '../poll/interval.ts'
import type { Failure } from '../settle.ts'

export type Decision =
  /** `isCut`: the answer broke off, and a task without an id waits for its callback or its limit. */
  | { readonly kind: 'run'; readonly upstreamTaskIds: readonly string[]; readonly isCut: boolean }
  | { readonly kind: 'fail'; readonly failure: Failure }
  /** Nobody knows whether the order was taken: it is not posted again, and its callback or its limit decides. */
  | { readonly kind: 'wait' }
  | Again

interface Again {
  readonly kind: 'again'
  /** Whether the upstream certainly did not take the order. */
  readonly certain: boolean
  readonly dueAt: number
  /** Otherwise it waits for its account's next turn, behind the orders of others. */
  readonly keepsPlace: boolean
  readonly counts: 'retriesMade' | 'failuresInRow' | null
}

/** Submits that never reached anybody: this many again at once, then at growing pauses. */
const atOnceMax = 3
const pauseFirstMs = 1_000
const retryPauseMaxMs = 60_000
/** An order that meets trouble of its own is tried this often in all. */
const troublesMax = 5
/**
 * The pauses after the first of these while no order of others is taken: then it may be all that are turned away, as
 * where our account there is empty for some minutes. In sum about ten minutes.
 */
const unprovenPausesMs = [1_000, 15_000, 2 * 60_000, 450_000] as const
/** None of them is a larger part of the time for which an order is queued. */
const unprovenPartMax = 0.25
/** An order that is answered 429 again keeps its place so often, then lets others of its account try. */
const limitedInPlaceMax = 5
/** An order that was the probe of a resting key comes after the others, of which the next probe is one. */
const behindMs = 250

interface PolicyInput {
  readonly nowMs: number
  /** What the answer meant for the key. */
  readonly key: Settled
  /** Until when orders like it are not posted, whichever key is used; null where there is one that they may be posted with. */
  readonly heldUntil: number | null
}

/** No order is paused for longer than this before it is tried again. */
export const longestPauseMs = ({ settings }: Upstream): number =>
  Math.max(retryPauseMaxMs, limitedPauseMaxMs + behindMs, settings.submit.after5xxMs)

/** Where Keevx documents a retry and its pause (the notes of its video skill), that is what is done. */
export function decide(
  { upstream, request, key: lease }: Submission,
  outcome: SubmitOutcome,
  { nowMs, key, heldUntil }: PolicyInput,
): Decision {
  // An order that meets trouble would otherwise be the next to be tried again and again, and the next probe too.
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
  /** The order certainly was not taken; it goes again no sooner than a key may be tried. */
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
      // Where the key waits, the request does not: another key may take it now.
      if (key.limited.scope === 'key' || heldUntil === null) return later(0, null)
      // Behind those of its like that have not met one yet: rather one of these tries.
      return later(heldUntil + behindMs - nowMs, null)
    case 'key_rejected':
      // The upstream's own word speaks of the key, and is never laid to what the order says.
      if (outcome.isForeign && key.troubles.own >= troublesMax)
        return fail(reasons.turnedAway, outcome.detail)
      // Of a key that is refused to all, the key's own pauses are enough.
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

/** An answer that may be the order's own trouble, or that of everybody. */
const isTrouble = (outcome: SubmitOutcome): boolean =>
  outcome.kind === 'order_trouble' || (outcome.kind === 'ambiguous' && outcome.cause === 'redirect')

/** It waits for as long as it does because no order of others was taken: the next that is taken may bring it back. */
export const waitsForProof = (decision: Decision, { troubles, change }: Settled): boolean =>
  decision.kind === 'again' && troubles.met > 0 && !troubles.isAlone && change !== 'works'

function pauseAfter(failuresInRow: number): number {
  if (failuresInRow < atOnceMax) return 0
  return Math.min(retryPauseMaxMs, pauseFirstMs * 2 ** (failuresInRow - atOnceMax))
}
