// A look at a SQLite store from outside the gateway, and rows to put into it.
import { join } from 'node:path'
import Sqlite from 'better-sqlite3'
import { onTestFinished } from 'vitest'
import type { Database } from '../../src/db/database.ts'
import type { CommitUnknown } from '../../src/db/errors.ts'
import { newFolder } from '../support/folder.ts'
import { openDatabase } from '../support/test-store.ts'

/** A second look at the same file, as another process would have it. */
export function outsideLook(file: string): Sqlite.Database {
  const client = new Sqlite(file)
  onTestFinished(() => void client.close())
  return client
}

/** A store of its own file, open; with a file it opens that store again. Closed when the test ends. */
export async function openFile(file = join(newFolder(), 'store.db')): Promise<OpenedFile> {
  const { db, fatal } = await openDatabase(`file:${file}`)
  return { db, file, fatal }
}

interface OpenedFile {
  readonly db: Database
  readonly file: string
  readonly fatal: CommitUnknown[]
}

export const newAccount = (id: string) => ({
  id,
  name: id,
  status: 'active' as const,
  balance: 0,
  tasksOpen: 0,
  requestsPerMinuteMax: null,
  tasksInFlightMax: null,
  createdAt: 1,
})
