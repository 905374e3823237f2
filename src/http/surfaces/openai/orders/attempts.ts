// The requests that hold an order while they wait: which order a repeated request takes up instead of a new one.
import type { Context } from '../../../../context.ts'
import { markDelivered, markUndelivered, parkedOrder, parkedOrders } from '../../../../tasks/create/parked.ts'
import type { ParkedOrder, Parking } from '../../../../tasks/create/parked.ts'
import type { RefusedAttempts } from './refused-attempts.ts'

export interface Ask extends Parking {
  readonly accountId: string
  /** Orders anew under this id; its failure means that nothing was ordered. */
  readonly newRequestId: string
  /** Whose refused attempts these may be. */
  readonly client: string
}

/** One request with its order, until its connection has ended. */
export interface Attempt {
  readonly requestId: string
  /** The order is made anew. */
  readonly isNew: boolean
  readonly parking: Parking
  /** Call it when it is known whether the new order was stored; not for one that was claimed. */
  settle(isStored: boolean): void
  /** Call it when the connection has ended. `isDelivered`: its result was sent completely. */
  leave(isDelivered: boolean): void
}

export interface Attempts {
  /**
   * Decides which order a request is about. A client that tries again takes up, in this sequence:
   * 1. what nobody waits for any more, whether it says that it tries again or not;
   * 2. if it says so: what its attempt before seems to be waiting for still, or was sent a moment ago: a proxy
   *    may have lost it. Not if that attempt was refused: then it may never have ordered anything.
   * Equal requests that are under way at the same time are orders of their own.
   */
  enter(ask: Ask): Promise<Attempt>
}

interface Held {
  readonly requestId: string
  readonly retryCount: number
  /** Whether the order exists; false if it was refused. */
  readonly isStored: Promise<boolean>
  /** Its connection has ended: with its result, or without. */
  gone: 'answered' | 'unanswered' | null
  /** A later attempt has taken over its order. */
  isTakenOver: boolean
}

export function createAttempts(ctx: Context, refused: RefusedAttempts): Attempts {
  const byKey = new Map<string, Set<Held>>()
  const holds = new Map<string, number>()

  const hold = (requestId: string, by: 1 | -1): void => {
    const count = (holds.get(requestId) ?? 0) + by
    if (count === 0) holds.delete(requestId)
    else holds.set(requestId, count)
  }

  /** Null if another request has taken the order, or its answer has arrived meanwhile. */
  const holdParked = async ({ requestId, deliveredAt }: ParkedOrder): Promise<string | null> => {
    if (holds.has(requestId)) return null
    hold(requestId, 1)
    try {
      // Read again: an answer that was delivered meanwhile was recorded before its request let go.
      const now = await parkedOrder(ctx, requestId)
      if (now?.deliveredAt === deliveredAt) {
        if (deliveredAt !== null) await markUndelivered(ctx, requestId)
        return requestId
      }
    } catch (error) {
      hold(requestId, -1)
      throw error
    }
    hold(requestId, -1)
    return null
  }

  const takeOver = async (held: Held | undefined): Promise<string | null> => {
    if (!held) return null
    held.isTakenOver = true
    hold(held.requestId, 1)
    if (await held.isStored) return held.requestId
    hold(held.requestId, -1)
    return null
  }

  /** The claimed order, held already; null if there is none. */
  const claim = async ({ retryCount, client, ...ask }: Ask, key: string): Promise<string | null> => {
    const present = [...(byKey.get(key) ?? [])].filter(({ isTakenOver }) => !isTakenOver)
    const abandoned = await takeOver(present.find(({ gone }) => gone === 'unanswered'))
    if (abandoned) return abandoned
    const parked = await parkedOrders(ctx, ask)
    for (const order of parked.filter(({ deliveredAt }) => deliveredAt === null)) {
      const claimed = await holdParked(order)
      if (claimed) return claimed
    }
    if (retryCount === 0 || refused.take(client, retryCount - 1)) return null
    const isBefore = (one: Parking | ParkedOrder | Held): boolean => one.retryCount === retryCount - 1
    const waiting = await takeOver(
      present.find((held) => isBefore(held) && held.gone === null && !held.isTakenOver),
    )
    if (waiting) return waiting
    const answered = parked.find((order) => order.deliveredAt !== null && isBefore(order))
    return answered ? await holdParked(answered) : null
  }

  return {
    async enter(ask) {
      const key = `${ask.accountId} ${ask.fingerprint}`
      const claimed = await claim(ask, key)
      const requestId = claimed ?? ask.newRequestId
      if (claimed === null) hold(requestId, 1)
      const { promise: isStored, resolve: settle } = Promise.withResolvers<boolean>()
      if (claimed !== null) settle(true)
      const held: Held = { requestId, retryCount: ask.retryCount, isStored, gone: null, isTakenOver: false }
      const alike = byKey.get(key) ?? new Set()
      byKey.set(key, alike.add(held))
      const letGo = () => {
        hold(requestId, -1)
        alike.delete(held)
        if (alike.size === 0 && byKey.get(key) === alike) byKey.delete(key)
      }
      return {
        requestId,
        isNew: claimed === null,
        parking: { fingerprint: ask.fingerprint, retryCount: ask.retryCount },
        settle,
        leave(isDelivered) {
          held.gone = isDelivered ? 'answered' : 'unanswered'
          void leaveAfter(ctx, held, isDelivered).then(letGo)
        },
      }
    },
  }
}

/** Never throws. Until it resolves the order is held, so that nobody else claims what has been delivered. */
async function leaveAfter(ctx: Context, held: Held, isDelivered: boolean): Promise<void> {
  const { requestId, retryCount, isStored } = held
  try {
    // The row must exist before it can be marked, and before it can be found without this request.
    const stored = await isStored
    if (stored && isDelivered && !held.isTakenOver) await markDelivered(ctx, requestId, retryCount)
  } catch (error) {
    ctx.log.error({ req: requestId, err: error }, 'an answered order could not be marked as delivered')
  }
}
