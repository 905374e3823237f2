// Orders of an upstream that is out of order take another route of their model, as long as none was posted.
import type { PricedOrder } from '../../catalog/catalog.ts'
import type { Context, Upstream } from '../../context.ts'
import type { Tx } from '../../db/database.ts'
import type { Order } from '../../upstream/adapter.ts'
import { orderToPost } from '../first-frame/order.ts'
import { changeRoute, waitingSince } from './route-store.ts'
import type { Waiting } from './route-store.ts'
import { mayBePosted } from './store.ts'

/** One turn looks at this many orders of an upstream. */
const lookedAtMax = 200

/** No key of it may be used, or something else answers at its address. */
export const isOutOfOrder = ({ keys, recognition }: Upstream): boolean =>
  keys.isOutOfOrder() || recognition.isEstranged()

/** After each pause the next order tests it: that one does not take another route. */
const wantsTest = ({ keys, recognition }: Upstream, nowMs: number): boolean =>
  recognition.isEstranged() ? !recognition.isHeld(nowMs) : keys.wantsTest(nowMs)

/**
 * For a new order: the route that it takes now. Its values and its price stay as they are. Of an order with a
 * first frame, this is the route of the frame; its video takes another one once it is queued.
 */
export function usableRoute(ctx: Context, priced: PricedOrder): PricedOrder {
  const { firstFrame } = priced
  if (!firstFrame) return { ...priced, ...routeNow(ctx, priced) }
  return { ...priced, firstFrame: { ...firstFrame, ...routeNow(ctx, firstFrame) } }
}

type Routed = Pick<PricedOrder, 'modelId' | 'upstream' | 'order'>

/** Null: it stays on its route. */
function routeNow(ctx: Context, routed: Routed) {
  const upstream = ctx.upstreams.get(routed.upstream)
  if (!upstream || !isOutOfOrder(upstream) || wantsTest(upstream, ctx.clock.now())) return null
  return otherRouteOf(ctx, routed)
}

/** The upstream that a new order is posted to first. */
export const firstUpstream = ({ firstFrame, upstream }: PricedOrder): string =>
  firstFrame?.upstream ?? upstream

export function otherRouteOf(ctx: Context, { modelId, order }: Pick<PricedOrder, 'modelId' | 'order'>) {
  return ctx.catalog.current.otherRoute(modelId, order, (name) => {
    const upstream = ctx.upstreams.get(name)
    return upstream !== undefined && !isOutOfOrder(upstream)
  })
}

/** Where the next turn goes on, by upstream: orders without another route must not hide those behind them. */
type Cursors = Map<string, number>

/** Returns a turn, which returns how many orders took another route. */
export function createPassingOver(ctx: Context): () => Promise<number> {
  const cursors: Cursors = new Map()
  return async () => {
    let passed = 0
    for (const upstream of ctx.upstreams.values()) {
      if (isOutOfOrder(upstream)) passed += await passOver(ctx, upstream, cursors)
    }
    if (passed > 0) ctx.wake('submit')
    return passed
  }
}

async function passOver(ctx: Context, upstream: Upstream, cursors: Cursors): Promise<number> {
  const { name } = upstream
  // One that waits unpaused is about to be the test.
  const isKept = ({ notBefore }: Waiting) => notBefore === null && wantsTest(upstream, ctx.clock.now())
  const sinceMs = cursors.get(name) ?? 0
  const waiting = await waitingSince(ctx.db.read, { upstream: name, sinceMs, max: lookedAtMax })
  const last = waiting.at(-1)?.dueAt ?? 0
  const isWhole = waiting.length < lookedAtMax
  cursors.set(name, isWhole ? 0 : Math.max(last, sinceMs + 1))
  const moves = waiting.flatMap((request) => {
    if (isKept(request)) return []
    const other = otherRouteOf(ctx, { modelId: request.modelId, order: orderToPost(request) })
    // The first frame stays where it is stored.
    const { imageUrls } = request.order as unknown as Order
    return other ? [{ request, other: { ...other, order: { ...other.order, imageUrls } } }] : []
  })
  if (moves.length === 0) return 0
  const passed = await ctx.db.transaction(async (tx) => {
    const done: string[] = []
    for (const { request, other } of moves) if (await move(tx, request, other)) done.push(other.upstream)
    return done
  })
  for (const to of passed) ctx.metrics.ordersPassedOver.inc({ from: name, to })
  if (passed.length > 0) ctx.log.warn({ upstream: name, orders: passed.length }, passedOver)
  return passed.length
}

const passedOver = 'an upstream is out of order: orders that had not been posted take another route'

async function move(
  tx: Tx,
  { id }: Waiting,
  { upstream, order, costEach: cost }: Pick<PricedOrder, 'upstream' | 'order' | 'costEach'>,
): Promise<boolean> {
  if (await mayBePosted(tx, id)) return false
  return await changeRoute(tx, id, { upstream, order: { ...order }, operation: order.operation, cost })
}
