// The ends of a move in a SQLite file.
import type Sqlite from 'better-sqlite3'
import { StoreRefused } from '../errors.ts'
import { openClient } from '../sqlite/client.ts'
import type { MoveSource, MoveTarget, SliceTerms } from './end.ts'
import { makeMarkTable, markTable, readMark } from './mark.ts'
import type { Filling, Mark, MovedAway } from './mark.ts'
import { keyColumns, keyOf, quoted } from './shapes.ts'
import type { ColumnShape, Row, TableShape } from './shapes.ts'

export function markIn(client: Sqlite.Database): Mark | null {
  const found = client.prepare("SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name = ?").get(markTable)
  if (!found) return null
  return readMark(client.prepare<[], string>(`SELECT mark FROM ${markTable}`).pluck().get())
}

export function sqliteSource(file: string): MoveSource {
  const client = openAlone(file)
  return {
    mark: async () => markIn(client),
    slice: async (shape, terms) => readSlice(client, shape, terms),
    async markMoved(mark) {
      change(client, () => setMark(client, mark))
    },
    close: async () => void client.close(),
  }
}

export function sqliteTarget(file: string): MoveTarget {
  const client = openAlone(file)
  return {
    mark: async () => markIn(client),
    slice: async (shape, terms) => readSlice(client, shape, terms),
    async begin(mark, filled) {
      change(client, () => {
        for (const table of filled) client.exec(`DELETE FROM ${quoted(table)}`)
        setMark(client, mark)
      })
    },
    async put(shape, rows, mark) {
      change(client, () => {
        withoutTriggers(client, shape.name, () => insert(client, shape, rows))
        setMark(client, mark)
      })
    },
    // AUTOINCREMENT goes on behind the highest number that was ever inserted.
    settleNumbers: async () => undefined,
    storable: (row) => row,
    async finish() {
      change(client, () => client.exec(`DROP TABLE ${markTable}`))
    },
    close: async () => void client.close(),
  }
}

/** In a transaction from the start, so that no other process writes; the first change commits it. */
function openAlone(file: string): Sqlite.Database {
  const client = openClient(file)
  try {
    client.exec('BEGIN IMMEDIATE')
    return client
  } catch (error) {
    client.close()
    throw error
  }
}

function change(client: Sqlite.Database, work: () => void): void {
  if (!client.inTransaction) client.exec('BEGIN IMMEDIATE')
  try {
    work()
    client.exec('COMMIT')
  } catch (error) {
    if (client.inTransaction) client.exec('ROLLBACK')
    throw error
  }
}

function setMark(client: Sqlite.Database, mark: Filling | MovedAway): void {
  if (!markIn(client)) client.exec(makeMarkTable)
  client.exec(`DELETE FROM ${markTable}`)
  client.prepare(`INSERT INTO ${markTable} (mark) VALUES (?)`).run(JSON.stringify(mark))
}

/** SQLite has no switch for them: they are dropped, and made again by the same text. */
function withoutTriggers(client: Sqlite.Database, table: string, work: () => void): void {
  const triggers = client
    .prepare<[string], { name: string; sql: string }>(
      "SELECT name, sql FROM sqlite_schema WHERE type = 'trigger' AND tbl_name = ? ORDER BY rowid",
    )
    .all(table)
  for (const { name } of triggers) client.exec(`DROP TRIGGER ${quoted(name)}`)
  work()
  for (const { sql } of triggers) client.exec(sql)
}

function insert(client: Sqlite.Database, { name, columns }: TableShape, rows: readonly Row[]): void {
  const names = columns.map((column) => quoted(column.name)).join(', ')
  const places = columns.map(() => '?').join(', ')
  const statement = client.prepare(`INSERT INTO ${quoted(name)} (${names}) VALUES (${places})`)
  for (const row of rows) statement.run(columns.map((column, at) => bound(column, row[at] ?? null)))
}

const bound = ({ type }: ColumnShape, value: string | null): string | bigint | null =>
  value === null || type === 'text' ? value : BigInt(value)

export function readSlice(client: Sqlite.Database, shape: TableShape, { after, limit }: SliceTerms): Row[] {
  const keys = keyColumns(shape)
  const names = keys.map(({ name }) => quoted(name)).join(', ')
  const behind = after === null ? '' : `WHERE (${names}) > (${keys.map(() => '?').join(', ')})`
  const columns = shape.columns.map(({ name }) => quoted(name)).join(', ')
  const read = client
    .prepare<unknown[], unknown[]>(
      `SELECT ${columns} FROM ${quoted(shape.name)} ${behind} ORDER BY ${names} LIMIT ${limit}`,
    )
    .raw(true)
    .safeIntegers(true)
  const values = (after ?? []).map((value, at) => bound(keys[at] as ColumnShape, value))
  return read.all(...values).map((found) => {
    const row = found.map((value, at) => textOf(shape, value, at))
    requireReadable(client, shape, row)
    return row
  })
}

/** A damaged file can hold any value in any column. */
function textOf({ name, columns }: TableShape, value: unknown, at: number): string | null {
  const { type, name: column } = columns[at] as ColumnShape
  if (value === null || (type === 'text' && typeof value === 'string')) return value
  const isFlag = type === 'flag' && (value === 0n || value === 1n)
  if (isFlag || (type === 'integer' && typeof value === 'bigint')) return String(value)
  throw new StoreRefused(
    `A row of ${name} holds in ${column} what is no ${type}. The store is damaged: tollgate doctor says more.`,
  )
}

const unreadable = '\uFFFD'

/** Bytes that are no UTF-8 are read as this character, and would not arrive as they are. */
function requireReadable(client: Sqlite.Database, shape: TableShape, row: Row): void {
  for (const [at, value] of row.entries()) {
    if (!value?.includes(unreadable)) continue
    const keys = keyColumns(shape)
    const found = client
      .prepare<unknown[], Buffer>(
        `SELECT CAST(${quoted(shape.columns[at]?.name ?? '')} AS BLOB) FROM ${quoted(shape.name)}
          WHERE ${keys.map(({ name }) => `${quoted(name)} = ?`).join(' AND ')}`,
      )
      .pluck()
      .get(...keyOf(shape, row).map((part, of) => bound(keys[of] as ColumnShape, part)))
    if (found?.equals(Buffer.from(value))) continue
    throw new StoreRefused(
      `A row of ${shape.name} holds in ${shape.columns[at]?.name} bytes that are no UTF-8, which no other store can hold.`,
    )
  }
}
