// Deletes rows that are no longer kept, in small steps that leave time to others.
import type { Context } from '../../context.ts'
import type { Tx } from '../../db/database.ts'
import { forgetDeliveries } from '../../webhooks/deliveries.ts'
import { forgetLanes } from '../../webhooks/queue/fair-queue.ts'
import { forgetRetired } from '../../webhooks/signing/secrets.ts'
import { archiveInRounds } from '../archive/retention.ts'
import { forgetForgotten } from '../callbacks/forgotten.ts'
import { expiredKeys, forgetKey, keysGoneBefore } from '../create/idempotency.ts'

/** Rows of one transaction: each is taken out of several indexes, and customers' works may wait in the same turn. */
const forgottenAtOnceMax = 50

type Part = (ctx: Context, max: number) => Promise<number>

export interface Forgetting {
  /** One part of the next kind of which something is left. Returns false if nothing is left of any. */
  turn(): Promise<boolean>
}

export function createCleaning(ctx: Context): Forgetting {
  const archive = archiveInRounds(ctx)
  const parts: readonly Part[] = [
    forgetKeys,
    forgetDeliveries,
    forgetLanes,
    forgetRetired,
    forgetForgotten,
    (_ctx, max) => archive(max),
  ]
  let next = 0
  return {
    async turn() {
      for (let seen = 0; seen < parts.length; seen += 1) {
        const part = parts[next % parts.length]
        next += 1
        if (part && (await part(ctx, forgottenAtOnceMax)) > 0) return true
      }
      return false
    },
  }
}

/** Idempotency-Keys that are kept no longer. */
async function forgetKeys(ctx: Context, limit: number): Promise<number> {
  const goneBefore = keysGoneBefore(ctx)
  const expired = await expiredKeys(ctx.db.read, { goneBefore, limit })
  if (expired.length === 0) return 0
  const cleanUp = async (tx: Tx) => {
    for (const use of expired) await forgetKey(tx, use, goneBefore)
  }
  await ctx.db.transaction(cleanUp, { mayDelay: true })
  return expired.length
}
