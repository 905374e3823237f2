// What src/db/sqlite/compile relies on inside drizzle, by name: an upgrade of drizzle that changes it fails here first.
import Sqlite from 'better-sqlite3'
import { expect, onTestFinished, test } from 'vitest'
import { Column, eq, is, Param, Placeholder, sql, SQL } from '../../src/db/drizzle.ts'
import type { Connection } from '../../src/db/database.ts'
import { connect } from '../../src/db/sqlite/client.ts'
import type { PreparedQuery } from '../../src/db/sqlite/compile.ts'
import { makeSchema } from '../../src/db/sqlite/migrate.ts'
import { openDomainHarness } from '../support/domain-harness.ts'

function open(): Connection {
  const client = new Sqlite(':memory:')
  onTestFinished(() => void client.close())
  makeSchema(client)
  return connect(client)
}

const prepared = (built: unknown): PreparedQuery => (built as { prepare(): PreparedQuery }).prepare()

test('a prepared query tells its text, and its parameters: Placeholder, or Param with encoder and value', () => {
  const connection = open()
  const { accounts } = connection.tables
  const update = connection
    .update(accounts)
    .set({ name: sql`${sql.placeholder('name')}`, balance: 7 })
    .where(eq(accounts.id, sql.placeholder('id')))
  const query = prepared(update).getQuery()
  expect(query.sql).toBe('update "accounts" set "name" = ?, "balance" = ? where "accounts"."id" = ?')
  const [name, balance, id] = query.params
  for (const param of [name, id]) {
    expect(is(is(param, Param) ? param.value : param, Placeholder)).toBe(true)
  }
  expect(is(balance, Param) ? balance.encoder.mapToDriverValue(balance.value) : balance).toBe(7)
})

test('a prepared select tells its columns: the path of each, and a decoder in a Column or an SQL', () => {
  const connection = open()
  const { tasks } = connection.tables
  const select = connection
    .select({ id: tasks.id, pending: tasks.upstreamPending, twice: sql`2`.mapWith(String) })
    .from(tasks)
  const { fields = [] } = prepared(select)
  expect(fields.map(({ path }) => path)).toEqual([['id'], ['pending'], ['twice']])
  const [id, pending, twice] = fields.map(({ field }) => field)
  // A column that passes values on has the method of its prototype; others have their own.
  expect(is(id, Column) && id.mapFromDriverValue === Column.prototype.mapFromDriverValue).toBe(true)
  expect(is(pending, Column) && pending.mapFromDriverValue(1)).toBe(true)
  const decoder = is(twice, SQL) ? (twice as unknown as { decoder: Decoder }).decoder : null
  expect(decoder?.mapFromDriverValue(2)).toBe('2')
})

interface Decoder {
  mapFromDriverValue(value: unknown): unknown
}

test('rows of a compiled query are those that drizzle itself builds, in every table', async () => {
  const { ctx, account, order } = await openDomainHarness()
  await order(await account(1_000), 2)
  await order(await account(1_000), 1, 'video')
  const { read } = ctx.db
  let rowsCompared = 0
  for (const table of Object.values(read.tables)) {
    const build = (connection: Connection) => connection.select().from(table as typeof read.tables.tasks)
    const compiled = await read.compile((connection) => prepared(build(connection)))({})
    const own = await build(read)
    expect(compiled).toEqual(own)
    rowsCompared += own.length
  }
  expect(rowsCompared).toBeGreaterThan(10)
})
