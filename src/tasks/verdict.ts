// What the answer to a submit means for its request: the table of answers, decided without touching anything.
import type { SubmitOutcome } from '../upstream/adapter.ts'
import type { Submission } from './dispatch.ts'
import { reasons } from './settle.ts'
import type { Failure } from './settle.ts'

export type Verdict =
  | { readonly kind: 'run'; readonly upstreamTaskIds: readonly string[] }
  | { readonly kind: 'fail'; readonly failure: Failure }
  /** Nobody knows whether the order was taken: it is not posted again, and its callback or its limit decides. */
  | { readonly kind: 'wait' }
  | {
      readonly kind: 'again'
      /** Whether the upstream certainly did not take the order. */
      readonly certain: boolean
      readonly dueAt: number
      readonly counts: 'retriesMade' | 'failuresInRow' | null
    }

/** Submits that never reached anybody: this many again at once, then at growing pauses. */
const atOnceMax = 3
const pauseFirstMs = 1_000
const pauseMaxMs = 60_000

/** Where Keevx documents a retry and its pause (the notes of its video skill), that is what is done. */
export function judge({ upstream, request }: Submission, outcome: SubmitOutcome, nowMs: number): Verdict {
  const { submit } = upstream.settings
  const retry = (afterMs: number, detail: string): Verdict =>
    request.retriesMade + 1 >= submit.attemptsMax
      ? fail(reasons.unavailable, detail)
      : {
          kind: 'again',
          certain: outcome.kind !== 'ambiguous',
          dueAt: nowMs + afterMs,
          counts: 'retriesMade',
        }

  switch (outcome.kind) {
    case 'accepted':
      return { kind: 'run', upstreamTaskIds: outcome.taskIds }
    case 'refused':
      return fail(outcome.reason, outcome.detail)
    case 'rate_limited':
      // The key waits, not the request: another key may take it now.
      return { kind: 'again', certain: true, dueAt: nowMs, counts: null }
    case 'key_rejected':
      return { kind: 'again', certain: true, dueAt: nowMs, counts: null }
    case 'order_trouble':
      // Behind the others, as often as any order is tried, and then its credits go back.
      return retry(pauseAfter(atOnceMax + request.retriesMade), outcome.detail)
    case 'not_accepted':
      return {
        kind: 'again',
        certain: true,
        dueAt: nowMs + pauseAfter(request.failuresInRow),
        counts: 'failuresInRow',
      }
    case 'retry_documented':
      return retry(pauseFirstMs, outcome.detail)
    case 'ambiguous':
      if (submit.ambiguous === 'wait') return { kind: 'wait' }
      return retry(outcome.cause === 'server_error' ? submit.after5xxMs : 0, outcome.detail)
    case 'unknown':
      return { kind: 'wait' }
  }
}

function fail(reason: string, detail: string): Verdict {
  return { kind: 'fail', failure: { reason, detail } }
}

function pauseAfter(failuresInRow: number): number {
  if (failuresInRow < atOnceMax) return 0
  return Math.min(pauseMaxMs, pauseFirstMs * 2 ** (failuresInRow - atOnceMax))
}
