// One create, from top to bottom: price, store, charge; and the Idempotency-Key, under which it is done once.
import type { Caller } from '../../accounts/keys.ts'
import type { PricedOrder } from '../../catalog/catalog.ts'
import type { Context } from '../../context.ts'
import type { Tx } from '../../db/database.ts'
import { GatewayError } from '../../errors.ts'
import { newId } from '../../ids.ts'
import { accountSuspended, charge, expectToCharge } from '../../ledger/charge.ts'
import { inlineImages, uploadInlineImages, withoutInlineImages } from '../../media/uploads/inline.ts'
import { insertRequest, insertTask } from '../store.ts'
import { hashOfBody } from './body-hash.ts'
import type { Created } from './created.ts'
import { keysGoneBefore, mismatch, orderOfKey, takeKey } from './idempotency.ts'
import type { Earlier, KeyUse } from './idempotency.ts'
import { agreedPrice } from './quote.ts'

export interface CreateRequest {
  readonly caller: Caller
  readonly body: unknown
  /** Of the HTTP request that brings the order: one name for both, for whoever asks for help. */
  readonly requestId: string
  /** Null: asking again orders again. */
  readonly idempotencyKey: string | null
}

export interface CreateResult {
  readonly created: Created
  /** An earlier request with the same key had ordered; this one ordered and charged nothing. */
  readonly replayed: boolean
}

/**
 * Resolves when the tasks and their charges are durably stored. Keevx is asked later, by a loop.
 * Throws invalid_request, unknown_model, insufficient_credits, too_many_tasks, account_suspended; then nothing was
 * stored, nothing charged, and the key is free. Throws idempotency_mismatch where the key stands for another body.
 * Throws CommitUnknown where nobody can say whether it was kept.
 */
export async function createTasks(ctx: Context, request: CreateRequest): Promise<CreateResult> {
  const { idempotencyKey: key } = request
  if (key === null) return await orderNew(ctx, request, null)
  const use = await keyUseOf(ctx, request, key)
  // Whatever has become since of the balance, the limits, the catalogue, the account and the tasks.
  const earlier = await orderOfKey(ctx.db.read, use)
  if (earlier) return replay(earlier, use)
  try {
    return await orderNew(ctx, request, use)
  } catch (refusal) {
    return await replayTwin(ctx, use, refusal)
  }
}

async function orderNew(ctx: Context, request: CreateRequest, use: KeyUse | null): Promise<CreateResult> {
  const { caller, requestId } = request
  if (caller.status === 'suspended') throw accountSuspended()
  const price = priceOf(ctx, request)
  // Not awaited where it is there at once: an order must not be overtaken, for its twins look who is in line.
  const priced = price instanceof Promise ? await price : price
  const order: NewOrder = {
    requestId,
    accountId: caller.accountId,
    keyId: caller.keyId,
    priced,
    tasksInFlightMax: ctx.config.limits.tasksInFlight,
    createdAt: ctx.clock.now(),
  }
  const result = await ctx.db.transaction((tx) => storeOnce(tx, order, use))
  if (!result.replayed) {
    const { taskIds, credits } = result.created
    ctx.metrics.tasksCreated.inc({ model: priced.modelId }, taskIds.length)
    ctx.metrics.creditsCharged.inc({ model: priced.modelId }, credits)
    ctx.wake('submit')
  }
  return result
}

/** Checked and priced, at the price of the quote that it names. */
function priceOf(ctx: Context, { caller, body }: CreateRequest): PricedOrder | Promise<PricedOrder> {
  const { accountId } = caller
  const isPlain = inlineImages(body).length === 0
  return isPlain ? readOrder(ctx, accountId, body) : readWithImages(ctx, accountId, body)
}

const readOrder = (ctx: Context, accountId: string, body: unknown): PricedOrder | Promise<PricedOrder> =>
  agreedPrice(ctx, accountId, ctx.catalog.current.parseOrder(body))

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

interface NewOrder {
  readonly requestId: string
  readonly accountId: string
  readonly keyId: string
  readonly priced: PricedOrder
  /** Of accounts that have no limit of their own; null: none. */
  readonly tasksInFlightMax: number | null
  readonly createdAt: number
}

/** The key, request, tasks and charges, in one transaction; or what the twin made of them who was first. */
async function storeOnce(tx: Tx, order: NewOrder, use: KeyUse | null): Promise<CreateResult> {
  const twin = use && (await orderOfKey(tx, use))
  if (twin) return replay(twin, use)
  const created = await storeOrder(tx, order)
  if (use) await takeKey(tx, use, order.requestId)
  return { created, replayed: false }
}

async function storeOrder(tx: Tx, order: NewOrder): Promise<Created> {
  const { requestId, accountId, priced, tasksInFlightMax, createdAt } = order
  const { modelId, taskType, upstream, creditsEach, callbackUrl } = priced
  const { operation, count } = priced.order
  const common = { accountId, modelId, taskType, upstream, createdAt }
  await insertRequest(tx, {
    ...common,
    id: requestId,
    keyId: order.keyId,
    order: { ...priced.order },
    callbackUrl,
  })
  const tasks = Array.from({ length: count }, () => ({ id: newId('task', createdAt), credits: creditsEach }))
  for (const task of tasks) await insertTask(tx, { ...common, ...task, requestId, operation })
  await charge(tx, { accountId, tasks, tasksInFlightMax, nowMs: createdAt })
  return { requestId, taskIds: tasks.map((task) => task.id), credits: priced.creditsTotal }
}

async function keyUseOf(ctx: Context, { caller, body }: CreateRequest, key: string): Promise<KeyUse> {
  const bodyHash = await hashOfBody(body)
  const { accountId } = caller
  return { accountId, key, bodyHash, nowMs: ctx.clock.now(), goneBefore: keysGoneBefore(ctx) }
}

function replay({ bodyHash, ...created }: Earlier, use: KeyUse): CreateResult {
  if (bodyHash !== use.bodyHash) throw mismatch()
  return { created, replayed: true }
}

/**
 * A twin may have been let in before whatever this one is refused for came about, and be on its way into the store
 * still. "Nothing was charged" would then be wrong: so in line behind it, we look again.
 */
async function replayTwin(ctx: Context, use: KeyUse, refusal: unknown): Promise<CreateResult> {
  if (!(refusal instanceof GatewayError)) throw refusal
  const twin = await ctx.db.transaction((tx) => orderOfKey(tx, use))
  if (!twin) throw refusal
  return replay(twin, use)
}
