// First frames wait while no upstream could take the videos of them: an image that leads to nothing is paid for all the same.
import type { Scope, Upstream } from '../../context.ts'
import { isOutOfOrder, otherRouteOf } from '../queue/pass-over.ts'
import { queueOf } from '../queue/store.ts'
import { requestById } from '../store.ts'
import type { RequestRow } from '../store.ts'
import { orderToPost } from './order.ts'

/** A held frame is looked at again after this. */
const againMs = 30_000

/** Stands for the frame in the question which routes could take it. */
const anyFrame = 'https://first-frame.invalid/'

/** Until when a request that may be posted is held; null: it is no first frame, or its order can go on. */
export async function heldUntil(
  { ctx, tx, nowMs }: Scope,
  upstream: Upstream,
  { firstFrameOf }: Pick<RequestRow, 'firstFrameOf'>,
): Promise<number | null> {
  // Out of order itself, its upstream takes one order at a time, to find out: frames of two may wait for each other.
  if (firstFrameOf === null || isOutOfOrder(upstream)) return null
  const [order] = await requestById(tx, { id: firstFrameOf })
  const next = ctx.upstreams.get(order?.upstream ?? '')
  if (!order || !next || !isOutOfOrder(next)) return null
  const asked = orderToPost({ order: order.order, firstFrameUrl: anyFrame })
  if (otherRouteOf(ctx, { modelId: order.modelId, order: asked })) return null
  // Those that are queued there find out when it works again; without any, this one is made, and does.
  const [queue] = await queueOf(tx, { upstream: order.upstream })
  return (queue?.waiting ?? 0) > 0 ? nowMs + againMs : null
}
