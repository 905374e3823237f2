// The dialects that every promise of the store's face is tried on. A new one is added here, and nowhere else.
import { join } from 'node:path'
import { onTestFinished } from 'vitest'
import type { Connection, Database, Tx } from '../../../src/db/database.ts'
import type { Store } from '../../../src/db/dialect.ts'
import type { CommitUnknown } from '../../../src/db/errors.ts'
import { storeAt } from '../../../src/db/store-at.ts'
import { newFolder } from '../../support/test-store.ts'

export interface Dialect {
  readonly name: string
  /** The name of a store that is not there yet; it is gone when the test ends. */
  readonly newUrl: () => string
}

export const dialects: readonly Dialect[] = [
  { name: 'SQLite', newUrl: () => `file:${join(newFolder(), 'store.db')}` },
]

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
