// A client's order: read, priced, and then stored and charged in one transaction. Keevx is asked later, by a loop.
import type { Caller } from '../../accounts/keys.ts'
import type { PricedOrder } from '../../catalog/catalog.ts'
import type { Context } from '../../context.ts'
import type { Tx } from '../../db/database.ts'
import { newId } from '../../ids.ts'
import { accountSuspended, charge, expectToCharge } from '../../ledger/charge.ts'
import { inlineImages, uploadInlineImages, withoutInlineImages } from '../../media/uploads/inline.ts'
import { agreedPrice } from './quote.ts'
import { insertRequest, insertTask } from '../store.ts'

export interface Created {
  readonly requestId: string
  /** One for each output, in order. */
  readonly taskIds: readonly string[]
  /** Credits, for all outputs together. */
  readonly credits: number
}

/** Stores an order, unless it finds what an earlier request has made of it. */
type Once<Found> = (order: NewOrder) => Promise<Created | Found>

/**
 * `requestId` is the id of the HTTP request that brought the order: one name for both, for whoever asks for help.
 * Resolves when the tasks and their charges are durably stored.
 * Throws invalid_request, unknown_model, insufficient_credits, too_many_tasks, account_suspended;
 * then nothing was stored and nothing charged. Throws CommitUnknown when nobody can say.
 */
export async function createTasks<Found extends Created = never>(
  ctx: Context,
  caller: Caller,
  body: unknown,
  requestId: string,
  once: Once<Found> | null = null,
): Promise<Created | Found> {
  if (caller.status === 'suspended') throw accountSuspended()
  const { accountId, keyId } = caller
  const isPlain = inlineImages(body).length === 0
  const reading = isPlain ? readOrder(ctx, accountId, body) : readWithImages(ctx, accountId, body)
  const priced = reading instanceof Promise ? await reading : reading
  const tasksInFlightMax = ctx.config.limits.tasksInFlight
  const createdAt = ctx.clock.now()
  const order = { requestId, accountId, keyId, priced, tasksInFlightMax, createdAt }
  const created = await (once ? once(order) : ctx.db.transaction((tx) => storeOrder(tx, order)))
  if (created.requestId !== requestId) return created
  ctx.metrics.tasksCreated.inc({ model: priced.modelId }, created.taskIds.length)
  ctx.metrics.creditsCharged.inc({ model: priced.modelId }, created.credits)
  ctx.wake('submit')
  return created
}

/** Checked and priced, at the price of the quote that it names. */
function readOrder(ctx: Context, accountId: string, body: unknown): PricedOrder | Promise<PricedOrder> {
  return agreedPrice(ctx, accountId, ctx.catalog.current.parseOrder(body))
}

/** Pictures in the body are uploaded once everything else about it is right, and it can be paid for. */
async function readWithImages(ctx: Context, accountId: string, body: unknown): Promise<PricedOrder> {
  const {
    creditsTotal: total,
    order,
    upstream: upstreamName,
  } = await readOrder(ctx, accountId, withoutInlineImages(body))
  const tasksInFlightMax = ctx.config.limits.tasksInFlight
  await expectToCharge(ctx.db.read, { accountId, total, count: order.count, tasksInFlightMax })
  return await readOrder(ctx, accountId, await uploadInlineImages(ctx, body, { accountId, upstreamName }))
}

export interface NewOrder {
  readonly requestId: string
  readonly accountId: string
  readonly keyId: string
  readonly priced: PricedOrder
  /** Of accounts that have no limit of their own; null: none. */
  readonly tasksInFlightMax: number | null
  readonly createdAt: number
}

/** Request, tasks and charges; joins the caller's transaction. */
export async function storeOrder(tx: Tx, order: NewOrder): Promise<Created> {
  const { requestId, accountId, priced, tasksInFlightMax, createdAt } = order
  const { modelId, taskType, upstream, creditsEach, callbackUrl } = priced
  const { operation, count } = priced.order
  await insertRequest(tx, {
    id: requestId,
    accountId,
    keyId: order.keyId,
    modelId,
    taskType,
    upstream,
    order: { ...priced.order },
    callbackUrl,
    createdAt,
  })
  const tasks = Array.from({ length: count }, () => ({ id: newId('task', createdAt), credits: creditsEach }))
  for (const { id, credits } of tasks) {
    await insertTask(tx, {
      id,
      credits,
      requestId,
      accountId,
      modelId,
      taskType,
      upstream,
      operation,
      createdAt,
    })
  }
  await charge(tx, { accountId, tasks, tasksInFlightMax, nowMs: createdAt })
  return { requestId, taskIds: tasks.map((task) => task.id), credits: priced.creditsTotal }
}
