// The file of a SQLite store: for the dialect, and for the tests of the embedded store.
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import Sqlite from 'better-sqlite3'
import { openClient } from '../../../src/db/sqlite/client.ts'
import { migrateSqlite } from '../../../src/db/sqlite/migrate.ts'
import { storeAt } from '../../../src/db/store-at.ts'

export const fileOf = (databaseUrl: string): string => storeAt(databaseUrl).name

/** Uses a connection of its own, as another process would. A mistyped name makes no store. */
export const withFile = <Result>(file: string, use: (client: Sqlite.Database) => Result): Result =>
  using(new Sqlite(file, { fileMustExist: true }), use)

/** The same with a connection that can change nothing. */
export const readFile = <Result>(file: string, use: (client: Sqlite.Database) => Result): Result =>
  using(new Sqlite(file, { readonly: true }), use)

function using<Result>(client: Sqlite.Database, use: (client: Sqlite.Database) => Result): Result {
  try {
    return use(client)
  } finally {
    client.close()
  }
}

let fresh: Buffer | null = null

/** Puts a new store where there is none yet. */
export function placeFreshFile(file: string): void {
  if (existsSync(file)) return
  fresh ??= makeFresh()
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 })
  writeFileSync(file, fresh, { mode: 0o600 })
}

function makeFresh(): Buffer {
  const folder = mkdtempSync(join(tmpdir(), 'tollgate-fresh-'))
  try {
    const file = join(folder, 'store.db')
    const client = openClient(file)
    migrateSqlite(client, file)
    client.close()
    return readFileSync(file)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

const logHeaderBytes = 32
const frameHeaderBytes = 24

/** Commits in the write-ahead log since it was last begun anew: each ends in a frame that says how large the file is. */
export function commitsInLog(file: string): number {
  const log = readFileSync(`${file}-wal`)
  const pageBytes = log.readUInt32BE(8)
  const salt = log.readBigUInt64BE(16)
  let commits = 0
  for (let at = logHeaderBytes; at + frameHeaderBytes <= log.length; at += frameHeaderBytes + pageBytes) {
    if (log.readBigUInt64BE(at + 8) === salt && log.readUInt32BE(at + 4) > 0) commits += 1
  }
  return commits
}
