// Play credits: an account behind test keys is raised to a fixed amount, once in a while.
import { and, desc, eq } from '../db/drizzle.ts'
import type { Connection, Tx } from '../db/database.ts'
import { grant } from './grant.ts'

interface TopUp {
  readonly accountId: string
  /** What it has afterwards, if it had less. */
  readonly credits: number
  /** Not if it was topped up since. */
  readonly sinceMs: number
  readonly nowMs: number
}

/** For a store whose grants are all of this kind. Returns when it was last topped up; null: never. */
export async function topUp(tx: Tx, { accountId, credits, sinceMs, nowMs }: TopUp): Promise<number | null> {
  const last = await lastGrantAt(tx, accountId)
  const missing = credits - (await balanceIn(tx, accountId))
  if (missing <= 0 || (last !== null && last >= sinceMs)) return last
  const notes = { private: null, public: 'play credits' }
  await grant(tx, { accountId, amount: missing, notes, idempotencyKey: null, nowMs })
  return nowMs
}

async function lastGrantAt(read: Connection, accountId: string): Promise<number | null> {
  const { entries } = read.tables
  const [last] = await read
    .select({ at: entries.createdAt })
    .from(entries)
    .where(and(eq(entries.accountId, accountId), eq(entries.kind, 'grant')))
    .orderBy(desc(entries.id))
    .limit(1)
  return last?.at ?? null
}

async function balanceIn(read: Connection, accountId: string): Promise<number> {
  const { accounts } = read.tables
  const [account] = await read
    .select({ balance: accounts.balance })
    .from(accounts)
    .where(eq(accounts.id, accountId))
  return account?.balance ?? 0
}
