// Handles a create: prices, stores and charges the order, only once for each Idempotency-Key.
import type { Caller } from '../../accounts/callers.ts'
import { catalogFor } from '../../accounts/offer.ts'
import type { PricedOrder } from '../../catalog/catalog.ts'
import type { Context } from '../../context.ts'
import { gather } from '../../db/gather.ts'
import { GatewayError } from '../../errors.ts'
import { expectWithinCaps } from '../../ledger/caps/caps.ts'
import { accountSuspended, expectToCharge } from '../../ledger/charge.ts'
import { inlineImages, uploadInlineImages, withoutInlineImages } from '../../media/uploads/inline.ts'
import { firstUpstream, usableRoute } from '../queue/pass-over.ts'
import type { RequestRow } from '../store.ts'
import { capsOf } from './caps.ts'
import { hashOfBody } from './body-hash.ts'
import { keysGoneBefore, orderOfKey } from './idempotency.ts'
import type { KeyUse } from './idempotency.ts'
import type { Parking } from './parked.ts'
import { agreedPrice } from './quote.ts'
import { standInLine } from './same-key.ts'
import { replay, storing } from './store-orders.ts'
import type { CreateResult, NewOrder } from './store-orders.ts'

export type { CreateResult } from './store-orders.ts'

type CallbackForm = NonNullable<RequestRow['callbackForm']>

export interface CreateRequest {
  readonly caller: Caller
  readonly body: unknown
  /** What a repetition is compared by, where it is not the body. */
  readonly comparedBody?: unknown
  /** Thrown unless an order with the same key was made before, which is then the answer. */
  readonly refusal?: GatewayError
  /** Null or left out: the webhook of the order is in our own form. */
  readonly callbackForm?: CallbackForm | null
  /** The id of the HTTP request is also the id of the order, so that support needs only one. */
  readonly requestId: string
  /** Null: a repeated request orders again. */
  readonly idempotencyKey: string | null
  /** The order is parked under it, in the same commit. */
  readonly parking?: Parking
}

/**
 * Resolves when the tasks and their charges are durably stored. Keevx is asked later, by a loop. Throws
 * invalid_request, unknown_model, insufficient_credits, credit_cap, too_many_tasks, account_suspended; then nothing
 * was stored, nothing charged, and the key is free. Throws idempotency_mismatch if the key was used with another
 * body. Throws CommitUnknown if it is unknown whether the order was stored.
 */
export async function createTasks(ctx: Context, request: CreateRequest): Promise<CreateResult> {
  const { idempotencyKey: key } = request
  if (key === null) return await orderNew(ctx, request, null)
  const place = standInLine(ctx.db, request.caller.accountId, key)
  try {
    const use = await keyUseOf(ctx, request, key)
    // Before any other check: the balance, limits, catalogue, account or tasks may have changed since.
    const earlier = await orderOfKey(ctx.db.read, use)
    if (earlier) return replay(earlier, use)
    try {
      return await orderNew(ctx, request, use)
    } catch (refusal) {
      await place.before
      return await replayTwin(ctx, use, refusal)
    }
  } finally {
    place.leave()
  }
}

async function orderNew(ctx: Context, request: CreateRequest, use: KeyUse | null): Promise<CreateResult> {
  const { caller, requestId } = request
  if (request.refusal) throw request.refusal
  if (caller.status === 'suspended') throw accountSuspended()
  const price = priceOf(ctx, request)
  // Not awaited if it is available at once: no twin may overtake the order, because twins queue behind it.
  const asked = price instanceof Promise ? await price : price
  const priced = usableRoute(ctx, asked)
  const createdAt = ctx.clock.now()
  const order: NewOrder = {
    requestId,
    callbackForm: request.callbackForm ?? null,
    accountId: caller.accountId,
    keyId: caller.keyId,
    plan: caller.plan,
    priced,
    tasksInFlightMax: ctx.config.limits.tasksInFlight,
    ...capsOf(ctx, caller),
    createdAt,
    parking: request.parking ?? null,
    use,
    lowBalance: ctx.config.lowBalance,
  }
  const result = await stored(ctx, order)
  if (!result.replayed) {
    const { taskIds, credits } = result.created
    ctx.metrics.tasksCreated.inc({ model: priced.modelId }, taskIds.length)
    ctx.metrics.creditsCharged.inc({ model: priced.modelId }, credits)
    const [from, to] = [firstUpstream(asked), firstUpstream(priced)]
    if (from !== to) ctx.metrics.ordersPassedOver.inc({ from, to })
    ctx.wake('submit')
  }
  return result
}

/** Throws what refuses the order; then nothing was stored. */
async function stored(ctx: Context, order: NewOrder): Promise<CreateResult> {
  try {
    const result = await gather(ctx.db, storing, order)
    if (result.leavesNothing) ctx.shortages.note(order.accountId, 'spent', order.createdAt)
    else ctx.shortages.forget(order.accountId)
    return result
  } catch (refusal) {
    if (refusal instanceof GatewayError && refusal.type === 'insufficient_credits') {
      ctx.shortages.note(order.accountId, 'refused', order.createdAt)
    }
    throw refusal
  }
}

/** Checks and prices the order, at the price of its quote if it names one. */
function priceOf(ctx: Context, { caller, body }: CreateRequest): PricedOrder | Promise<PricedOrder> {
  const isPlain = inlineImages(body).length === 0
  return isPlain ? readOrder(ctx, caller, body) : readWithImages(ctx, caller, body)
}

const readOrder = (ctx: Context, caller: Caller, body: unknown): PricedOrder | Promise<PricedOrder> =>
  agreedPrice(ctx, caller.accountId, catalogFor(ctx, caller).parseOrder(body))

/** Pictures in the body are uploaded only if everything else is valid and the account can pay. */
async function readWithImages(ctx: Context, caller: Caller, body: unknown): Promise<PricedOrder> {
  const {
    creditsTotal: total,
    order,
    upstream: upstreamName,
  } = usableRoute(ctx, await readOrder(ctx, caller, withoutInlineImages(body)))
  const tasksInFlightMax = ctx.config.limits.tasksInFlight
  const { accountId } = caller
  const wanted = { accountId, total, count: order.count, tasksInFlightMax }
  await expectWithinCaps(ctx.db.read, { ...wanted, ...capsOf(ctx, caller) })
  await expectToCharge(ctx.db.read, wanted)
  return await readOrder(ctx, caller, await uploadInlineImages(ctx, body, { accountId, upstreamName }))
}

async function keyUseOf(ctx: Context, request: CreateRequest, key: string): Promise<KeyUse> {
  const bodyHash = await hashOfBody(request.comparedBody ?? request.body)
  const { accountId } = request.caller
  return { accountId, key, bodyHash, nowMs: ctx.clock.now(), goneBefore: keysGoneBefore(ctx) }
}

/**
 * A twin may have been accepted before the reason for this refusal arose, and may still be on its way into
 * the store. "Nothing was charged" would then be wrong, so this checks again in a transaction behind it.
 */
async function replayTwin(ctx: Context, use: KeyUse, refusal: unknown): Promise<CreateResult> {
  if (!(refusal instanceof GatewayError)) throw refusal
  const twin = await ctx.db.transaction((tx) => orderOfKey(tx, use))
  if (!twin) throw refusal
  return replay(twin, use)
}
