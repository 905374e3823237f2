// Brings a SQLite file up to the newest schema without losing a row: copy first, check after.
import { fileURLToPath } from 'node:url'
import type Sqlite from 'better-sqlite3'
import { drizzle } from 'drizzle-orm/better-sqlite3'
import { migrate } from 'drizzle-orm/better-sqlite3/migrator'
import { readMigrationFiles } from 'drizzle-orm/migrator'
import { randomText } from '../ids.ts'
import { DatabaseRefused } from './database.ts'
import { lockFile } from './lock.ts'

/** Rebuilding a large table takes minutes, not hours. */
const migrationWaitMs = 10 * 60_000
const migrationsFolder = fileURLToPath(new URL('../../migrations/sqlite', import.meta.url))

export function migrateSqlite(client: Sqlite.Database, file: string, folder = migrationsFolder): void {
  const known = readMigrationFiles({ migrationsFolder: folder })
  const newest = known.at(-1)?.folderMillis ?? 0
  if (lastApplied(client) === newest) return
  // A server and a command started together would both find work to do; the second waits and finds none.
  const unlock = lockFile(`${file}.migration`, migrationWaitMs)
  try {
    upgrade(client, file, folder, newest)
  } finally {
    unlock()
  }
}

function upgrade(client: Sqlite.Database, file: string, folder: string, newest: number): void {
  const applied = lastApplied(client)
  if (applied > newest) {
    throw new DatabaseRefused(
      `${file} was written by a newer tollgate than this one. Run that version, or restore a copy from before.`,
    )
  }
  if (applied === newest) return
  if (applied > 0) copyBefore(client, file, applied)
  // Inside a transaction this pragma does nothing, and a table rebuild with foreign keys on loses the
  // rows that refer to it; so it is switched off out here and checked afterwards.
  client.pragma('foreign_keys = OFF')
  try {
    migrate(drizzle(client), { migrationsFolder: folder })
  } finally {
    client.pragma('foreign_keys = ON')
  }
  const broken = client.pragma('foreign_key_check') as unknown[]
  if (broken.length > 0) {
    throw new DatabaseRefused(
      `${file}: after the upgrade ${broken.length} rows refer to rows that are gone. ` +
        `The copy made before it stands beside the file; restore it and report this.`,
    )
  }
}

function lastApplied(client: Sqlite.Database): number {
  const table = client
    .prepare("SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name = '__drizzle_migrations'")
    .get()
  if (!table) return 0
  const row = client.prepare('SELECT max(created_at) AS at FROM __drizzle_migrations').get() as {
    at: unknown
  }
  return Number(row.at ?? 0)
}

function copyBefore(client: Sqlite.Database, file: string, applied: number): void {
  // VACUUM INTO refuses a file that exists, and an upgrade that was tried before has left one.
  const attempt = randomText(6)
  client.prepare('VACUUM INTO ?').run(`${file}.before-upgrade-${applied}-${attempt}`)
}
