// Gives credits of an ended task back by hand, up to what it cost net of what came back already.
import { and, eq, sql } from '../../db/drizzle.ts'
import type { Context, InCommit } from '../../context.ts'
import type { Tx } from '../../db/database.ts'
import { conflictsNow, GatewayError } from '../../errors.ts'
import { giveBack, givenBackBefore, netCostOf } from '../../ledger/refund.ts'
import type { NetCost } from '../../ledger/refund.ts'
import { whyNotCharged, taskOf } from './found.ts'
import type { TaskRow } from '../store.ts'
import { hasEnded } from '../state.ts'

export interface RefundByHand {
  readonly taskId: string
  /** Null: all that it still cost. */
  readonly credits: number | null
  /** For the operator alone. */
  readonly reason: string
  /** The same key gives back once, however often it is sent. Left out: each call gives back. */
  readonly idempotencyKey?: string | null
}

export interface RefundedByHand {
  readonly refunded: number
  readonly balance: number
  /** All that was given back for the task, this included. */
  readonly refundedInAll: number
  /** The key had given the same back before; nothing was given again. */
  readonly replayed: boolean
}

/**
 * Also of an archived task: its entries say what it cost. Never of one that has not ended, so that no refund by
 * itself can come behind it. Throws not_found, invalid_request where there is
 * nothing, or not so much, to give, and idempotency_mismatch for a key that stands for something else.
 */
export async function refundByHand(
  ctx: Context,
  asked: RefundByHand,
  inCommit?: InCommit<RefundedByHand>,
): Promise<RefundedByHand> {
  const { taskId, reason, idempotencyKey = null } = asked
  const nowMs = ctx.clock.now()
  const { done, model } = await ctx.db.transaction(async (tx) => {
    // Locks the account: what is read from here on is what the entry is written upon.
    const cost = await netCostOf(tx, taskId)
    if (!cost) throw await whyNotCharged(tx, taskId)
    const before = await givenBackBefore(tx, { ...asked, accountId: cost.accountId, idempotencyKey })
    if (before) return { done: answerAgain(before, cost), model: undefined }
    const task = await taskOf(tx, taskId)
    if (task && !hasEnded(task)) throw notEnded()
    const credits = amountOf(asked, cost)
    if (task) await showReturned(tx, task, credits)
    const paid = await giveBack(tx, { ...cost, taskId, credits, reason, nowMs, idempotencyKey })
    const refundedInAll = cost.price - cost.net + credits
    const made = { refunded: credits, balance: paid.balance, refundedInAll, replayed: false }
    await inCommit?.({ tx, nowMs }, made)
    return { done: made, model: task?.modelId }
  })
  if (model !== undefined) ctx.metrics.creditsRefunded.inc({ model }, done.refunded)
  return done
}

const answerAgain = (
  { credits, balance }: { readonly credits: number; readonly balance: number },
  { price, net }: NetCost,
): RefundedByHand => ({ refunded: credits, balance, refundedInAll: price - net, replayed: true })

function amountOf({ credits }: RefundByHand, { net }: NetCost): number {
  if (net === 0) throw nothingLeft()
  if (credits !== null && credits > net) throw lessLeft(net)
  return credits ?? net
}

/** The condition decides once more: what a task shows grows up to its price, and of one that succeeded alone. */
async function showReturned(tx: Tx, { id }: TaskRow, credits: number): Promise<void> {
  const { tasks } = tx.tables
  const returned = sql`coalesce(${tasks.creditsReturned}, 0) + ${credits}`
  const shown = await tx
    .update(tasks)
    .set({ creditsReturned: returned })
    .where(and(eq(tasks.id, id), eq(tasks.state, 'succeeded'), sql`${returned} <= ${tasks.credits}`))
    .returning({ id: tasks.id })
  if (shown.length === 0) throw new Error(`task ${id} changed while it was refunded by hand`)
}

const notEnded = () =>
  new GatewayError(
    'invalid_request',
    {
      en: 'The task has not ended. Nothing was given back: if it fails, all its credits come back by themselves. Wait for its end.',
      zh: '该任务尚未结束,未退还任何积分:若任务失败,积分会自动全额退还。请等待其结束。',
    },
    { field: 'task_id', detail: conflictsNow },
  )

const nothingLeft = () =>
  new GatewayError(
    'invalid_request',
    {
      en: 'Everything that the task cost was given back before. Nothing was changed.',
      zh: '该任务的全部费用此前已退还。未作任何改动。',
    },
    { field: 'task_id', detail: conflictsNow },
  )

const lessLeft = (net: number) =>
  new GatewayError(
    'invalid_request',
    {
      en: `credits: the task cost ${net} credits, net of what came back already, and no more can be given back. Nothing was changed.`,
      zh: `credits:扣除已退还部分后,该任务的费用为 ${net} 积分,不能退还更多。未作任何改动。`,
    },
    { field: 'credits', detail: conflictsNow },
  )
