// What the promises of every dialect are tried with. Which dialects there are is in test/support/test-store.ts.
import { onTestFinished } from 'vitest'
import type { Connection, Database, Tx } from '../../../src/db/database.ts'
import type { Store } from '../../../src/db/dialect.ts'
import type { CommitUnknown } from '../../../src/db/errors.ts'
import { storeAt } from '../../../src/db/store-at.ts'

export interface Opened {
  readonly store: Store
  readonly db: Database
  readonly fatal: CommitUnknown[]
}

export async function openStore(url: string): Promise<Opened> {
  const store = storeAt(url)
  const fatal: CommitUnknown[] = []
  const db = await store.open({ onFatal: (error) => fatal.push(error) })
  onTestFinished(async () => await db.close())
  return { store, db, fatal }
}

export const accountRow = (id: string, balance = 0) => ({
  id,
  name: id,
  status: 'active' as const,
  balance,
  tasksOpen: 0,
  createdAt: 1,
})

export const insertAccount =
  (id: string, balance = 0) =>
  async (tx: Tx) => {
    await tx.insert(tx.tables.accounts).values(accountRow(id, balance))
    return id
  }

export const accountIds = async (read: Connection): Promise<string[]> => {
  const { accounts } = read.tables
  return (await read.select({ id: accounts.id }).from(accounts).orderBy(accounts.id)).map(({ id }) => id)
}
