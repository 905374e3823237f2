// What is looked at in a store before and after an upgrade.
import { readdirSync } from 'node:fs'
import { basename, dirname } from 'node:path'
import Sqlite from 'better-sqlite3'
import { expect, onTestFinished } from 'vitest'
import { examineStore, lookAt } from '../../src/db/sqlite/file/look.ts'
import { openSqlite } from '../../src/db/sqlite/sqlite.ts'
import { neverLate, verifyLedger } from '../../src/ledger/verify.ts'

export function open(file: string): Sqlite.Database {
  const client = new Sqlite(file)
  onTestFinished(() => void client.close())
  return client
}

const tables = ['accounts', 'keys', 'requests', 'attempts', 'tasks', 'entries', 'orphans'] as const

/** Every row of every table of the first version, with the columns that it had. */
export function rowsOf(client: Sqlite.Database, columns: Columns): Record<string, unknown[]> {
  const hasPolls = client.prepare("SELECT 1 FROM sqlite_schema WHERE name = 'polls'").get() !== undefined
  const duePolls = 'coalesce(due_at, (SELECT p.due_at FROM polls p WHERE p.task_id = tasks.id)) AS due_at'
  const asked = (table: keyof Columns, column: string): string =>
    hasPolls && table === 'tasks' && column === 'due_at' ? duePolls : column
  return Object.fromEntries(
    tables.map((table) => {
      const list = columns[table].map((column) => asked(table, column)).join(', ')
      return [table, client.prepare(`SELECT ${list} FROM ${table} ORDER BY id`).all()]
    }),
  )
}

/** The same rows once what shows as queued is marked so: of all values, only that one changes. */
export function markedAsPending<Rows extends Record<string, unknown[]>>(rows: Rows): Rows {
  const tasks = rows['tasks'] as { state: string }[]
  const isWaiting = ({ state }: { state: string }) => state === 'queued' || state === 'submitting'
  return { ...rows, tasks: tasks.map((task) => (isWaiting(task) ? { ...task, upstream_pending: 1 } : task)) }
}

export type Columns = Record<(typeof tables)[number], string[]>

export const columnsOf = (client: Sqlite.Database) =>
  Object.fromEntries(
    tables.map((table) => [
      table,
      client.prepare('SELECT name FROM pragma_table_info(?)').pluck().all(table),
    ]),
  ) as Columns

export const copiesBeside = (file: string): string[] =>
  readdirSync(dirname(file)).filter((name) => name.startsWith(`${basename(file)}.before-upgrade-`))

/** Starts on it as a gateway does, and looks at it as the doctor does. */
export async function expectWhole(file: string): Promise<void> {
  await openSqlite({ file, onFatal: () => undefined }).close()
  expect(await examineStore(file)).toEqual({ schema: 'current', damage: [] })
  expect(await verifyLedger(lookAt(file), Date.now(), neverLate)).toMatchObject({ ok: true, drift: [] })
}
