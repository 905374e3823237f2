// A whole store moves into another one, of its own dialect or the other: every row, exactly, and only once.
import { describe, expect, onTestFinished, test } from 'vitest'
import { moveStore } from '../../../src/app/move/move-store.ts'
import { tableShapes } from '../../../src/db/move/shapes.ts'
import { storeAt } from '../../../src/db/store-at.ts'
import { grant, noNotes } from '../../../src/ledger/grant.ts'
import { hasPostgres } from '../../support/stores/postgres-server.ts'
import { postgres } from '../../support/stores/postgres.ts'
import { dialects, openTestStore } from '../../support/test-store.ts'
import { columnsOf, everythingIn, filledFile } from './filled.ts'

const move = async (from: string, to: string) =>
  await moveStore({ from: storeAt(from), to: storeAt(to), sliceRows: 20 })

/** A filled store of the dialect. */
async function filled({ name, newUrl }: (typeof dialects)[number]): Promise<string> {
  const file = `file:${filledFile()}`
  if (name === 'SQLite') return file
  const url = newUrl()
  await move(file, url)
  return url
}

async function open(url: string) {
  const db = await storeAt(url).open({ onFatal: () => undefined })
  onTestFinished(async () => await db.close())
  return db
}

test('no table and no column is left out, and none comes before one that its rows name', () => {
  const shapes = tableShapes()
  const wanted = [...columnsOf()].map(([table, columns]) => [
    table,
    columns.map(({ name }) => name).toSorted(),
  ])
  const found = shapes.map(({ name, columns }) => [name, columns.map((column) => column.name).toSorted()])
  expect(Object.fromEntries(found)).toEqual(Object.fromEntries(wanted))
  for (const [at, { name, parents }] of shapes.entries()) {
    const before = shapes.slice(0, at).map((shape) => shape.name)
    for (const parent of parents) expect(before, `${name} names ${parent}`).toContain(parent)
  }
})

test('the filled store has rows in every table', async () => {
  const found = await everythingIn(`file:${filledFile()}`)
  for (const [table, rows] of Object.entries(found)) expect(rows.length, table).toBeGreaterThan(0)
})

describe.skipIf(!hasPostgres)('PostgreSQL', () => {
  test('it has no table that is not moved, but those of one process and of one schema', async () => {
    const url = postgres.newUrl()
    await postgres.placeFresh(url)
    const rows = await postgres
      .open(url)
      .rows<{ name: string }>('SELECT tablename AS name FROM pg_tables WHERE schemaname = current_schema()')
    const moved = [
      ...tableShapes().map(({ name }) => name),
      'schema_readers',
      'writers',
      '__drizzle_migrations',
    ]
    expect(rows.map(({ name }) => name).toSorted()).toEqual(moved.toSorted())
  })

  test('a store goes there and back, and every value is what it was, byte by byte', async () => {
    const from = `file:${filledFile()}`
    const before = await everythingIn(from)
    const [there, back] = [postgres.newUrl(), `file:${filledFile()}.back`]
    await move(from, there)
    expect(await everythingIn(there)).toEqual(before)
    await move(there, back)
    expect(await everythingIn(back)).toEqual(before)
    expect(await everythingIn(from)).toEqual(before)
  })
})

const pairs = dialects.flatMap((from) =>
  dialects.map((to) => ({ from, to, name: `${from.name} to ${to.name}` })),
)

describe.each(pairs)('$name', ({ from, to }) => {
  test('all rows arrive, each compared, and nothing is counted twice', async () => {
    const [source, target] = [await filled(from), to.newUrl()]
    const before = await everythingIn(source)
    const moved = await move(source, target)
    expect(await everythingIn(target)).toEqual(before)
    expect(moved.rows).toEqual(
      Object.fromEntries(Object.entries(before).map(([table, rows]) => [table, rows.length])),
    )
    expect(moved).toMatchObject({ resumed: false, replaced: 0, accounts: 3 })
    expect(await storeAt(target).examine()).toEqual({ schema: 'current', damage: [] })
  })

  test('the new store is guarded, counts on, and numbers entries behind the last', async () => {
    const [source, target] = [await filled(from), to.newUrl()]
    await move(source, target)
    const store = openTestStore(target)
    const [{ last }] = (await store.rows<{ last: number }>('SELECT max(id) AS last FROM entries')) as [
      { last: number },
    ]
    const refused: readonly [string, RegExp][] = [
      ['UPDATE entries SET amount = 1', /never changed/],
      ['DELETE FROM entries', /never deleted/],
      ['UPDATE tasks SET credits = 1', /fixed when it is charged/],
      [
        "INSERT INTO keys (id, account_id, name, hash, prefix, created_at) VALUES ('k', 'no', '', '', '', 1)",
        /FOREIGN KEY|foreign key/,
      ],
      ['UPDATE accounts SET balance = -1', /accounts_balance/],
    ]
    for (const [statement, words] of refused) await expect(store.write(statement)).rejects.toThrow(words)
    const count = async () =>
      (await store.rows<{ value: number }>("SELECT value FROM counters WHERE name = 'entries.grant'"))[0]
        ?.value
    const counted = (await count()) ?? 0
    const db = await open(target)
    const given = await db.transaction(
      async (tx) =>
        await grant(tx, { accountId: 'acc_0', amount: 3, notes: noNotes, idempotencyKey: null, nowMs: 9 }),
    )
    expect(given).toMatchObject({ entryId: last + 1 })
    expect(await count()).toBe(counted + 3)
  })

  test('the old store says where it has gone, and is opened by nobody', async () => {
    const [source, target] = [await filled(from), to.newUrl()]
    await move(source, target)
    const refusal = storeAt(source).open({ onFatal: () => undefined })
    await expect(refusal).rejects.toThrow(`was moved to ${storeAt(target).name} on 2`)
    await expect(move(source, to.newUrl())).rejects.toThrow('was moved to')
    await expect(move(source, target)).rejects.toThrow('was moved to')
    const { read } = await open(target)
    expect(await read.select().from(read.tables.rights)).toHaveLength(1)
    // The way back of the operator's guide.
    await openTestStore(source).write('DROP TABLE store_move')
    await open(source)
  })
})
