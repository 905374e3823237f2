// Hands queued requests to their upstream: commit the intent, ask, commit what came of it.
import type { Context, Upstream } from '../context.ts'
import type { Tx } from '../db/database.ts'
import { newId } from '../ids.ts'
import type { Order } from '../upstream/adapter.ts'
import type { UpstreamKey } from '../upstream/keyring.ts'
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
  readonly key: UpstreamKey
  /** With the attempt's secret in it: for the upstream alone. Null: polls alone tell how its tasks end. */
  readonly callbackUrl: string | null
}

/** How long past the deadline of its call a submission is still believed to be in somebody's hands. */
const leaseSlackMs = 15_000

export const submitLeaseMs = ({ settings }: Upstream): number => settings.submit.timeoutMs + leaseSlackMs

/** Takes up to `max` due requests of an upstream. None while every key of it waits. */
export async function claimSubmissions(ctx: Context, upstream: Upstream, max: number): Promise<Submission[]> {
  const nowMs = ctx.clock.now()
  const first = upstream.keys.pick(nowMs)
  if ('waitUntil' in first) return []
  const due = await requestsToSubmit(ctx.db.read, { upstream: upstream.name, nowMs, limit: max })
  const admitted = due.slice(0, upstream.recognition.admit(due.length, nowMs))
  if (admitted.length === 0) return []
  return await ctx.db.transaction(
    async (tx) => {
      const claimed: Submission[] = []
      for (const request of admitted) {
        // The first was picked already: picking it again would pass every second key over.
        const key = claimed.length === 0 ? first : upstream.keys.pick(nowMs)
        if ('waitUntil' in key) break
        const submission = await claim(ctx, tx, upstream, request, key)
        if (submission) claimed.push(submission)
      }
      return claimed
    },
    { patient: true },
  )
}

async function claim(
  { clock, config }: Context,
  tx: Tx,
  upstream: Upstream,
  { id, attemptsMade }: RequestRow,
  key: UpstreamKey,
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
  const outcome = await upstream.adapter.submit(order, { key: key.key, signal, callbackUrl })
  ctx.metrics.submits.inc({ upstream: upstream.name, outcome: outcome.kind })
  await recordOutcome(ctx, submission, outcome)
}
