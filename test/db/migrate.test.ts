// Upgrades of the store: complete, once, behind a copy, and without losing a row that refers to another.
import { mkdirSync, readdirSync } from 'node:fs'
import { dirname, join } from 'node:path'
import Sqlite from 'better-sqlite3'
import { expect, onTestFinished, test } from 'vitest'
import { StoreRefused } from '../../src/db/errors.ts'
import { migrateSqlite } from '../../src/db/sqlite/migrate.ts'
import { newFolder } from '../support/folder.ts'
import { openFile, outsideLook } from './outside.ts'
import { migrationsWith } from './versions.ts'

/** Our migrations and one more. */
const oneMore = (tag: string, sql: string): string => migrationsWith(newFolder(), tag, sql)

function open(file: string): Sqlite.Database {
  mkdirSync(dirname(file), { recursive: true })
  const client = new Sqlite(file)
  client.pragma('foreign_keys = ON')
  onTestFinished(() => void client.close())
  return client
}

/** A store of the first version with an account, a key, a task and its charge. */
function filled(): { client: Sqlite.Database; file: string } {
  const file = join(newFolder(), 'store.db')
  const client = open(file)
  migrateSqlite(client, file)
  client.exec(`
    INSERT INTO accounts (id, name, status, balance, tasks_open, created_at) VALUES ('acc_1', 'a', 'active', 40, 1, 1);
    INSERT INTO keys (id, account_id, name, hash, prefix, created_at) VALUES ('key_1', 'acc_1', 'k', 'h', 'p', 1);
    INSERT INTO requests (id, account_id, key_id, model_id, task_type, upstream, order_json, state, attempts_made,
      retries_made, failures_in_row, created_at)
      VALUES ('req_1', 'acc_1', 'key_1', 'm', 'image', 'keevx', '{}', 'queued', 0, 0, 0, 1);
    INSERT INTO tasks (id, request_id, account_id, model_id, task_type, state, credits, credits_refunded, upstream,
      operation, upstream_pending, polls_made, missing_in_row, created_at)
      VALUES ('task_1', 'req_1', 'acc_1', 'm', 'image', 'queued', 10, 0, 'keevx', 'image_generate', 0, 0, 0, 1);
    INSERT INTO entries (account_id, kind, amount, balance_after, created_at) VALUES ('acc_1', 'grant', 50, 50, 1);
    INSERT INTO entries (account_id, kind, amount, balance_after, task_id, created_at)
      VALUES ('acc_1', 'charge', -10, 40, 'task_1', 1)`)
  return { client, file }
}

const ours = ['accounts', 'keys', 'requests', 'tasks', 'entries']

function rowsOf(client: Sqlite.Database): Record<string, unknown[]> {
  return Object.fromEntries(ours.map((table) => [table, client.prepare(`SELECT * FROM ${table}`).all()]))
}

function triggersIn(client: Sqlite.Database): unknown[] {
  return client.prepare("SELECT name FROM sqlite_schema WHERE type = 'trigger' ORDER BY name").pluck().all()
}

const copiesBeside = (file: string): string[] =>
  readdirSync(dirname(file)).filter((name) => name.includes('before-upgrade'))

/** Before the rename no trigger may speak of the table that was dropped, and its own went with it. */
function guardedRebuildOf(client: Sqlite.Database, table: string): string {
  const triggers = client.prepare("SELECT name, sql FROM sqlite_schema WHERE type = 'trigger'").all() as {
    name: string
    sql: string
  }[]
  return [
    ...triggers.map(({ name }) => `DROP TRIGGER \`${name}\`;`),
    rebuildOf(client, table),
    ...triggers.map(({ sql }) => `${sql};`),
  ].join('\n--> statement-breakpoint\n')
}

/** As drizzle-kit writes it: a new table, the rows, the old one dropped, the name taken over. */
function rebuildOf(client: Sqlite.Database, table: string): string {
  const created = client.prepare('SELECT sql FROM sqlite_schema WHERE name = ?').pluck().get(table) as string
  return [
    'PRAGMA foreign_keys=OFF;',
    created
      .replace(new RegExp(`["\`]${table}["\`]`), `\`__new_${table}\``)
      .replaceAll(`"${table}".`, `"__new_${table}".`),
    `INSERT INTO \`__new_${table}\` SELECT * FROM \`${table}\`;`,
    `DROP TABLE \`${table}\`;`,
    `ALTER TABLE \`__new_${table}\` RENAME TO \`${table}\`;`,
    'PRAGMA foreign_keys=ON;',
  ].join('\n--> statement-breakpoint\n')
}

test('a new file gets every table and every guard of the money', async () => {
  const { file } = await openFile()
  const named = (type: string) =>
    outsideLook(file).prepare('SELECT name FROM sqlite_schema WHERE type = ?').pluck().all(type)
  expect(named('table')).toEqual(expect.arrayContaining([...ours, 'attempts', 'orphans']))
  expect(named('trigger')).toEqual(
    expect.arrayContaining([
      'entries_are_never_changed',
      'entries_are_never_deleted',
      'charges_match_their_task',
      'refunds_match_their_charge',
      'ended_tasks_stay_ended',
      'prices_are_fixed',
    ]),
  )
})

test('opening a file again changes nothing and copies nothing', () => {
  const { client, file } = filled()
  const before = rowsOf(client)
  migrateSqlite(client, file)
  expect(rowsOf(client)).toEqual(before)
  expect(copiesBeside(file)).toEqual([])
})

test('a file of a newer tollgate is refused as it is', () => {
  const { client, file } = filled()
  migrateSqlite(client, file, oneMore('0001_later', 'CREATE TABLE later (id text) STRICT;'))
  const before = rowsOf(client)
  expect(() => migrateSqlite(client, file)).toThrow(StoreRefused)
  expect(() => migrateSqlite(client, file)).toThrow('newer tollgate')
  expect(rowsOf(client)).toEqual(before)
})

test.each(['accounts', 'tasks', 'requests'])(
  'a rebuild of %s keeps every row that refers to it, and a copy from before stands beside',
  (table) => {
    const { client, file } = filled()
    const before = rowsOf(client)
    const guards = triggersIn(client)
    const upgrade = migrateSqlite(client, file, oneMore('0001_rebuild', guardedRebuildOf(client, table)))
    // For the log: what was changed, and where it can be found as it was, by the day.
    expect(upgrade?.changes).toEqual(['rebuild'])
    const day = new Date().toISOString().slice(0, 'yyyy-mm'.length)
    expect(upgrade?.copy).toMatch(new RegExp(`\\.before-upgrade-${day}-\\d\\d-\\w{6}$`))
    expect(rowsOf(client)).toEqual(before)
    expect(client.pragma('foreign_keys', { simple: true })).toBe(1)
    expect(client.pragma('foreign_key_check')).toEqual([])
    expect(triggersIn(client)).toEqual(guards)
    expect(() => client.exec(`DELETE FROM ${table}`)).toThrow()

    const copies = copiesBeside(file)
    expect(copies).toHaveLength(1)
    expect(rowsOf(open(join(dirname(file), copies[0] ?? '')))).toEqual(before)
  },
)

test('a rebuild that forgets the guards of the money fails, and changes nothing', () => {
  const { client, file } = filled()
  const before = rowsOf(client)
  const careless = oneMore('0001_rebuild', rebuildOf(client, 'tasks'))
  expect(() => migrateSqlite(client, file, careless)).toThrow('could not be brought up to this version')
  expect(rowsOf(client)).toEqual(before)
  expect(() => client.exec('UPDATE tasks SET credits = 1')).toThrow('fixed when it is charged')
})

test('an upgrade that fails half-way leaves the file as it was, and can be tried again', () => {
  const { client, file } = filled()
  const before = rowsOf(client)
  const half = `${rebuildOf(client, 'keys')}\n--> statement-breakpoint\nINSERT INTO nowhere VALUES (1);`
  const broken = oneMore('0001_broken', half)
  for (let tries = 0; tries < 2; tries += 1) {
    expect(() => migrateSqlite(client, file, broken)).toThrow(/no such table: nowhere\. Nothing was changed/)
  }
  // A service that is started again and again would fill the disk with them.
  expect(copiesBeside(file)).toEqual([])
  expect(client.inTransaction).toBe(false)
  expect(client.pragma('foreign_keys', { simple: true })).toBe(1)
  expect(rowsOf(client)).toEqual(before)
  migrateSqlite(client, file)
  migrateSqlite(client, file, oneMore('0001_mended', rebuildOf(client, 'keys')))
  expect(rowsOf(client)).toEqual(before)
})

test('an upgrade that would leave rows without what they refer to is refused, and changes nothing', () => {
  const { client, file } = filled()
  const before = rowsOf(client)
  const careless = oneMore('0001_careless', 'DELETE FROM accounts;')
  expect(() => migrateSqlite(client, file, careless)).toThrow('would refer to rows that are gone')
  expect(rowsOf(client)).toEqual(before)
  migrateSqlite(client, file)
  expect(copiesBeside(file)).toEqual([])
})

test("another program's database is refused as it is", () => {
  const file = join(newFolder(), 'store.db')
  const client = open(file)
  client.exec('CREATE TABLE recipes (id text)')
  expect(() => migrateSqlite(client, file)).toThrow('holds the tables of another program')
  expect(client.prepare('SELECT name FROM sqlite_schema').pluck().all()).toEqual(['recipes'])
})
