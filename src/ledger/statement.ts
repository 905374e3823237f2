// The part of the ledger that an account may see: its balance, the credits in flight, and its entries.
import { and, desc, eq, lt, or } from '../db/drizzle.ts'
import type { Connection } from '../db/database.ts'
import type { Entry } from './store.ts'

export type { Entry } from './store.ts'

/** `inFlight`: what open tasks were charged; it stays spent, or is refunded. */
export async function balanceOf(
  read: Connection,
  accountId: string,
): Promise<{ balance: number; inFlight: number; owed: number }> {
  const { accounts } = read.tables
  const [account] = await read
    .select({ balance: accounts.balance, inFlight: accounts.creditsOpen, owed: accounts.owed })
    .from(accounts)
    .where(eq(accounts.id, accountId))
  return account ?? { balance: 0, inFlight: 0, owed: 0 }
}

/** For those who change the balance: what it is, and when it is low; null: as configured. */
export async function balanceWithThreshold(
  read: Connection,
  accountId: string,
): Promise<{ balance: number; lowBalance: number | null }> {
  const { accounts } = read.tables
  const { balance, lowBalance } = accounts
  const [account] = await read
    .select({ balance, lowBalance })
    .from(accounts)
    .where(eq(accounts.id, accountId))
  return account ?? { balance: 0, lowBalance: null }
}

/** Newest first, at most `limit`; `before` is the id of the last entry of the previous page. */
export async function listEntries(
  read: Connection,
  filter: { accountId: string; before: number | null; limit: number },
): Promise<Entry[]> {
  const { entries } = read.tables
  return await read
    .select()
    .from(entries)
    .where(
      and(
        eq(entries.accountId, filter.accountId),
        filter.before === null ? undefined : lt(entries.id, filter.before),
      ),
    )
    .orderBy(desc(entries.id))
    .limit(filter.limit)
}

/** A task's charge, its refund if there is one, and what the operator has corrected since. */
export async function entriesOfTask(read: Connection, taskId: string): Promise<Entry[]> {
  const { entries } = read.tables
  return await read
    .select()
    .from(entries)
    .where(or(eq(entries.taskId, taskId), eq(entries.forTaskId, taskId)))
    .orderBy(entries.id)
}
