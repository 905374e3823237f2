// Brings a SQLite file to the newest schema: copy first, all or nothing, no row lost, checked before commit.
import { readdirSync, renameSync, rmSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import type Sqlite from 'better-sqlite3'
import { readMigrationFiles } from '../drizzle.ts'
import { ageOf, changesAfter, journal, migrationsFolderOf } from '../migrations.ts'
import { randomText } from '../../ids.ts'
import { StoreRefused, newerStore } from '../errors.ts'
import { syncToDisk } from '../../disk/sync.ts'
import { writeCopy } from './file/write-copy.ts'
import { lockFile } from './ownership/lock.ts'
import { creditsMax } from '../tables.ts'
import type { SchemaAge, Upgrade } from '../dialect.ts'

/** Rebuilding a large table takes minutes, not hours. */
const migrationWaitMs = 10 * 60_000
const migrationsFolder = migrationsFolderOf('sqlite')

/** Null if the schema was current. */
export function migrateSqlite(
  client: Sqlite.Database,
  file: string,
  folder = migrationsFolder,
): Upgrade | null {
  if (schemaAge(client, folder) === 'current') return null
  // A server and a command started together would both see pending migrations; the second waits and finds
  // none.
  const unlock = lockFile(`${file}.migration`, migrationWaitMs)
  try {
    return upgrade(client, file, folder)
  } finally {
    unlock()
  }
}

export function schemaAge(client: Sqlite.Database, folder = migrationsFolder): SchemaAge {
  return ageOf(lastApplied(client), folder)
}

/** Makes every table and guard of this version in an empty database. */
export function makeSchema(client: Sqlite.Database): void {
  apply(client, migrationsFolder)
}

function upgrade(client: Sqlite.Database, file: string, folder: string): Upgrade | null {
  const age = schemaAge(client, folder)
  if (age === 'current') return null
  if (age === 'newer') throw new StoreRefused(newerStore(file))
  if (age === 'none' && holdsTables(client)) {
    throw new StoreRefused(
      `${file} holds the tables of another program. Look at DATABASE_URL; nothing was changed.`,
    )
  }
  const copy = age === 'older' ? copyBefore(client, file) : null
  const changes = changesAfter(lastApplied(client), folder)
  // This pragma has no effect inside a transaction, and rebuilding a table with foreign keys on deletes the
  // rows that refer to it; so it is switched off here, and the references are checked before the commit.
  client.pragma('foreign_keys = OFF')
  try {
    apply(client, folder)
    return copy === null ? null : { copy, changes }
  } catch (error) {
    if (isUnknown(error)) throw error
    // Nothing was changed: a service that restarts repeatedly would fill the disk with copies.
    if (copy !== null) rmSync(copy, { force: true })
    throw upgradeRefused(file, error)
  } finally {
    client.pragma('foreign_keys = ON')
  }
}

function upgradeRefused(file: string, error: unknown): StoreRefused {
  if (error instanceof Error && error.message.includes('accounts_balance')) {
    return new StoreRefused(
      `${file} could not be brought up to this version: an account holds more than ${creditsMax} credits, which no ` +
        'longer count exactly. Nothing was changed. With the version that wrote it, take some away from that account ' +
        '(tollgate credits grant ACCOUNT -1000000000000, as often as it takes), then start this one again.',
      error,
    )
  }
  const words = error instanceof Error ? error.message : String(error)
  return new StoreRefused(
    `${file} could not be brought up to this version: ${words}. Nothing was changed: ` +
      'the version that wrote it can go on with it.',
    error,
  )
}

/** The disk failed at the commit: what was stored shows when the file is opened again. */
const isUnknown = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && String(error.code).startsWith('SQLITE_IOERR')

/** A crash or failure in the middle leaves the file unchanged. */
function apply(client: Sqlite.Database, folder: string): void {
  const known = readMigrationFiles({ migrationsFolder: folder })
  const all = client.transaction(() => {
    client.exec(
      `CREATE TABLE IF NOT EXISTS ${journal} (id SERIAL PRIMARY KEY, hash text NOT NULL, created_at numeric)`,
    )
    const done = client.prepare(`INSERT INTO ${journal} (hash, created_at) VALUES (?, ?)`)
    const applied = lastApplied(client)
    for (const { sql, hash, folderMillis } of known.filter((each) => each.folderMillis > applied)) {
      for (const statement of sql) client.exec(statement)
      done.run(hash, folderMillis)
    }
    const broken = client.pragma('foreign_key_check') as unknown[]
    if (broken.length > 0) throw new Error(`after it ${broken.length} rows would refer to rows that are gone`)
  })
  all.immediate()
}

function lastApplied(client: Sqlite.Database): number {
  const table = client.prepare("SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name = ?").get(journal)
  if (!table) return 0
  const row = client.prepare(`SELECT max(created_at) AS at FROM ${journal}`).get() as { at: unknown }
  return Number(row.at ?? 0)
}

function holdsTables(client: Sqlite.Database): boolean {
  const tables = client.prepare("SELECT name FROM sqlite_schema WHERE type = 'table'").pluck().all()
  return tables.some((name) => name !== journal && !String(name).startsWith('sqlite_'))
}

/** The copy gets its final name only when complete; leftovers of an earlier, interrupted try are removed. */
function copyBefore(client: Sqlite.Database, file: string): string {
  const [folder, name] = [dirname(file), `${basename(file)}.before-upgrade-`]
  for (const left of readdirSync(folder)) {
    // This includes SQLite's journal beside it.
    if (left.startsWith(name) && left.includes(unfinished)) rmSync(join(folder, left))
  }
  // The name must be new: SQLite refuses to copy into an existing file, and an earlier upgrade may have left
  // one.
  const day = new Date().toISOString().slice(0, 'yyyy-mm-dd'.length)
  const copy = join(folder, `${name}${day}-${randomText(6)}`)
  writeCopy(client, `${copy}${unfinished}`)
  renameSync(`${copy}${unfinished}`, copy)
  syncToDisk(folder)
  return copy
}

const unfinished = '.unfinished'
