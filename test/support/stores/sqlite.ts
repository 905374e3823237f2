// A SQLite store as tests see it. Each statement has a connection of its own, so that tests hold no file open.
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import Sqlite from 'better-sqlite3'
import { sql as query } from 'drizzle-orm'
import { vi } from 'vitest'
import { newFolder } from '../folder.ts'
import type { Lifted, Row, TestDialect, TestStore, Trigger, Value } from './dialect.ts'
import { commitsInLog, fileOf, placeFreshFile, readFile, withFile } from './sqlite-file.ts'

export const sqlite: TestDialect = {
  name: 'SQLite',
  copies: 'itself',
  scheme: 'file:',
  environment: {},
  newUrl: () => `file:${join(newFolder(), 'store.db')}`,
  placeFresh: async (databaseUrl) => placeFreshFile(fileOf(databaseUrl)),
  discard: async () => undefined,
  open,
  watch() {
    const prepare = vi.spyOn(Sqlite.prototype, 'prepare')
    return {
      asked: () => prepare.mock.calls.map(([statement]) => statement),
      restore: () => prepare.mockRestore(),
    }
  },
}

function open(databaseUrl: string): TestStore {
  const file = fileOf(databaseUrl)
  const held = new Set<Sqlite.Database>()
  const release = (client: Sqlite.Database): void => {
    if (held.delete(client)) client.close()
  }
  return {
    databaseUrl,
    rows: async <Shape>(sql: string, values: readonly Value[] = []) =>
      readFile(file, (client) => client.prepare(sql).all(...values.map(bound)) as Shape[]),
    write: async (sql, values) => withFile(file, (client) => inTransaction(client, sql, values)),
    spoil: async (sql, lifted) => withFile(file, (client) => spoil(client, sql, lifted)),
    insert: async (groups) => withFile(file, (client) => insert(client, groups)),
    addTrigger: async (trigger) => withFile(file, (client) => void client.exec(sqlOf(trigger))),
    async hold() {
      const client = new Sqlite(file, { fileMustExist: true })
      held.add(client)
      client.exec('BEGIN IMMEDIATE')
      return async () => release(client)
    },
    deferReferences: async (tx) => void (await tx.run(query`PRAGMA defer_foreign_keys = ON`)),
    busyError: () => Object.assign(new Error('database is locked'), { code: 'SQLITE_BUSY' }),
    commits: async () => commitsInLog(file),
    async bytes() {
      const files = ['', '-wal', '-shm'].map((suffix) => `${file}${suffix}`)
      return Buffer.concat(files.filter((path) => existsSync(path)).map((path) => readFileSync(path)))
    },
    planOf: async (statement) => readFile(file, (client) => planOf(client, statement)),
    close: async () => held.forEach(release),
  }
}

/** The library binds no booleans, and the store has none. */
const bound = (value: Value) => (typeof value === 'boolean' ? Number(value) : value)

/** An error leaves the transaction open; closing the connection rolls it back. */
function inTransaction(client: Sqlite.Database, sql: string, values?: readonly Value[]): void {
  client.exec('BEGIN IMMEDIATE')
  if (values) client.prepare(sql).run(...values.map(bound))
  else client.exec(sql)
  client.exec('COMMIT')
}

function spoil(client: Sqlite.Database, sql: string, lifted: Lifted): void {
  client.pragma('foreign_keys = OFF')
  if (lifted === 'references') return inTransaction(client, sql)
  client.pragma('ignore_check_constraints = ON')
  const triggers = client
    .prepare<[], { name: string; sql: string }>("SELECT name, sql FROM sqlite_schema WHERE type = 'trigger'")
    .all()
  const drops = triggers.map(({ name }) => `DROP TRIGGER "${name}"`)
  inTransaction(client, [...drops, sql, ...triggers.map((trigger) => trigger.sql)].join(';\n'))
}

function insert(client: Sqlite.Database, groups: Iterable<Readonly<Record<string, readonly Row[]>>>): void {
  // What is lost with the power is made again.
  client.pragma('synchronous = OFF')
  client.pragma('cache_size = -262144')
  for (const group of groups) {
    client.exec('BEGIN IMMEDIATE')
    for (const [table, rows] of Object.entries(group)) insertInto(client, table, rows)
    client.exec('COMMIT')
  }
  // Where somebody reads, the log stays as long as it is.
  client.pragma('busy_timeout = 0')
  client.pragma('wal_checkpoint(TRUNCATE)')
}

/** All rows have the columns of the first. */
function insertInto(client: Sqlite.Database, table: string, rows: readonly Row[]): void {
  const columns = Object.keys(rows[0] ?? {})
  if (columns.length === 0) return
  const places = columns.map(() => '?').join(', ')
  const statement = client.prepare(`INSERT INTO ${table} (${columns.join(', ')}) VALUES (${places})`)
  for (const row of rows) statement.run(columns.map((column) => bound(row[column] ?? null)))
}

function sqlOf({ name, on, when, does, refuses }: Trigger): string {
  const body = refuses === undefined ? does : `SELECT RAISE(ABORT, '${refuses}')`
  return `CREATE TRIGGER ${name} ${on} FOR EACH ROW ${when === undefined ? '' : `WHEN ${when}`} BEGIN ${body}; END`
}

/** As `EXPLAIN QUERY PLAN` words them. */
function planOf(client: Sqlite.Database, statement: string): string[] {
  // The plan would show looks for children of a new row, which are skipped unless a violation is open.
  client.pragma('foreign_keys = OFF')
  const explained = client.prepare<null[], { detail: string }>(`EXPLAIN QUERY PLAN ${statement}`)
  const blanks = Array.from({ length: statement.split('?').length - 1 }, () => null)
  return explained
    .all(...blanks)
    .map(({ detail }) => detail)
    .filter((step) => !/^(?:SCAN|SEARCH) sqlite_schema\b/.test(step))
}
