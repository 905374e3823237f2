// Stores as other versions of tollgate wrote them.
import { cpSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import Sqlite from 'better-sqlite3'
import { migrateSqlite } from '../../src/db/sqlite/migrate.ts'
import { fill } from './everything.ts'

export interface JournalEntry {
  readonly idx: number
  readonly version: string
  readonly when: number
  readonly tag: string
  readonly breakpoints: boolean
}

const migrations = fileURLToPath(new URL('../../migrations/sqlite', import.meta.url))

/** Our migrations in a folder of their own, as another version would have them. */
export function migrationsIn(folder: string, change: (entries: JournalEntry[]) => JournalEntry[]): string {
  const copy = join(folder, 'migrations')
  cpSync(migrations, copy, { recursive: true })
  const file = join(copy, 'meta/_journal.json')
  const journal = JSON.parse(readFileSync(file, 'utf8')) as { entries: JournalEntry[] }
  writeFileSync(file, JSON.stringify({ ...journal, entries: change(journal.entries) }))
  return copy
}

export const firstAlone = (entries: JournalEntry[]): JournalEntry[] => entries.slice(0, 1)

/** Up to the one before polls got rows of their own. */
export const beforePolls = (entries: JournalEntry[]): JournalEntry[] =>
  entries.slice(
    0,
    entries.findIndex(({ tag }) => tag.endsWith('_polls')),
  )

/** With one migration more than this version has. */
export function migrationsWith(folder: string, tag: string, sql: string): string {
  const made = migrationsIn(folder, (entries) => {
    const last = entries.at(-1)
    if (!last) throw new Error('there is a first migration')
    return [...entries, { ...last, idx: last.idx + 1, when: last.when + 1, tag }]
  })
  writeFileSync(join(made, `${tag}.sql`), sql)
  return made
}

/** A store in `folder`, empty, that the given migrations made. */
export function storeOf(folder: string, migrationsFolder: string): string {
  const file = join(folder, 'store.db')
  const client = new Sqlite(file)
  client.pragma('journal_mode = WAL')
  migrateSqlite(client, file, migrationsFolder)
  client.close()
  return file
}

/** A store as the first version, or a later one, left it when it was stopped, with every kind of row. */
export function firstStore(
  folder: string,
  size: { accounts: number; requestsEach: number },
  version = firstAlone,
): string {
  const file = storeOf(folder, migrationsIn(folder, version))
  const client = new Sqlite(file)
  fill(client, size)
  client.close()
  return file
}
