// From DATABASE_URL to an open store.
import { statSync } from 'node:fs'
import { isAbsolute, resolve } from 'node:path'
import { ConfigError } from '../config/problems.ts'
import { DatabaseRefused, openingRefused } from './database.ts'
import type { CommitUnknown, Database } from './database.ts'
import { openSqlite } from './sqlite.ts'

/** Opens and migrates the store. Throws ConfigError and DatabaseRefused with words for the operator. */
export function openDatabase(databaseUrl: string, onFatal: (error: CommitUnknown) => void): Database {
  const file = sqliteFile(databaseUrl)
  try {
    return openSqlite({ file, onFatal })
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
