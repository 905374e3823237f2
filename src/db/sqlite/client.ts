// One connection to a SQLite file, with the settings that every connection needs.
import Sqlite from 'better-sqlite3'
import type { SQL } from 'drizzle-orm'
import { drizzle, sqlite } from '../drizzle.ts'
import { compilePlan, planQuery } from './compile.ts'
import type { Plan, PreparedQuery } from './compile.ts'
import { StoreRefused } from '../errors.ts'
import type { Connection, Query } from '../database.ts'
import { sqliteKit } from './columns.ts'
import { define } from '../tables.ts'

/**
 * During opening another process (a command, a backup) may hold the file for a moment; longer is an error.
 */
const openingTimeoutMs = 5_000
/** Pages in the log before a checkpoint; a higher number copies hot pages less often. */
const checkpointPages = 8_000
/** After a checkpoint, a log that grew in a burst is truncated to this size. */
const journalBytesMax = 64 * 1024 * 1024
const cacheKib = 16 * 1024

export function openClient(file: string): Sqlite.Database {
  const client = new Sqlite(file, { timeout: openingTimeoutMs })
  client.pragma('journal_mode = WAL')
  // An existing WAL database opens with NORMAL, which loses acknowledged commits when the power fails.
  client.pragma('synchronous = FULL')
  client.pragma('foreign_keys = ON')
  // Without it INSERT OR REPLACE removes an entry without firing its triggers.
  client.pragma('recursive_triggers = ON')
  // What is removed is overwritten in its page, with the write that the page needs anyway.
  client.pragma('secure_delete = FAST')
  client.pragma(`cache_size = -${cacheKib}`)
  client.pragma(`wal_autocheckpoint = ${checkpointPages}`)
  client.pragma(`journal_size_limit = ${journalBytesMax}`)
  const fullSync = 2
  if (client.pragma('synchronous', { simple: true }) !== fullSync) {
    throw new StoreRefused(`${file}: the store does not accept synchronous = FULL, so it could lose money.`)
  }
  return client
}

/**
 * From now on it waits for no lock, or up to `timeoutMs`: SQLite waits synchronously, which blocks the whole
 * process while another one holds the file.
 */
export function stopWaiting(client: Sqlite.Database, timeoutMs = 0): void {
  client.pragma(`busy_timeout = ${timeoutMs}`)
}

const tables = define(sqliteKit)
const plans = new WeakMap<Query, Plan>()

export function connect(client: Sqlite.Database): Connection {
  const built = drizzle(client)
  const rows = rowsOf(client)
  const hasTable = async (name: string): Promise<boolean> =>
    client.prepare("SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name = ?").get(name) !== undefined
  const compile = (query: Query) => {
    const prepare = () => query(connection) as PreparedQuery
    const plan = plans.get(query) ?? planQuery(prepare())
    plans.set(query, plan)
    return compilePlan(client, plan, prepare)
  }
  const connection = Object.assign(built, {
    tables,
    rows,
    hasTable,
    compile,
    joins: false,
    isRemote: false,
  }) as unknown as Connection
  return connection
}

/** More texts than all audits together use. */
const preparedMax = 200

/**
 * Prepares each text once: an audit runs its few queries for every slice, and the memory of a statement that
 * is no longer used is only freed when the event loop is idle.
 */
function rowsOf(client: Sqlite.Database): (query: SQL) => Promise<unknown[]> {
  const prepared = new Map<string, Sqlite.Statement>()
  return async (query) => {
    const { sql, params } = dialect.sqlToQuery(query)
    let statement = prepared.get(sql)
    if (!statement) {
      statement = client.prepare(sql)
      if (prepared.size >= preparedMax) prepared.clear()
      prepared.set(sql, statement)
    }
    return statement.all(...params)
  }
}

const dialect = new sqlite.SQLiteSyncDialect()
