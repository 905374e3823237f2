// Queries written by hand are prepared once for each text, whatever their values.
import Sqlite from 'better-sqlite3'
import { sql } from '../../src/db/drizzle.ts'
import { expect, onTestFinished, test, vi } from 'vitest'
import { connect } from '../../src/db/sqlite/client.ts'

function open() {
  const client = new Sqlite(':memory:')
  onTestFinished(() => void client.close())
  const prepare = vi.spyOn(client, 'prepare')
  return { connection: connect(client), prepare }
}

test('a query that comes again with other values is prepared once', async () => {
  const { connection, prepare } = open()
  for (let n = 0; n < 1_000; n += 1) {
    expect(await connection.rows(sql`SELECT ${n} + ${1} AS next, ${`word ${n}`} AS word`)).toEqual([
      { next: n + 1, word: `word ${n}` },
    ])
  }
  expect(prepare).toHaveBeenCalledTimes(1)
})

test('queries of ever new texts are all answered, each by its own statement', async () => {
  const { connection } = open()
  for (let n = 0; n < 1_000; n += 1) {
    expect(await connection.rows(sql`SELECT ${sql.raw(String(n))} AS n`)).toEqual([{ n }])
  }
  expect(await connection.rows(sql`SELECT 1 AS n`)).toEqual([{ n: 1 }])
})

test('a query that cannot be prepared is a rejection', async () => {
  const { connection } = open()
  await expect(connection.rows(sql`SELECT * FROM missing`)).rejects.toThrow(/no such table/)
  await connection.rows(sql`SELECT 1`)
})
