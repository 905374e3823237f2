// Waits for an order as a whole: until its last task has ended, or the time is over.
import type { FastifyReply } from 'fastify'
import type { Context } from '../../context.ts'
import { findOrder } from '../../tasks/read/orders.ts'
import type { WholeOrder } from '../../tasks/read/orders.ts'
import { waitForEnd } from '../v1/wait.ts'
import type { Patience } from '../v1/wait.ts'

export interface WaitForOrder {
  /** As it was found. */
  readonly order: WholeOrder
  readonly waitSeconds: number
  readonly reply: FastifyReply
}

/**
 * The order as it is then. It is paid for: where waiting is not possible, as when too many wait, it is returned as it
 * was found, for a refusal would have its client order again.
 */
export async function waitForOrder(
  ctx: Context,
  patience: Patience,
  { order, waitSeconds, reply }: WaitForOrder,
): Promise<WholeOrder> {
  const dueAt = ctx.clock.monotonic() + waitSeconds * 1_000
  try {
    for (const task of order.tasks) {
      const leftMs = dueAt - ctx.clock.monotonic()
      if (leftMs > 0) await waitForEnd(ctx, patience, { task, waitSeconds: leftMs / 1_000, reply })
    }
    return await findOrder(ctx.db.read, order.request.accountId, order.request.id)
  } catch (error) {
    reply.request.log.warn({ req: reply.request.id, err: error }, 'an order is answered without waiting')
    return order
  }
}
