// Ends what a crash, a silence or a long queue left half-done, with the same verbs as everybody else.
import type { Config } from '../config/config.ts'
import type { Context } from '../context.ts'
import type { Lateness } from '../ledger/verify.ts'
import { failRequest, waitForCallback } from './outcome.ts'
import { countEnded, reasons } from './settle.ts'
import type { Failure } from './settle.ts'
import { closeAttemptsOf, requestsOverdue, requestsQueuedBefore } from './store.ts'
import type { RequestRow } from './store.ts'

/** One sweep ends at most this many of each kind, so that it never holds the writer for long. */
const sweepMax = 200

/** Returns how many requests it took in hand; a full hand means that there may be more. */
export async function sweep(ctx: Context): Promise<number> {
  const swept = [await sweepAbandoned(ctx), await sweepUnanswered(ctx), await sweepStuckInQueue(ctx)]
  return Math.max(...swept)
}

/** The process that was asking is gone, or slept past its lease: whether the order was taken, nobody knows. */
async function sweepAbandoned(ctx: Context): Promise<number> {
  const nowMs = ctx.clock.now()
  const overdue = await requestsOverdue(ctx.db.read, { state: 'submitting', nowMs, limit: sweepMax })
  if (overdue.length === 0) return 0
  await ctx.db.transaction(async (tx) => {
    for (const request of overdue) {
      await waitForCallback(ctx, tx, request, nowMs)
      await closeAttemptsOf(tx, request.id, 'nobody was left to hear the answer', nowMs)
    }
  })
  ctx.log.warn({ requests: overdue.map(({ id }) => id) }, 'submits whose outcome is unknown')
  return overdue.length
}

/** Waited for word of an unknown order as long as the published limit allows. */
async function sweepUnanswered(ctx: Context): Promise<number> {
  const nowMs = ctx.clock.now()
  const overdue = await requestsOverdue(ctx.db.read, { state: 'unknown', nowMs, limit: sweepMax })
  const detail = 'the outcome of the submit stayed unknown until the limit'
  await failAll(ctx, overdue, 'unknown', { reason: reasons.timedOut, detail }, nowMs)
  return overdue.length
}

async function sweepStuckInQueue(ctx: Context): Promise<number> {
  const nowMs = ctx.clock.now()
  let swept = 0
  for (const upstream of ctx.upstreams.values()) {
    const createdBefore = nowMs - upstream.settings.submit.queueForMs
    const stuck = await requestsQueuedBefore(ctx.db.read, { upstream: upstream.name, createdBefore, limit: sweepMax })
    const detail = 'the upstream did not take the order within queue_for'
    await failAll(ctx, stuck, 'queued', { reason: reasons.unavailable, detail }, nowMs)
    swept = Math.max(swept, stuck.length)
  }
  return swept
}

async function failAll(
  ctx: Context,
  requests: readonly RequestRow[],
  from: 'queued' | 'unknown',
  failure: Failure,
  nowMs: number,
): Promise<void> {
  if (requests.length === 0) return
  const ended = await ctx.db.transaction(async (tx) => {
    const rows = []
    for (const { id } of requests) rows.push(...(await failRequest(tx, id, [from], failure, nowMs)))
    return rows
  })
  countEnded(ctx, ended)
}

/** How late the loops may be before an open task past its limit counts as forgotten. */
const overdueMs = 60_000

/** From when on `verifyLedger` calls an open task forgotten. */
export function lateness({ upstreams }: Config): Lateness {
  const queueForMs = Math.max(...Object.values(upstreams).map(({ submit }) => submit.queueForMs))
  return { overdueMs, queueForMs }
}
