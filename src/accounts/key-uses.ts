// When keys were last used, to the minute: noted in memory with each request, and written in batches.
import { lt } from '../db/drizzle.ts'
import type { Database, Tx } from '../db/database.ts'

const minuteMs = 60_000
/** More keys than this are not noted between two writes. */
const notedMax = 100_000
/** Each is a statement under the writer's lock. */
const writtenAtOnceMax = 200

const notedIn = new WeakMap<Database, Map<string, number>>()

/** Costs an entry in memory. */
export function noteUse(db: Database, keyId: string, nowMs: number): void {
  const noted = notedIn.get(db) ?? new Map<string, number>()
  if (noted.size === 0) notedIn.set(db, noted)
  const minute = nowMs - (nowMs % minuteMs)
  if (noted.size < notedMax || noted.has(keyId)) noted.set(keyId, minute)
}

/** Writes what was noted; other instances may have noted later uses. Throws what the store throws, and keeps the rest. */
export async function writeUses(db: Database): Promise<void> {
  const noted = notedIn.get(db) ?? new Map<string, number>()
  const all = [...noted]
  for (let from = 0; from < all.length; from += writtenAtOnceMax) {
    const some = all.slice(from, from + writtenAtOnceMax)
    await db.transaction(async (tx) => await write(tx, some), { mayDelay: true })
    for (const [keyId, usedAt] of some) if (noted.get(keyId) === usedAt) noted.delete(keyId)
  }
}

async function write(tx: Tx, uses: readonly (readonly [string, number])[]): Promise<void> {
  const { keyUses } = tx.tables
  for (const [keyId, usedAt] of uses) {
    await tx
      .insert(keyUses)
      .values({ keyId, usedAt })
      .onConflictDoUpdate({ target: keyUses.keyId, set: { usedAt }, setWhere: lt(keyUses.usedAt, usedAt) })
  }
}
