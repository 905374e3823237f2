// The log of deliveries for their account, resending, and the deletion of old deliveries.
import type { Placeholder, SQL } from 'drizzle-orm'
import { and, asc, desc, eq, isNotNull, isNull, lt, lte, sql } from '../db/drizzle.ts'
import type { Context } from '../context.ts'
import type { Connection, Tx } from '../db/database.ts'
import { statement } from '../db/statement.ts'
import type { deliveryStates } from '../db/tables.ts'
import { GatewayError } from '../errors.ts'
import { bodyWith } from './events/body.ts'
import type { EventType } from './events/types.ts'
import { isOver } from './events/interim.ts'
import { accountLane } from './queue/fair-queue.ts'
import { laneFor } from './outbox.ts'
import { endpointOf } from './store.ts'
import type { DeliveryRow } from './store.ts'

export type Delivery = Omit<DeliveryRow, 'body'>
export type DeliveryState = (typeof deliveryStates)[number]

export interface DeliveryFilter {
  readonly accountId: string
  readonly state: DeliveryState | null
  /** Only of this task. Left out: of all, and of the account itself. */
  readonly taskId?: string
  /** The last id of the previous page. */
  readonly before: string | null
  readonly limit: number
}

/** Newest first. Deliveries that wait for the account's URL are shown with the present one. */
export async function listDeliveries(read: Connection, filter: DeliveryFilter): Promise<Delivery[]> {
  const { webhookDeliveries: deliveries } = read.tables
  const rows = await read
    .select()
    .from(deliveries)
    .where(
      and(
        eq(deliveries.accountId, filter.accountId),
        filter.before === null ? undefined : lt(deliveries.id, filter.before),
        filter.state === null ? undefined : eq(deliveries.state, filter.state),
        filter.taskId === undefined ? undefined : eq(deliveries.taskId, filter.taskId),
      ),
    )
    .orderBy(desc(deliveries.id))
    .limit(filter.limit)
  const [endpoint] = await endpointOf(read, { accountId: filter.accountId })
  if (!endpoint) return rows
  const follows = (row: Delivery) => row.dueAt !== null && row.receiver === accountLane && !row.claimed
  return rows.map((row) => (follows(row) ? { ...row, url: endpoint.url } : row))
}

export interface Resend {
  readonly id: string
  /** The task as its owner reads it now: its result may have been stored since, or removed. */
  dataOf(tx: Tx, taskId: string): Promise<unknown>
}

/**
 * Makes a delivery due now, under its id, whatever its outcome was; one to the account's URL goes to the
 * present one. Throws not_found, also for one of another account; invalid_request if there is no URL to send
 * it to, or if the event is interim and the task has ended since.
 */
export async function resend(ctx: Context, accountId: string, { id, dataOf }: Resend): Promise<Delivery> {
  const nowMs = ctx.clock.now()
  const delivery = await ctx.db.transaction(async (tx) => {
    const { webhookDeliveries: deliveries } = tx.tables
    const own = and(eq(deliveries.id, id), eq(deliveries.accountId, accountId))
    const [found] = await tx.select().from(deliveries).where(own)
    if (!found) throw noSuchDelivery()
    if (await isOver(tx, found)) throw over(found.type)
    const url = found.source === 'request' ? found.url : await currentUrl(tx, accountId)
    // An event of the account is sent as it was.
    const { taskId } = found
    const body = taskId === null ? found.body : bodyWith(found.body, await dataOf(tx, taskId))
    const again = { state: 'pending', dueAt: nowMs, claimed: false, retriesMade: 0 } as const
    const [due] = await tx
      .update(deliveries)
      .set({ ...again, url, receiver: laneFor(found.source, url), body })
      .where(own)
      .returning()
    return due ?? found
  })
  ctx.wake('deliver')
  return delivery
}

async function currentUrl(tx: Tx, accountId: string): Promise<string> {
  const [endpoint] = await endpointOf(tx, { accountId })
  if (endpoint?.disabledAt !== null) throw nowhere()
  return endpoint.url
}

/** How many deliveries are being sent or wait for their next try. Triggers count them. */
export async function pendingDeliveries(read: Connection): Promise<number> {
  const { webhookBacklog } = read.tables
  const [row] = await read.select({ pending: webhookBacklog.pending }).from(webhookBacklog).limit(1)
  return row?.pending ?? 0
}

/** For how many milliseconds the longest overdue delivery has been due; 0 if none is due. */
export async function oldestDueMs(read: Connection, nowMs: number): Promise<number> {
  const [oldest] = await firstDue(read, { nowMs })
  return oldest ? nowMs - oldest.dueAt : 0
}

const firstDue = statement<{ dueAt: number }>('webhook_first_due', (read) => {
  const { webhookDeliveries: deliveries } = read.tables
  return read
    .select({ dueAt: deliveries.dueAt })
    .from(deliveries)
    .where(and(isNotNull(deliveries.dueAt), lte(deliveries.dueAt, sql.placeholder('nowMs'))))
    .orderBy(asc(deliveries.dueAt))
    .limit(1)
})

/**
 * Deletes up to `max` ended deliveries that are older than `retention.deliveries`. Pending ones stay. Returns
 * how many were found.
 */
export async function forgetDeliveries(ctx: Context, max: number): Promise<number> {
  const { deliveriesMs: keptMs } = ctx.config.retention
  if (keptMs === null || !ctx.time.mayEnd(keptMs)) return 0
  const { webhookDeliveries: deliveries } = ctx.db.read.tables
  const before = ctx.clock.now() - keptMs
  const ended = endedIn(ctx.db.read, before)
  const rows = await endedBefore(ctx.db.read, { before, limit: max })
  if (rows.length === 0) return 0
  const forget = async (tx: Tx) => {
    for (const { id } of rows) await tx.delete(deliveries).where(and(eq(deliveries.id, id), ended))
  }
  await ctx.db.transaction(forget, { mayDelay: true })
  return rows.length
}

/** By an index of ended deliveries, so that no recent or pending ones are read. */
const endedBefore = statement<{ id: string }>('deliveries_ended_before', (read) => {
  const { webhookDeliveries: deliveries } = read.tables
  return read
    .select({ id: deliveries.id })
    .from(deliveries)
    .where(endedIn(read, sql.placeholder('before')))
    .orderBy(asc(deliveries.createdAt))
    .limit(sql.placeholder('limit'))
})

function endedIn({ tables }: Connection, before: number | Placeholder): SQL | undefined {
  const { webhookDeliveries: deliveries } = tables
  return and(isNull(deliveries.dueAt), lt(deliveries.createdAt, before))
}

/** Deletes all deliveries of archived tasks; the caller has made sure that none is pending. */
export async function forgetDeliveriesOf(tx: Tx, taskIds: readonly string[]): Promise<void> {
  for (const taskId of taskIds) await deliveryOfTaskDelete(tx, { taskId })
}

const deliveryOfTaskDelete = statement('delivery_of_task_delete', (tx) => {
  const { webhookDeliveries: deliveries } = tx.tables
  return tx
    .delete(deliveries)
    .where(and(eq(deliveries.taskId, sql.placeholder('taskId')), isNull(deliveries.dueAt)))
})

const noSuchDelivery = () =>
  new GatewayError(
    'not_found',
    {
      en: 'There is no delivery with this id among those of your account.',
      zh: '您的账户下没有这个 id 的投递记录。',
    },
    { field: 'id' },
  )

const over = (type: EventType) =>
  new GatewayError(
    'invalid_request',
    {
      en: `The task has ended, and ${type} is not sent any more. Nothing was sent. Resend the event of its end, or query the task.`,
      zh: `该任务已结束,不再发送 ${type}。未发送任何内容。请重发其结束事件,或查询该任务。`,
    },
    { field: 'id' },
  )

const nowhere = () =>
  new GatewayError(
    'invalid_request',
    {
      en: "This delivery goes to your account's URL, and there is none, or it is switched off. Nothing was sent. Set it with PUT /api/v1/webhooks first.",
      zh: '该投递使用您账户的回调地址,但当前未设置或已停用。未发送任何内容。请先通过 PUT /api/v1/webhooks 设置。',
    },
    { field: 'id' },
  )
