// Which calls are the same order: derives the Idempotency-Key of a call that names none (docs/decisions/0042).
import type { FastifyReply } from 'fastify'
import type { Context } from '../../../context.ts'
import { idTime, randomText } from '../../../ids.ts'
import { keysBetween } from '../../../tasks/create/idempotency.ts'

/** An equal call after this is a new order, whatever became of the answer to the one before. */
const repeatedWithinMs = 10 * 60_000
/** Longer than a call waits: an order that is younger than that when the process starts had no answer yet. */
const answeredWithinMs = 2 * 60_000
/** A client that lost its connection may be back before we see that it is gone. */
const noticedWithinMs = 250
/** Equal orders of one account that are told apart; further ones are new orders. */
const equalMax = 100
const knownMax = 10_000

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

export interface Repeats {
  /** Runs `create` with the key of the order; equal calls run one after another. */
  once<Result>(call: OrderCall, create: (key: string) => Promise<Result>): Promise<Result>
  /** The client begins anew, and counts its messages anew. */
  begin(keyId: string): void
  /** The client does not wait any more for the answer to the message with this id. */
  giveUp(keyId: string, id: string): void
}

/** What this process knows of an order that it has made or answered. */
interface Known {
  readonly messages: Set<string>
  /** The calls whose answers have not been sent yet. */
  readonly waiting: Set<OrderCall>
  /** By the monotonic clock; null: no answer has reached its client. */
  answeredAt: number | null
}

export function createRepeats(ctx: Pick<Context, 'db' | 'clock'>): Repeats {
  const startedAt = ctx.clock.now()
  const known = new Map<string, Known>()
  const begun = new Map<string, number>()
  /** How many calls wait for an answer to equal orders. */
  const waiting = new Map<string, number>()
  const inTurn = createTurns()

  const isRepeat = (key: string, call: OrderCall): boolean => {
    const order = known.get(nameOf(call, key))
    const isSameMessage = messageOf(key) === call.message || (order?.messages.has(call.message) ?? false)
    const begunAt = begun.get(call.keyId) ?? -Infinity
    if (!order) {
      // Of an earlier process, which may have ended before it answered.
      const madeAt = timeOf(key)
      const wasLost = madeAt <= startedAt && madeAt > startedAt - answeredWithinMs
      return wasLost || (isSameMessage && begunAt === -Infinity)
    }
    if (order.waiting.size > 0) return isSameMessage
    return order.answeredAt === null || (isSameMessage && begunAt < order.answeredAt)
  }

  const keyOf = async (call: OrderCall): Promise<string> => {
    const { accountId, order, message } = call
    const nowMs = ctx.clock.now()
    const first = `mcp:${order}:${idTime(nowMs - repeatedWithinMs)}`
    const keys = await keysBetween(ctx.db.read, { accountId, first, end: `mcp:${order};`, limit: equalMax })
    const earlier = keys.find((key) => isRepeat(key, call))
    return earlier ?? `mcp:${order}:${idTime(nowMs)}:${message}:${randomText(8)}`
  }

  const follow = (call: OrderCall, key: string): void => {
    const name = nameOf(call, key)
    const order = known.get(name) ?? { messages: new Set(), waiting: new Set(), answeredAt: null }
    order.messages.add(call.message)
    order.waiting.add(call)
    add(waiting, laneOf(call), 1)
    keepNewest(known, name, order)
    const { raw } = call.reply
    raw.once('close', () => {
      // A call that was given up does not wait any more: its answer reached nobody.
      if (leave(order, call) && raw.writableFinished) order.answeredAt = ctx.clock.monotonic()
    })
    // The client may have disconnected meanwhile.
    if (raw.destroyed) leave(order, call)
  }

  const leave = (order: Known, call: OrderCall): boolean => {
    const isGone = order.waiting.delete(call)
    if (isGone) add(waiting, laneOf(call), -1)
    return isGone
  }

  return {
    async once(call, create) {
      const lane = laneOf(call)
      if (waiting.has(lane)) await ctx.clock.sleep(noticedWithinMs)
      return await inTurn(lane, async () => {
        const key = await keyOf(call)
        follow(call, key)
        return await create(key)
      })
    },
    begin(keyId) {
      keepNewest(begun, keyId, ctx.clock.monotonic())
    },
    giveUp(keyId, id) {
      for (const order of known.values())
        for (const call of order.waiting) if (call.keyId === keyId && call.id === id) leave(order, call)
    },
  }
}

/** Calls of one lane order the same. */
const laneOf = ({ accountId, order }: OrderCall): string => `${accountId} ${order}`

const nameOf = ({ accountId }: OrderCall, key: string): string => `${accountId} ${key}`

const timeOf = (key: string): number => Number.parseInt(key.split(':')[2] ?? '', 36)
const messageOf = (key: string): string => key.split(':')[3] ?? ''

function add(counts: Map<string, number>, name: string, change: 1 | -1): void {
  const count = (counts.get(name) ?? 0) + change
  if (count === 0) counts.delete(name)
  else counts.set(name, count)
}

/** Adds it as the newest; the oldest is dropped when there are too many. */
function keepNewest<Value>(map: Map<string, Value>, name: string, value: Value): void {
  map.delete(name)
  map.set(name, value)
  const [oldest] = map.keys()
  if (map.size > knownMax && oldest !== undefined) map.delete(oldest)
}

/** Runs works of the same name one after another. */
function createTurns(): <Result>(name: string, work: () => Promise<Result>) => Promise<Result> {
  const lasts = new Map<string, Promise<unknown>>()
  return async (name, work) => {
    const turn = (lasts.get(name) ?? Promise.resolve()).then(work, work)
    lasts.set(name, turn)
    try {
      return await turn
    } finally {
      if (lasts.get(name) === turn) lasts.delete(name)
    }
  }
}
