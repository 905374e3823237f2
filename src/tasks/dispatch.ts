// Hands queued requests to their upstream: commit the intent, ask, commit what came of it.
import type { Context, Upstream } from '../context.ts'
import type { Tx } from '../db/database.ts'
import { newId } from '../ids.ts'
import type { Order, SubmitOutcome } from '../upstream/adapter.ts'
import type { KeyLease } from '../upstream/held-key.ts'
import { newCallback } from './callback.ts'
import { recordOutcome } from './outcome.ts'
import { mayBecome } from './state.ts'
import { insertAttempt, moveRequest, moveTasksOfRequest, requestsToSubmit } from './store.ts'
import type { RequestRow } from './store.ts'

/** A request that is ours to post, and the attempt that says so. */
export interface Submission {
  readonly upstream: Upstream
  readonly request: RequestRow
  readonly attemptId: string
  readonly key: KeyLease
  /** With the attempt's secret in it: for the upstream alone. Null: polls alone tell how its tasks end. */
  readonly callbackUrl: string | null
}

/** How long past the deadline of its call a submission is still believed to be in somebody's hands. */
const leaseSlackMs = 15_000

export const submitLeaseMs = ({ settings }: Upstream): number => settings.submit.timeoutMs + leaseSlackMs

/** Takes up to `max` due requests of an upstream, as far as the concurrency limits of its keys go. */
export async function claimSubmissions(ctx: Context, upstream: Upstream, max: number): Promise<Submission[]> {
  const nowMs = ctx.clock.now()
  const limit = Math.min(max, upstream.keys.room(nowMs))
  if (limit === 0) return []
  const due = await requestsToSubmit(ctx.db.read, { upstream: upstream.name, nowMs, limit })
  if (due.length === 0) return []
  // Before the transaction, which may run twice: what it touches is the store alone.
  const leases = upstream.keys.take(due.length, nowMs)
  let claimed: Submission[] = []
  try {
    claimed = await ctx.db.transaction(
      async (tx) => {
        const mine: Submission[] = []
        for (const request of due) {
          const lease = leases[mine.length]
          if (!lease) break
          const submission = await claim(ctx, tx, upstream, request, lease)
          if (submission) mine.push(submission)
        }
        return mine
      },
      { patient: true },
    )
    return claimed
  } finally {
    for (const lease of leases.slice(claimed.length)) upstream.keys.giveBack(lease, ctx.clock.now())
  }
}

async function claim(
  { clock, config }: Context,
  tx: Tx,
  upstream: Upstream,
  { id, attemptsMade }: RequestRow,
  key: KeyLease,
): Promise<Submission | null> {
  const nowMs = clock.now()
  const request = await moveRequest(tx, id, ['queued'], {
    state: 'submitting',
    dueAt: nowMs + submitLeaseMs(upstream),
    attemptsMade: attemptsMade + 1,
  })
  if (!request) return null
  await moveTasksOfRequest(tx, id, mayBecome.submitting, 'submitting')
  const attemptId = newId('att', nowMs)
  const callback = config.callbackOrigin === null ? null : newCallback(config.callbackOrigin, attemptId)
  await insertAttempt(tx, {
    id: attemptId,
    requestId: id,
    number: request.attemptsMade,
    upstreamKey: key.fingerprint,
    callbackTokenHash: callback?.tokenHash ?? null,
    state: 'open',
    detail: null,
    startedAt: nowMs,
    finishedAt: null,
  })
  return { upstream, request, attemptId, key, callbackUrl: callback?.url ?? null }
}

/** Posts the order once and records what the answer means. The signal means that we are being torn down. */
export async function submit(ctx: Context, submission: Submission, signal: AbortSignal): Promise<void> {
  const { upstream, request, key, callbackUrl } = submission
  const order = request.order as unknown as Order
  let outcome: SubmitOutcome
  try {
    outcome = await upstream.adapter.submit(order, { key: key.key, signal, callbackUrl })
  } catch (error) {
    upstream.keys.giveBack(key, ctx.clock.now())
    throw error
  }
  ctx.metrics.submits.inc({ upstream: upstream.name, outcome: outcome.kind })
  await recordOutcome(ctx, submission, outcome)
}
