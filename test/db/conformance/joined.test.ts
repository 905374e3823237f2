// What every dialect promises of calls that come together: each has its own rows, as if it had been alone.
import { asc, eq, sql } from 'drizzle-orm'
import { describe, expect, test } from 'vitest'
import { batched } from '../../../src/db/batched.ts'
import type { Connection, Tx } from '../../../src/db/database.ts'
import { conditionalUpdateOfIds, statement } from '../../../src/db/statement.ts'
import { moveBalance } from '../../../src/ledger/store.ts'
import { dialects } from '../../support/test-store.ts'
import { accountIds, accountRow, insertAccount, openStore } from './dialects.ts'
import { queuedRequest } from './queued-request.ts'

const insertNamed = statement('test_insert_named', (tx) =>
  tx.insert(tx.tables.accounts).values({
    id: sql.placeholder('id'),
    name: sql.placeholder('name'),
    status: 'active',
    balance: sql.placeholder('balance'),
    tasksOpen: 0,
    tasksInFlightMax: sql.placeholder('tasksInFlightMax'),
    createdAt: 1,
  }),
)

const named = statement<{ id: string; name: string }>('test_named', (read) => {
  const { accounts } = read.tables
  return read
    .select({ id: accounts.id, name: accounts.name })
    .from(accounts)
    .where(eq(accounts.name, sql.placeholder('name')))
    .orderBy(asc(accounts.id))
    .limit(sql.placeholder('limit'))
})

const spend = statement<{ balance: number }>(
  'test_spend',
  (tx) => {
    const { accounts } = tx.tables
    const amount = sql.placeholder('amount')
    return tx
      .update(accounts)
      .set({ balance: sql`${accounts.balance} - ${amount}` })
      .where(sql`${accounts.id} = ${sql.placeholder('id')} AND ${accounts.balance} >= ${amount}`)
      .returning({ balance: accounts.balance })
  },
  { row: 'id' },
)

const texts = [
  'plain',
  '',
  ' ',
  'NULL',
  '"quoted"',
  "it's",
  '{curly, comma}',
  String.raw`back\slash \" \\`,
  'two\nlines\t',
  'naïve ﬁ 繁體字 🏳️‍🌈',
]

const insertAll = async (tx: Tx, names: readonly string[]) =>
  await Promise.all(
    names.map(
      async (name, at) =>
        await insertNamed(tx, {
          id: `acc_${at}`,
          name,
          balance: at,
          tasksInFlightMax: at % 2 === 0 ? null : at,
        }),
    ),
  )

const rowsOf = async (read: Connection) => await read.select().from(read.tables.accounts)

describe.each(dialects)('$name', ({ newUrl }) => {
  test('rows that are inserted together come back as they went in, in the order of their calls', async () => {
    const { db } = await openStore(newUrl())
    await db.transaction(async (tx) => await insertAll(tx, texts))
    const rows = (await rowsOf(db.read)).toSorted((one, other) => one.balance - other.balance)
    expect(rows.map(({ name }) => name)).toEqual(texts)
    expect(rows.map(({ tasksInFlightMax }) => tasksInFlightMax)).toEqual(
      texts.map((_, at) => (at % 2 === 0 ? null : at)),
    )
  })

  test('numbers of entries follow the order of the calls', async () => {
    const { db } = await openStore(newUrl())
    const entry = statement('test_entry', (tx) =>
      tx.insert(tx.tables.entries).values({
        accountId: sql.placeholder('accountId'),
        kind: 'grant',
        amount: sql.placeholder('amount'),
        balanceAfter: 0,
        createdAt: 1,
      }),
    )
    const amounts = Array.from({ length: 40 }, (_, at) => 40 - at)
    await db.transaction(async (tx) => {
      await insertAccount('acc_1')(tx)
      await Promise.all(amounts.map(async (amount) => await entry(tx, { accountId: 'acc_1', amount })))
    })
    const { entries } = db.read.tables
    const found = await db.read.select({ amount: entries.amount }).from(entries).orderBy(asc(entries.id))
    expect(found.map(({ amount }) => amount)).toEqual(amounts)
  })

  test('each read has its own rows: none, one or several, in its own order and up to its own limit', async () => {
    const { db } = await openStore(newUrl())
    await db.transaction(async (tx) => await insertAll(tx, ['a', 'b', 'a', 'a']))
    const asked = [
      { name: 'a', limit: 9 },
      { name: 'nobody', limit: 9 },
      { name: 'a', limit: 2 },
      { name: 'b', limit: 9 },
    ]
    const found = await Promise.all(asked.map(async (values) => await named(db.read, values)))
    expect(found.map((rows) => rows.map(({ id }) => id))).toEqual([
      ['acc_0', 'acc_2', 'acc_3'],
      [],
      ['acc_0', 'acc_2'],
      ['acc_1'],
    ])
  })

  test('of rows that are put unless they are there each call is told whether its own was', async () => {
    const { db } = await openStore(newUrl())
    const put = statement<{ dueAt: number }>(
      'test_put',
      (tx) => {
        const { webhookQueues } = tx.tables
        const [accountId, dueAt] = [sql.placeholder('accountId'), sql.placeholder('dueAt')]
        return tx
          .insert(webhookQueues)
          .values({ accountId, dueAt, turn: 7 })
          .onConflictDoNothing({ target: webhookQueues.accountId })
          .returning({ dueAt: webhookQueues.dueAt })
      },
      { row: 'accountId' },
    )
    const ids = Array.from({ length: 5 }, (_, at) => `acc_${at}`)
    await db.transaction(async (tx) => {
      for (const id of ids) await insertAccount(id)(tx)
    })
    const putAll = async (tx: Tx, calls: readonly (readonly [string, number])[]) =>
      await Promise.all(calls.map(async ([accountId, dueAt]) => await put(tx, { accountId, dueAt })))
    await db.transaction(async (tx) => await putAll(tx, [['acc_3', 30]]))
    const found = await db.transaction(
      async (tx) =>
        await putAll(tx, [
          ['acc_2', 20],
          ['acc_3', 31],
          ['acc_0', 0],
          ['acc_2', 21],
        ]),
    )
    expect(found).toEqual([[{ dueAt: 20 }], [], [{ dueAt: 0 }], []])
    const { webhookQueues } = db.read.tables
    const rows = await db.read.select().from(webhookQueues).orderBy(asc(webhookQueues.accountId))
    expect(rows.map(({ accountId, dueAt, turn }) => [accountId, dueAt, turn])).toEqual([
      ['acc_0', 0, 7],
      ['acc_2', 20, 7],
      ['acc_3', 30, 7],
    ])
  })

  test('a read that the store refuses fails alone', async () => {
    const { db } = await openStore(newUrl())
    await db.transaction(async (tx) => await insertAll(tx, ['a', 'b']))
    const limits = [5, 'no number', 5]
    const found = await Promise.allSettled(
      limits.map(async (limit) => await named(db.read, { name: 'a', limit })),
    )
    expect(found.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled'])
  })

  test('of updates of one row each finds what the one before it has left', async () => {
    const { db } = await openStore(newUrl())
    await db.transaction(insertAccount('acc_1', 10))
    await db.transaction(insertAccount('acc_2', 5))
    const ids = ['acc_1', 'acc_2', 'acc_1', 'acc_1', 'acc_1', 'nobody']
    const left = await db.transaction(
      async (tx) => await Promise.all(ids.map(async (id) => await spend(tx, { id, amount: 3 }))),
    )
    expect(left.map(([row]) => row?.balance ?? null)).toEqual([7, 2, 4, 1, null, null])
    expect(
      (await rowsOf(db.read)).map(({ balance }) => balance).toSorted((one, other) => one - other),
    ).toEqual([1, 2])
  })

  test('a move of many rows at once sets for each what it was given, null too', async () => {
    const { db } = await openStore(newUrl())
    const request = (id: string) => queuedRequest(id, 'acc_1', 1)
    const ids = ['req_1', 'req_2', 'req_3']
    await db.transaction(async (tx) => {
      await insertAccount('acc_1')(tx)
      await tx.insert(tx.tables.requests).values(ids.map(request))
    })
    const move = conditionalUpdateOfIds({ table: 'requests', by: 'id' })
    const moved = await db.transaction(
      async (tx) =>
        await Promise.all([
          move(tx, 'req_1', { from: ['queued'], to: { state: 'failed', dueAt: null } }),
          move(tx, 'req_2', { from: ['queued'], to: { state: 'failed', dueAt: null } }),
          move(tx, 'req_9', { from: ['queued'], to: { state: 'failed', dueAt: null } }),
          move(tx, 'req_3', { from: ['queued'], to: { state: 'submitting', dueAt: 8 } }),
        ]),
    )
    expect(moved).toEqual([[{ id: 'req_1' }], [{ id: 'req_2' }], [], [{ id: 'req_3' }]])
    const { requests } = db.read.tables
    const rows = await db.read.select().from(requests).orderBy(asc(requests.id))
    expect(rows.map(({ state, dueAt }) => [state, dueAt])).toEqual([
      ['failed', null],
      ['failed', null],
      ['submitting', 8],
    ])
  })

  test('what a statement refuses undoes the whole work', async () => {
    const { db } = await openStore(newUrl())
    const twice = db.transaction(async (tx) => {
      const row = { ...accountRow('acc_1'), tasksInFlightMax: null }
      await Promise.all([
        insertNamed(tx, row),
        insertNamed(tx, { ...row, id: 'acc_2' }),
        insertNamed(tx, row),
      ])
    })
    await expect(twice).rejects.toThrow()
    expect(await accountIds(db.read)).toEqual([])
  })

  test('moves of one balance that come together are told step by step, also where one of them is refused', async () => {
    const { db } = await openStore(newUrl())
    await db.transaction(insertAccount('acc_1', 10))
    await db.transaction(insertAccount('acc_2', 1))
    const moves: (readonly [string, number])[][] = [
      [
        ['acc_1', 5],
        ['acc_2', 1],
        ['acc_1', 0],
        ['acc_1', 7],
      ],
      [
        ['acc_1', -20],
        ['acc_1', -20],
        ['acc_1', 4],
        ['nobody', 4],
      ],
    ]
    const told = await Promise.all(
      moves.map(
        async (together) =>
          await db.transaction(
            async (tx) =>
              await Promise.all(
                together.map(
                  async ([accountId, amount]) =>
                    await moveBalance(tx, { accountId, amount, tasksOpen: 0, creditsOpen: 0 }),
                ),
              ),
          ),
      ),
    )
    expect(told).toEqual([
      [15, 2, 15, 22],
      [2, null, 6, null],
    ])
  })

  test('calls of a batch that come together or alone have their own results', async () => {
    const { db } = await openStore(newUrl())
    const doubled = batched(async (_tx: Tx, numbers: readonly number[]) =>
      numbers.map((number) => 2 * number),
    )
    const failing = batched(async (_tx: Tx, numbers: readonly number[]): Promise<number[]> => {
      throw new Error(`no ${numbers.join()}`)
    })
    const results = await db.transaction(async (tx) => [
      await doubled(tx, 1),
      ...(await Promise.all([2, 3, 4].map(async (number) => await doubled(tx, number)))),
    ])
    expect(results).toEqual([2, 4, 6, 8])
    await expect(db.transaction(async (tx) => await failing(tx, 1))).rejects.toThrow('no 1')
  })
})
