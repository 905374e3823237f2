// Ends requests and tasks that a crash, a missing answer or a long queue left unfinished.
import type { Config } from '../../config/config.ts'
import type { Context } from '../../context.ts'
import type { Tx } from '../../db/database.ts'
import type { Lateness } from '../../ledger/pass/pass.ts'
import { bringBackDeliveries } from '../../webhooks/queue/far-off.ts'
import { submitLeaseMs } from '../submit/lease.ts'
import { bringBack } from './far-off.ts'
import { failRequest, waitForCallback } from '../submit/outcome.ts'
import { reasons } from '../../reasons.ts'
import { recordUnknown } from '../callbacks/orphans.ts'
import { countEnded, failTask } from '../settle.ts'
import type { Failure } from '../settle.ts'
import { requestsOverdue, requestsQueuedBefore } from './overdue.ts'
import { queueNames } from '../queue/store.ts'
import { closeAttemptsOf } from '../attempts.ts'
import { moveRequest, requestById, tasksOfRequest } from '../store.ts'
import type { RequestRow, TaskRow } from '../store.ts'
import { passOn } from '../results/pass-on.ts'
import { storingMaxMs } from '../results/store-result.ts'

/** One run takes at most this many of each kind, so that it never blocks the writer for long. */
const rescueMax = 200

const parts: readonly ((ctx: Context) => Promise<number>)[] = [
  rescueFarOff,
  rescueAbandoned,
  rescueUnanswered,
  rescueHalfKnown,
  rescueStuckInQueue,
  rescueStoring,
]

/** Returns whether there may be more to do at once. `onPart` is called before each kind of work. */
export async function rescue(ctx: Context, onPart: () => void = () => undefined): Promise<boolean> {
  const swept: number[] = []
  for (const part of parts) {
    onPart()
    swept.push(await part(ctx))
  }
  return swept.includes(rescueMax)
}

/** Work that was postponed too far by a clock that was ahead. */
async function rescueFarOff(ctx: Context): Promise<number> {
  const setBackMs = ctx.time.takeSetBackMs()
  return Math.max(await bringBack(ctx, setBackMs), await bringBackDeliveries(ctx, setBackMs))
}

/** The process that posted is gone, or slept past its lease: unknown whether the order was taken. */
async function rescueAbandoned(ctx: Context): Promise<number> {
  const leasesMs = [...ctx.upstreams.values()].map(submitLeaseMs)
  if (!ctx.time.mayEnd(Math.max(...leasesMs))) return 0
  const nowMs = ctx.clock.now()
  const overdue = await requestsOverdue(ctx.db.read, { state: 'submitting', nowMs, limit: rescueMax })
  const swept = await each(ctx, overdue, async (tx, request) => {
    await waitForCallback({ ctx, tx, nowMs }, request)
    await closeAttemptsOf(tx, request.id, {
      detail: 'the process that posted it ended before the answer',
      finishedAt: nowMs,
    })
    return []
  })
  // The tasks show as running now, and some accounts have chosen that webhook event.
  if (swept > 0) ctx.wake('deliver')
  return swept
}

/** The outcome of an order is still unknown at the published limit. */
async function rescueUnanswered(ctx: Context): Promise<number> {
  if (!ctx.time.mayEnd(longestLimitMs(ctx.config))) return 0
  const nowMs = ctx.clock.now()
  const overdue = await requestsOverdue(ctx.db.read, { state: 'unknown', nowMs, limit: rescueMax })
  const detail = 'the outcome of the submit stayed unknown until the limit'
  const failure = { reason: reasons.timedOut, detail }
  return await each(ctx, overdue, (tx, { id }) =>
    failRequest({ tx, nowMs }, id, { from: ['unknown'], failure }),
  )
}

/** The answer was lost, and by the limit callbacks have named the works of only some of its tasks. */
async function rescueHalfKnown(ctx: Context): Promise<number> {
  if (!ctx.time.mayEnd(longestLimitMs(ctx.config))) return 0
  const nowMs = ctx.clock.now()
  const overdue = await requestsOverdue(ctx.db.read, { state: 'accepted', nowMs, limit: rescueMax })
  const detail = 'no callback told its id until the limit, though others of its order were told'
  return await each(ctx, overdue, async (tx, request) => {
    const { id } = request
    const moved = await moveRequest(tx, id, { from: ['accepted'], to: { dueAt: null } })
    const ended: (TaskRow | null)[] = []
    for (const task of moved ? await tasksOfRequest(tx, { requestId: id }) : []) {
      // The others have a last poll of their own.
      if (task.state !== 'unknown') continue
      ended.push(await failTask({ tx, nowMs }, task, { reason: reasons.timedOut, detail }))
    }
    await recordUnknown({ tx, nowMs }, id, ended)
    return ended
  })
}

/** The order was not taken within `queue_for`, or its upstream is no longer configured. */
async function rescueStuckInQueue(ctx: Context): Promise<number> {
  if (!ctx.time.mayEnd(longestLimitMs(ctx.config))) return 0
  const nowMs = ctx.clock.now()
  let sweptMost = 0
  for (const { upstream } of await queueNames(ctx.db.read, {})) {
    const createdBefore = nowMs - longestWaitMs(ctx, upstream)
    const stuck = await requestsQueuedBefore(ctx.db.read, { upstream, createdBefore, limit: rescueMax })
    const failure = whyStuck(ctx, upstream)
    const swept = await each(ctx, stuck, (tx, { id }) =>
      failRequest({ tx, nowMs }, id, { from: ['queued'], failure }),
    )
    sweptMost = Math.max(sweptMost, swept)
  }
  return sweptMost
}

/** A problem that only the operator can fix is not reported as an outage of the upstream. */
function whyStuck({ upstreams, clock }: Context, name: string): Failure {
  const detail = 'no upstream took the order within queue_for'
  const upstream = upstreams.get(name)
  if (!upstream) {
    return { reason: reasons.misconfigured, detail: `${detail}: ${name} is configured no more` }
  }
  if (upstream.recognition.isEstranged()) {
    return { reason: reasons.misconfigured, detail: `${detail}: something else answers at its address` }
  }
  const reports = upstream.keys.report(clock.now())
  if (reports.every(({ state }) => state === 'rejected')) {
    return { reason: reasons.misconfigured, detail: `${detail}: every key of it is rejected` }
  }
  return { reason: reasons.unavailable, detail }
}

/** How long an order may wait for an upstream; if that is no longer configured, the longest time of any. */
const longestWaitMs = (ctx: Context, upstream: string): number =>
  ctx.upstreams.get(upstream)?.settings.submit.queueForMs ?? lateness(ctx.config).queueForMs

/** Tasks whose files could not be stored in time end with the upstream's URL. */
async function rescueStoring(ctx: Context): Promise<number> {
  if (!ctx.time.mayEnd(storingMaxMs)) return 0
  return await passOn(ctx, { untilMs: ctx.clock.now(), doubtful: 'too' })
}

/** Each in a transaction of its own, so that one that fails blocks no other. Returns how many were done. */
async function each(
  ctx: Context,
  requests: readonly RequestRow[],
  end: (tx: Tx, request: RequestRow) => Promise<readonly (TaskRow | null)[]>,
): Promise<number> {
  let done = 0
  await Promise.all(
    requests.map(async (request) => {
      try {
        const ended = await ctx.db.transaction(async (tx) =>
          (await isAsFound(tx, request)) ? await end(tx, request) : null,
        )
        done += 1
        if (!ended) return
        countEnded(ctx, ended)
        ctx.changes.tell(request.id)
        ctx.log.warn({ request: request.id, was: request.state }, 'swept up')
      } catch (error) {
        ctx.metrics.loopErrors.inc({ loop: 'rescue' })
        ctx.log.error({ request: request.id, err: error }, 'a request could not be swept up; it stays due')
      }
    }),
  )
  return done
}

/** Meanwhile its claim may have been renewed, its answer been recorded, or another instance have been here. */
async function isAsFound(tx: Tx, { id, state, dueAt }: RequestRow): Promise<boolean> {
  const [asItIs] = await requestById(tx, { id })
  return asItIs?.state === state && asItIs.dueAt === dueAt
}

/** How late the loops may be before an open task past its limit counts as forgotten. */
const overdueMs = 60_000

/** When `verifyLedger` counts an open task as forgotten. */
export function lateness({ upstreams }: Config): Lateness {
  const queueForMs = Math.max(...Object.values(upstreams).map(({ submit }) => submit.queueForMs))
  return { overdueMs, queueForMs }
}

/** The longest that anything waits for its end. */
export const longestLimitMs = ({ upstreams }: Config): number =>
  Math.max(
    ...Object.values(upstreams).flatMap(({ submit, image, video }) => [
      submit.queueForMs,
      image.giveUpAfterMs,
      video.giveUpAfterMs,
    ]),
  )
