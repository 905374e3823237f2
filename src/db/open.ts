// From DATABASE_URL to an open store.
import { isAbsolute, resolve } from 'node:path'
import { ConfigError } from '../config/problems.ts'
import { openingRefused } from './database.ts'
import type { CommitUnknown, Database } from './database.ts'
import { openSqlite } from './sqlite.ts'

/** Opens and migrates the store. Throws ConfigError and DatabaseRefused with words for the operator. */
export function openDatabase(
  databaseUrl: string,
  onFatal: (error: CommitUnknown) => void,
  thread?: URL,
): Database {
  const file = sqliteFile(databaseUrl)
  try {
    return openSqlite({ file, onFatal, thread })
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
