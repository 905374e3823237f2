// Which calls wait for their answers, and which answers have reached their clients, as far as this process knows.
import type { FastifyReply } from 'fastify'
import type { Clock } from '../../../clock.ts'

export interface OrderCall {
  readonly accountId: string
  readonly keyId: string
  /** The hash of what is ordered. */
  readonly order: string
  /** The hash of the message as the client sent it, with its id. */
  readonly message: string
  /** The id of the message, as text. */
  readonly id: string
  readonly reply: Pick<FastifyReply, 'raw'>
}

/** One order, and the calls that were answered with it. */
export interface Answered {
  readonly messages: ReadonlySet<string>
  readonly isAwaited: boolean
  /** By the monotonic clock; null: no answer has reached its client. */
  readonly answeredAt: number | null
}

export interface Answers {
  /** Null: nothing is known of it, as of an order of an earlier process. */
  of(call: OrderCall, key: string): Answered | null
  /** Whether a call waits that orders the same. */
  areAwaited(call: OrderCall): boolean
  /** This call is answered with the order of this key. */
  follow(call: OrderCall, key: string): void
  /** The client does not wait any more for the answer to the message with this id. */
  giveUp(keyId: string, id: string): void
}

const knownMax = 10_000

class Order implements Answered {
  readonly messages = new Set<string>()
  readonly waiting = new Set<OrderCall>()
  answeredAt: number | null = null

  get isAwaited(): boolean {
    return this.waiting.size > 0
  }
}

export function createAnswers(clock: Clock): Answers {
  const orders = new Map<string, Order>()
  const awaited = new Map<string, number>()

  const leave = (order: Order, call: OrderCall): boolean => {
    const isGone = order.waiting.delete(call)
    if (isGone) count(awaited, laneOf(call), -1)
    return isGone
  }

  return {
    of: (call, key) => orders.get(nameOf(call, key)) ?? null,
    areAwaited: (call) => awaited.has(laneOf(call)),
    follow(call, key) {
      const name = nameOf(call, key)
      const order = orders.get(name) ?? new Order()
      order.messages.add(call.message)
      order.waiting.add(call)
      count(awaited, laneOf(call), 1)
      keepNewest(orders, name, order)
      const { raw } = call.reply
      raw.once('close', () => {
        // A call that was given up does not wait any more: its answer reached nobody.
        if (leave(order, call) && raw.writableFinished) order.answeredAt = clock.monotonic()
      })
      // The client may have disconnected meanwhile.
      if (raw.destroyed) leave(order, call)
    },
    giveUp(keyId, id) {
      for (const order of orders.values())
        for (const call of order.waiting) if (call.keyId === keyId && call.id === id) leave(order, call)
    },
  }
}

/** Calls of one lane order the same. */
export const laneOf = ({ accountId, order }: OrderCall): string => `${accountId} ${order}`

const nameOf = ({ accountId }: OrderCall, key: string): string => `${accountId} ${key}`

function count(counts: Map<string, number>, name: string, change: 1 | -1): void {
  const now = (counts.get(name) ?? 0) + change
  if (now === 0) counts.delete(name)
  else counts.set(name, now)
}

/** Adds it as the newest; the oldest is dropped when there are too many. */
export function keepNewest<Value>(map: Map<string, Value>, name: string, value: Value): void {
  map.delete(name)
  map.set(name, value)
  const [oldest] = map.keys()
  if (map.size > knownMax && oldest !== undefined) map.delete(oldest)
}
