// Waits for the tasks of an order on the connection of its client.
import type { FastifyReply } from 'fastify'
import type { Context } from '../../../../context.ts'
import { GatewayError } from '../../../../errors.ts'
import type { Text } from '../../../../errors.ts'
import { findTask } from '../../../../tasks/read/find.ts'
import type { TaskColumns } from '../../../../tasks/read/view.ts'
import { hasEnded, statusOf } from '../../../../tasks/state.ts'
import type { Place } from '../../../../tasks/wait/wait.ts'
import type { Patience } from '../../../v1/wait.ts'
import { storeFailed } from '../../../wire/refusals.ts'
import type { PlacedOrder } from '../../orders/place.ts'

/** `stopped`: the gateway is stopping. `left`: the client is gone. */
export type WaitEnd = 'ended' | 'due' | 'stopped' | 'left'

export interface OrderWait {
  /** Resolves when these tasks have ended; at the latest at `dueAt`, by the monotonic clock. */
  until(taskIds: readonly string[], dueAt: number): Promise<WaitEnd>
}

/** From here on the request only waits: it no longer counts as load. */
export function waitForOrder(
  ctx: Context,
  { waiting, storeFailed: hasFailed, release }: Patience,
  { order: { accountId }, reply }: { readonly order: PlacedOrder; readonly reply: FastifyReply },
): OrderWait {
  let place: Place | null = null
  reply.raw.once('close', () => place?.leave())
  reply.waited = true
  release(reply.request)

  const waitFor = async (found: TaskColumns, dueAt: number): Promise<WaitEnd> => {
    let task = found
    place = takePlace(() => waiting.take(task, accountId))
    // The client may have left while its task was read.
    if (reply.raw.destroyed) place.leave()
    try {
      for (;;) {
        const why = await place.wait(statusOf(task), dueAt)
        if (why === 'left') return why
        if (hasFailed()) throw storeFailed()
        task = await findTask(ctx.db.read, accountId, task.id)
        if (hasEnded(task)) return 'ended'
        if (why !== 'changed') return why
      }
    } finally {
      place.leave()
    }
  }

  return {
    async until(taskIds, dueAt) {
      for (const id of taskIds) {
        const task = await findTask(ctx.db.read, accountId, id)
        const why = hasEnded(task) ? 'ended' : await waitFor(task, dueAt)
        if (why !== 'ended') return why
      }
      return reply.raw.destroyed ? 'left' : 'ended'
    },
  }
}

/** The order is paid for by now: the refusal must not say that nothing was charged. */
function takePlace(take: () => Place): Place {
  try {
    return take()
  } catch (error) {
    if (!(error instanceof GatewayError) || error.type !== 'rate_limited') throw error
    throw new GatewayError('rate_limited', paidAndNotWaiting, { retryAfterMs: error.retryAfterMs ?? 1_000 })
  }
}

const paidAndNotWaiting: Text = {
  en: 'Your order was placed and charged, and goes on; but too many requests are waiting for results at the moment. Send the same request again after Retry-After: it takes up this order and costs nothing more.',
  zh: '您的订单已创建并扣费,正在继续生成;但当前等待结果的请求过多。请在 Retry-After 之后重发相同的请求:它会接续该订单,不会再次扣费。',
}
