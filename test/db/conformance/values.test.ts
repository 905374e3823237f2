// What every dialect promises of values: they come back as they went in, of the same type, and in the same order.
import { gt, lt, sql } from 'drizzle-orm'
import type { SQL } from 'drizzle-orm'
import { describe, expect, test } from 'vitest'
import type { Connection, Database } from '../../../src/db/database.ts'
import { statement } from '../../../src/db/statement.ts'
import { creditsMax } from '../../../src/db/tables.ts'
import { dialects } from '../../support/test-store.ts'
import { accountIds, accountRow, insertAccount, openStore } from './dialects.ts'

const rowsOf = async (read: Connection) => await read.select().from(read.tables.accounts)

async function withRequest(db: Database, order: string): Promise<void> {
  await db.transaction(async (tx) => {
    await insertAccount('acc_1')(tx)
    await tx.insert(tx.tables.requests).values({
      id: 'req_1',
      accountId: 'acc_1',
      keyId: 'key_1',
      modelId: 'm',
      taskType: 'image',
      upstream: 'keevx',
      order: JSON.parse(order),
      state: 'queued',
      attemptsMade: 0,
      retriesMade: 0,
      failuresInRow: 0,
      createdAt: 1,
    })
  })
}

describe.each(dialects)('$name', ({ newUrl }) => {
  test.each([0, 1, 2 ** 31, creditsMax])('%i credits come back as they went in', async (amount) => {
    const { db } = await openStore(newUrl())
    await db.transaction(insertAccount('acc_1', amount))
    expect(await rowsOf(db.read)).toMatchObject([{ balance: amount, tasksInFlightMax: null }])
  })

  test('more credits than count exactly are refused', async () => {
    const { db } = await openStore(newUrl())
    await expect(db.transaction(insertAccount('acc_1', creditsMax + 1))).rejects.toThrow()
    expect(await rowsOf(db.read)).toEqual([])
  })

  test('every number is below infinity, and none is beyond it', async () => {
    const { db } = await openStore(newUrl())
    await db.transaction(insertAccount('acc_1', creditsMax))
    const { accounts } = db.read.tables
    const where = async (is: SQL) => (await db.read.select().from(accounts).where(is)).length
    expect(await where(lt(accounts.balance, Infinity))).toBe(1)
    expect(await where(gt(accounts.balance, Infinity))).toBe(0)
    expect(await where(gt(accounts.balance, -Infinity))).toBe(1)
  })

  test('counts and sums are numbers', async () => {
    const { db } = await openStore(newUrl())
    for (const id of ['a', 'b']) await db.transaction(insertAccount(id, creditsMax))
    const { accounts } = db.read.tables
    const [row] = await db.read
      .select({
        count: sql`count(*)`.mapWith(Number),
        sum: sql`sum(${accounts.balance})`.mapWith(Number),
      })
      .from(accounts)
    expect(row).toEqual({ count: 2, sum: 2 * creditsMax })
  })

  test.each(['', ' ', 'naïve ﬁ 繁體字 🏳️‍🌈', "'; DROP TABLE accounts; --", 'a\nb\tc', '\\u0000'])(
    'the text %j comes back as it went in',
    async (name) => {
      const { db } = await openStore(newUrl())
      await db.transaction(async (tx) => {
        await tx.insert(tx.tables.accounts).values({ ...accountRow('acc_1'), name })
      })
      expect(await rowsOf(db.read)).toMatchObject([{ name }])
      const { accounts } = db.read.tables
      expect(
        await db.read
          .select()
          .from(accounts)
          .where(sql`${accounts.name} = ${name}`),
      ).toHaveLength(1)
    },
  )

  test('a text with the character 0 is written and asked for like any other; a mark may stand in its place', async () => {
    const { db } = await openStore(newUrl())
    await db.transaction(async (tx) => {
      await tx.insert(tx.tables.accounts).values({ ...accountRow('acc_1'), name: 'a\0b' })
    })
    const [row] = await rowsOf(db.read)
    expect(row?.name).toMatch(/^a[\0\uFFFD]b$/)
    const { accounts } = db.read.tables
    const named = async (name: string) =>
      await db.read
        .select()
        .from(accounts)
        .where(sql`${accounts.name} = ${name}`)
    expect(await named('a\0b')).toHaveLength(1)
    expect(await named('a')).toEqual([])
  })

  test('ids are in the order of their bytes, whatever language the machine speaks', async () => {
    const { db } = await openStore(newUrl())
    const ids = ['acc_Z', 'acc_a', 'acc_', 'acc_0', 'acc_ä', 'acc_z', 'acc_A']
    for (const id of ids) await db.transaction(insertAccount(id))
    const inBytes = ids.toSorted((one, other) => Buffer.compare(Buffer.from(one), Buffer.from(other)))
    expect(await accountIds(db.read)).toEqual(inBytes)
    const { accounts } = db.read.tables
    const after = await db.read
      .select()
      .from(accounts)
      .where(sql`${accounts.id} > 'acc_Z'`)
    expect(after.map(({ id }) => id).toSorted()).toEqual(['acc_a', 'acc_z', 'acc_ä'].toSorted())
  })

  test('what an order says comes back with its keys in their order', async () => {
    const { db } = await openStore(newUrl())
    const order = '{"z":1,"a":{"y":[1.5,null,true],"b":"繁"},"10":2,"9":3}'
    await withRequest(db, order)
    const [row] = await db.read.select().from(db.read.tables.requests)
    expect(JSON.stringify(row?.order)).toBe(JSON.stringify(JSON.parse(order)))
    expect(row).toMatchObject({ state: 'queued', callbackUrl: null })
  })

  test.each([
    ['a state that there is none of', { state: 'lost' as 'queued' }],
    ['a number that is none', { attemptsMade: 'many' as unknown as number }],
    ['nothing where something must be', { modelId: null as unknown as string }],
  ])('%s is refused', async (_, wrong) => {
    const { db } = await openStore(newUrl())
    await withRequest(db, '{}')
    const written = db.transaction(async (tx) => void (await tx.update(tx.tables.requests).set(wrong)))
    await expect(written).rejects.toThrow()
  })

  test('a statement that is kept gives each its own rows, on every connection', async () => {
    const { db } = await openStore(newUrl())
    const byId = statement<{ id: string; balance: number }>('conformance: account by id', (connection) => {
      const { accounts } = connection.tables
      return connection
        .select()
        .from(accounts)
        .where(sql`${accounts.id} = ${sql.placeholder('id')}`)
    })
    await db.transaction(async (tx) => {
      for (const [at, id] of ['a', 'b', 'c'].entries()) await insertAccount(id, at)(tx)
      expect(await byId(tx, { id: 'b' })).toMatchObject([{ id: 'b', balance: 1 }])
    })
    const found = await Promise.all(['c', 'a', 'x'].map(async (id) => await byId(db.read, { id })))
    expect(found).toMatchObject([[{ balance: 2 }], [{ balance: 0 }], []])
    await db.snapshot(async (read) => expect(await byId(read, { id: 'a' })).toHaveLength(1))
  })

  test('whether there is a table is known', async () => {
    const { db } = await openStore(newUrl())
    expect([await db.read.hasTable('tasks'), await db.read.hasTable('no_such_table')]).toEqual([true, false])
  })
})
