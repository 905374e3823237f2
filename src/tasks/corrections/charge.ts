// Charges a refunded task again for work that came too late, and delivers its result: both in one transaction, or neither.
import { eq } from '../../db/drizzle.ts'
import type { Context, InCommit, Scope } from '../../context.ts'
import { tellIfLow } from '../../credits/low-balance.ts'
import type { Connection } from '../../db/database.ts'
import { conflictsNow, GatewayError } from '../../errors.ts'
import type { Text } from '../../errors.ts'
import { chargeAgain } from '../../ledger/refund.ts'
import { storeForNew } from '../../media/stores/blob-stores.ts'
import { timeoutSignal } from '../../net/deadline.ts'
import type { UpstreamResult } from '../../upstream/adapter.ts'
import { tell } from '../events/tell.ts'
import { isFirstFrame } from '../first-frame/rows.ts'
import { query } from '../poll/query.ts'
import { insertKeep } from '../results/downloads.ts'
import { countEnded, resultColumns } from '../settle.ts'
import { moveRequestUnread, moveTask, tasksOfRequest } from '../store.ts'
import type { TaskRow } from '../store.ts'
import { taskOf } from './found.ts'
import { recordDecision, requireUndecided, workById } from './items.ts'
import type { Work } from './items.ts'

/** For the one question to the upstream. */
const answerMaxMs = 20_000

export interface ChargedAgain {
  readonly taskId: string
  readonly credits: number
  readonly balance: number
}

/**
 * A customer pays for nothing that it does not get: where the upstream shows no result now, nothing is charged. Throws
 * not_found, invalid_request and insufficient_credits; then nothing was decided.
 */
export async function chargeForLate(
  ctx: Context,
  { id, reason }: { readonly id: string; readonly reason: string },
  inCommit: InCommit<ChargedAgain>,
): Promise<ChargedAgain> {
  const work = await workById(ctx.db.read, id)
  await requireUndecided(ctx.db.read, id)
  if (work.upstreamTaskId === '') throw nothingToDeliver()
  const task = await taskOfWork(ctx.db.read, work)
  if (!task) throw nobodysWork()
  const result = await resultOf(ctx, work, task)
  const { charged, done } = await ctx.db.transaction(async (tx) => {
    const at = { tx, nowMs: ctx.clock.now() }
    await requireUndecided(tx, id)
    // While the upstream was asked, another work of the order may have taken the task.
    const free = await taskOfWork(tx, work)
    if (!free) throw nobodysWork()
    const { charged: ended, balance } = await deliver({ ctx, ...at }, { work, task: free, result, reason })
    const made = { taskId: ended.id, credits: ended.credits, balance }
    await inCommit(at, made)
    return { charged: ended, done: made }
  })
  countEnded(ctx, [charged])
  ctx.metrics.creditsCharged.inc({ model: charged.modelId }, charged.credits)
  ctx.wake('store')
  ctx.wake('deliver')
  return done
}

/** The task that it was made for; of late ids of an order, one of its tasks that was refunded and has no work. */
async function taskOfWork(read: Connection, work: Work): Promise<TaskRow | null> {
  if (work.reason === 'extra_id' || work.reason === 'repeated_id') return null
  const named = work.taskId === null ? null : await taskOf(read, work.taskId)
  const candidates = named ? [named] : await tasksOfRequest(read, { requestId: work.requestId })
  const hasWork = ({ upstreamTaskId }: TaskRow) =>
    upstreamTaskId !== null && upstreamTaskId !== work.upstreamTaskId
  return (
    candidates.find(
      (task) => task.state === 'failed' && !task.cancelled && !isFirstFrame(task) && !hasWork(task),
    ) ?? null
  )
}

/** Asked with the key that the work was ordered with. */
async function resultOf(ctx: Context, work: Work, task: TaskRow): Promise<UpstreamResult> {
  const upstream = ctx.upstreams.get(work.upstream)
  const upstreamKey = task.upstreamKey ?? (await keyOfAttempt(ctx.db.read, work))
  const asked = { ...task, upstream: work.upstream, upstreamTaskId: work.upstreamTaskId, upstreamKey }
  const seen = await query(upstream, asked, timeoutSignal(answerMaxMs))
  if (seen.kind !== 'succeeded') {
    throw noResultNow('detail' in seen ? `${seen.kind}: ${seen.detail}` : seen.kind)
  }
  const allowed = upstream ? [upstream.settings.baseUrl] : []
  const isRefused = (url: string | null) => url !== null && ctx.guard.checkUrl(url, allowed) !== null
  const { imageUrl, videoUrl, thumbnailUrl } = seen.result
  if (isRefused(imageUrl) || isRefused(videoUrl)) throw noResultNow('its address is not public')
  return { ...seen.result, thumbnailUrl: isRefused(thumbnailUrl) ? null : thumbnailUrl }
}

async function keyOfAttempt(read: Connection, { attemptId }: Work): Promise<string | null> {
  if (attemptId === null) return null
  const { attempts } = read.tables
  const [attempt] = await read.select().from(attempts).where(eq(attempts.id, attemptId))
  return attempt?.upstreamKey ?? null
}

interface Delivery {
  readonly work: Work
  readonly task: TaskRow
  readonly result: UpstreamResult
  readonly reason: string
}

async function deliver(
  scope: Scope,
  { work, task, result, reason }: Delivery,
): Promise<{ readonly charged: TaskRow; readonly balance: number }> {
  const { ctx, tx, nowMs } = scope
  const { id: taskId, accountId, credits } = task
  const decision = { orphanId: work.id, decision: 'charge', reason, credits, createdAt: nowMs } as const
  await recordDecision(tx, decision)
  const { balance, before, lowBalance } = await chargeAgain(tx, { accountId, taskId, credits, reason, nowMs })
  const lastMs = ctx.upstreams.get(work.upstream)?.adapter.resultsLastMs ?? null
  const expiresAt = result.keptUntilMs ?? (lastMs === null ? null : nowMs + lastMs)
  const charged = await moveTask(tx, taskId, {
    from: ['failed'],
    to: {
      state: 'succeeded',
      creditsRefunded: 0,
      ...resultColumns(result),
      upstreamTaskId: work.upstreamTaskId,
      errorMessage: null,
      errorDetail: null,
      finishedAt: nowMs,
      resultExpiresAt: expiresAt,
    },
  })
  if (!charged) throw new Error(`task ${taskId} changed while it was charged again`)
  // Of an order that had failed as a whole something was made after all.
  await moveRequestUnread(tx, charged.requestId, { from: ['failed'], to: { state: 'accepted', dueAt: null } })
  if (expiresAt !== null && storeForNew(ctx)) {
    await insertKeep(tx, { taskId, dueAt: nowMs, triesMade: 0, waitsUntil: null, expiresAt })
  }
  await tell(scope, charged, 'task.succeeded')
  const { lowBalance: lowBalanceDefault } = ctx.config
  await tellIfLow(tx, { accountId, before, after: balance, lowBalance, lowBalanceDefault, nowMs })
  return { charged, balance }
}

const conflict = (text: Text) =>
  new GatewayError('invalid_request', text, { field: 'decision', detail: conflictsNow })

const nothingToDeliver = () =>
  conflict({
    en: 'The upstream never told an id of this work, so there is no result to deliver, and nothing was charged. Keep the refund, or write it off.',
    zh: '上游从未返回该任务的 id,没有可交付的结果,未扣除任何积分。请保留退款或核销。',
  })

const nobodysWork = () =>
  conflict({
    en: 'No refunded task of a customer waits for this work, so nobody can be charged for it. Keep the refund, or write it off.',
    zh: '没有客户的已退款任务对应此结果,无法向任何人扣费。请保留退款或核销。',
  })

const noResultNow = (detail: string) =>
  conflict({
    en: `The upstream shows no result of it now (${detail}). Nothing was charged or decided. Try again later, keep the refund, or write it off.`,
    zh: `上游目前没有可用的结果(${detail})。未扣费,也未作决定。请稍后重试,或保留退款、核销。`,
  })
