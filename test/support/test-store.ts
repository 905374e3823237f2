// An open store for one test, by the face that every dialect has.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'
import type { Database } from '../../src/db/database.ts'
import type { CommitUnknown } from '../../src/db/errors.ts'
import { storeAt } from '../../src/db/store-at.ts'
import { placeFreshStore } from './fresh-store.ts'

export function newFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'tollgate-db-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}

export interface TestStore {
  readonly db: Database
  readonly file: string
  readonly fatal: CommitUnknown[]
}

/** Closed when the test ends. With a file it opens that store again. */
export async function openTestStore(file = join(newFolder(), 'store.db')): Promise<TestStore> {
  const fatal: CommitUnknown[] = []
  placeFreshStore(file)
  const db = await storeAt(`file:${file}`).open({ onFatal: (error) => fatal.push(error) })
  onTestFinished(() => db.close())
  return { db, file, fatal }
}
