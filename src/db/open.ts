// From DATABASE_URL to an open store.
import { readdirSync, statSync } from 'node:fs'
import { isAbsolute, join, resolve } from 'node:path'
import { ConfigError } from '../config/problems.ts'
import { DatabaseRefused, openingRefused } from './database.ts'
import type { CommitUnknown, Database } from './database.ts'
import type { Upgrade } from './sqlite/migrate.ts'
import { openSqlite } from './sqlite/sqlite.ts'

/** Opens and migrates the store. Throws ConfigError and DatabaseRefused with words for the operator. */
export function openDatabase(
  databaseUrl: string,
  onFatal: (error: CommitUnknown) => void,
  onUpgrade: (upgrade: Upgrade) => void = () => undefined,
): Database {
  const file = sqliteFile(databaseUrl)
  try {
    return openSqlite({ file, onFatal, onUpgrade })
  } catch (error) {
    throw openingRefused(file, error)
  }
}

/** The file of a store that is there. Throws DatabaseRefused where there is none: a mistyped path makes no new one. */
export function requireStore(databaseUrl: string): string {
  const file = sqliteFile(databaseUrl)
  if (sizeOf(file) > 0) return file
  throw new DatabaseRefused(
    `There is no store at ${file}. Look at DATA_DIR and DATABASE_URL, and where this command runs; ` +
      'tollgate serve makes a new store.',
  )
}

function sizeOf(file: string): number {
  try {
    return statSync(file, { throwIfNoEntry: false })?.size ?? 0
  } catch (error) {
    throw openingRefused(file, error)
  }
}

/** The file behind a `file:` URL, relative to the working directory. */
export function sqliteFile(databaseUrl: string): string {
  if (!databaseUrl.startsWith('file:')) {
    throw new ConfigError([
      'DATABASE_URL: this version keeps its data in SQLite alone. Use file:./data/tollgate.db, or leave it out.',
    ])
  }
  const path = databaseUrl.slice('file:'.length).replace(/^\/\/(?=\/)/, '')
  return isAbsolute(path) ? path : resolve(path)
}

export interface Surroundings {
  readonly databaseUrl: string
  readonly dataDir: string
}

/**
 * For a gateway that starts: where there is no store although there was one, a new one would forget every account.
 * Throws DatabaseRefused then.
 */
export function requireStoreOrNone({ databaseUrl, dataDir }: Surroundings): void {
  const file = sqliteFile(databaseUrl)
  if (sizeOf(file) > 0) return
  const left = [`${file}.lock`, `${file}-wal`, join(dataDir, 'sealing.key'), join(dataDir, 'media')].filter(
    isLeft,
  )
  if (left.length === 0) return
  throw new DatabaseRefused(
    `There is no store at ${file}, but there was one: ${left.join(', ')} ${left.length === 1 ? 'is' : 'are'} still there. ` +
      'A new store would know no account, no key and no credits. Put the store back with its -wal and -shm, or a ' +
      'backup with tollgate restore FILE. To begin anew, move what is left away, or start once with tollgate serve --new-store.',
  )
}

/** An empty folder or log tells of nothing. */
function isLeft(path: string): boolean {
  const stat = statSync(path, { throwIfNoEntry: false })
  if (!stat) return false
  if (stat.isDirectory())
    return readdirSync(path, { recursive: true, withFileTypes: true }).some((each) => each.isFile())
  return path.endsWith('-wal') ? stat.size > 0 : true
}

/** Makes the store where there is none, and says whether it did. A lock beside it says from then on that there was one. */
export async function makeStore(databaseUrl: string): Promise<boolean> {
  const file = sqliteFile(databaseUrl)
  if (sizeOf(file) > 0) return false
  await openDatabase(databaseUrl, () => undefined).close()
  return true
}
