// Deletes rows that are no longer kept, in small steps that leave time for other work.
import type { Context } from '../../context.ts'
import type { Tx } from '../../db/database.ts'
import { sealNext } from '../../ledger/reports/seals.ts'
import { forgetTries } from '../../credits/codes/tries.ts'
import { forgetLinks } from '../../sessions/links.ts'
import { forgetSessions } from '../../sessions/forget.ts'
import { forgetDeliveries } from '../../webhooks/deliveries.ts'
import { forgetLanes } from '../../webhooks/queue/fair-queue.ts'
import { forgetRetired } from '../../webhooks/signing/secrets.ts'
import { archiveInRounds } from '../archive/retention.ts'
import { forgetForgotten } from '../callbacks/forgotten.ts'
import { expiredKeys, forgetKey, keysGoneBefore } from '../create/idempotency.ts'
import { forgetParked } from '../create/parked.ts'
import { removeOldTexts } from '../texts/retention.ts'

/** Rows per transaction: each is in several indexes, and customers' writes may wait in the same turn. */
const forgottenAtOnceMax = 50

export type Part = (ctx: Context, max: number) => Promise<number>

export interface Forgetting {
  /** Deletes some rows of the next kind that has any. Returns false if nothing is left of any kind. */
  turn(): Promise<boolean>
}

/** `more`: of rooms above this one. */
export function createCleaning(ctx: Context, more: readonly Part[] = []): Forgetting {
  const archive = archiveInRounds(ctx)
  const parts: readonly Part[] = [
    forgetKeys,
    forgetParked,
    forgetDeliveries,
    forgetLanes,
    forgetRetired,
    forgetForgotten,
    forgetTries,
    removeOldTexts,
    forgetSessions,
    forgetLinks,
    (_ctx, max) => archive(max),
    sealReports(),
    ...more,
  ]
  let next = 0
  return {
    async turn() {
      // One instance does it for all, and archives lie with that one.
      if (!ctx.instances.isFirst()) return false
      for (let seen = 0; seen < parts.length; seen += 1) {
        const part = parts[next % parts.length]
        next += 1
        if (part && (await part(ctx, forgottenAtOnceMax)) > 0) return true
      }
      return false
    },
  }
}

/** A day ends once; after a start, or when a seal broke, all that is left is sealed at once. */
const sealEveryMs = 10 * 60_000

/** Adds up the figures of past days for reports. */
function sealReports(): Part {
  let nextAt = -Infinity
  return async (ctx) => {
    if (ctx.clock.monotonic() < nextAt) return 0
    if (await sealNext(ctx.db, ctx.clock.now())) return 1
    nextAt = ctx.clock.monotonic() + sealEveryMs
    return 0
  }
}

/** Deletes Idempotency-Keys that are no longer kept. */
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
