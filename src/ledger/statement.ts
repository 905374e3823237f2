// What an account may see of the ledger: its balance, what is in flight, and its entries.
import { and, desc, eq, lt } from '../db/drizzle.ts'
import type { Connection } from '../db/database.ts'
import type { Entry } from './store.ts'

export type { Entry } from './store.ts'

/** `inFlight` is what tasks that have not ended were charged: it stays spent, or comes back. */
export async function balanceOf(
  read: Connection,
  accountId: string,
): Promise<{ balance: number; inFlight: number }> {
  const { accounts } = read.tables
  const [account] = await read
    .select({ balance: accounts.balance, inFlight: accounts.creditsOpen })
    .from(accounts)
    .where(eq(accounts.id, accountId))
  return account ?? { balance: 0, inFlight: 0 }
}

/** Newest first, `limit` at most; `before` is the id of the last entry of the page before. */
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

/** A task's charge, and its refund if there is one. */
export async function entriesOfTask(read: Connection, taskId: string): Promise<Entry[]> {
  const { entries } = read.tables
  return await read.select().from(entries).where(eq(entries.taskId, taskId)).orderBy(entries.id)
}
