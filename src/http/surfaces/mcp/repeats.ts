// Which calls are the same order: derives the Idempotency-Key of a call that names none (docs/decisions/0042).
import type { Context } from '../../../context.ts'
import { idTime, randomText } from '../../../ids.ts'
import { keysBetween } from '../../../tasks/create/idempotency.ts'
import { createAnswers, keepNewest, laneOf } from './answers.ts'
import type { Answers, OrderCall } from './answers.ts'

/** An equal call after this is a new order, whatever became of the answer to the one before. */
const repeatedWithinMs = 10 * 60_000
/** Longer than a call waits: an order that is younger than that when the process starts had no answer yet. */
const answeredWithinMs = 2 * 60_000
/** A client that lost its connection may be back before we see that it is gone. */
const noticedWithinMs = 250
/** Equal orders of one account that are told apart; further ones are new orders. */
const equalMax = 100

export interface Repeats extends Pick<Answers, 'giveUp'> {
  /** Runs `create` with the key of the order; equal calls run one after another. */
  once<Result>(call: OrderCall, create: (key: string) => Promise<Result>): Promise<Result>
  /** The client begins anew, and counts its messages anew. */
  begin(keyId: string): void
}

export function createRepeats(ctx: Pick<Context, 'db' | 'clock'>): Repeats {
  const { db, clock } = ctx
  const startedAt = clock.now()
  const answers = createAnswers(clock)
  const begun = new Map<string, number>()
  const inTurn = createTurns()

  const isRepeat = (key: string, call: OrderCall): boolean => {
    const known = answers.of(call, key)
    const { madeAt, message } = partsOf(key)
    const isSameMessage = message === call.message || (known?.messages.has(call.message) ?? false)
    const begunAt = begun.get(call.keyId) ?? -Infinity
    if (!known) {
      // Of an earlier process, which may have ended before it answered.
      const wasLost = madeAt <= startedAt && madeAt > startedAt - answeredWithinMs
      return wasLost || (isSameMessage && begunAt === -Infinity)
    }
    if (known.isAwaited) return isSameMessage
    return known.answeredAt === null || (isSameMessage && begunAt < known.answeredAt)
  }

  const keyOf = async (call: OrderCall): Promise<string> => {
    const { accountId, order, message } = call
    const nowMs = clock.now()
    const first = `mcp:${order}:${idTime(nowMs - repeatedWithinMs)}`
    const keys = await keysBetween(db.read, { accountId, first, end: `mcp:${order};`, limit: equalMax })
    const earlier = keys.find((key) => isRepeat(key, call))
    return earlier ?? `mcp:${order}:${idTime(nowMs)}:${message}:${randomText(8)}`
  }

  return {
    async once(call, create) {
      if (answers.areAwaited(call)) await clock.sleep(noticedWithinMs)
      return await inTurn(laneOf(call), async () => {
        const key = await keyOf(call)
        answers.follow(call, key)
        return await create(key)
      })
    },
    begin(keyId) {
      keepNewest(begun, keyId, clock.monotonic())
    },
    giveUp: (keyId, id) => answers.giveUp(keyId, id),
  }
}

/** Of a key as `keyOf` makes it. */
function partsOf(key: string): { madeAt: number; message: string } {
  const [, , time = '', message = ''] = key.split(':')
  return { madeAt: Number.parseInt(time, 36), message }
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
