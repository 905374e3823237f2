// What every dialect promises of the fair queue's guards: orders that move in one statement move as if one by one.
import { asc, eq, inArray, sql } from 'drizzle-orm'
import { describe, expect, test } from 'vitest'
import type { Database, Tx } from '../../../src/db/database.ts'
import { dialects } from '../../support/test-store.ts'
import { insertAccount, openStore } from './dialects.ts'
import { queuedRequest } from './queued-request.ts'

const accounts = ['acc_1', 'acc_2', 'acc_3']
const ordersEach = 6

interface Move {
  readonly id: string
  readonly state: 'queued' | 'submitting' | 'failed'
  readonly startTag: number | null
  readonly upstream: string
}

/** As they are posted: by ascending tags, accounts in turn. */
const posted = (ids: readonly string[], firstTag: number): Move[] =>
  ids.map((id, at) => ({ id, state: 'submitting', startTag: firstTag + 400 * at, upstream: 'keevx' }))

async function moveAll(tx: Tx, moves: readonly Move[]): Promise<void> {
  const { requests } = tx.tables
  const valueOf = (of: (move: Move) => string | number | null) =>
    sql`CASE ${sql.join(
      moves.map((move) => sql`WHEN ${requests.id} = ${move.id} THEN ${of(move)}`),
      sql` `,
    )} END`
  await tx
    .update(requests)
    .set({
      state: valueOf(({ state }) => state),
      upstream: valueOf(({ upstream }) => upstream),
      startTag: sql`CAST(${valueOf(({ startTag }) => startTag)} AS bigint)`,
    })
    .where(
      inArray(
        requests.id,
        moves.map(({ id }) => id),
      ),
    )
}

async function queueOf({ read }: Database) {
  const { queues, queueFlows } = read.tables
  return {
    queues: await read.select().from(queues).orderBy(asc(queues.upstream)),
    flows: await read.select().from(queueFlows).orderBy(asc(queueFlows.upstream), asc(queueFlows.accountId)),
  }
}

const idOf = (account: number, order: number) => `req_${order}_${account}`

describe.each(dialects)('$name', ({ newUrl }) => {
  async function open(): Promise<Database> {
    const { db } = await openStore(newUrl())
    await db.transaction(async (tx) => {
      for (const id of accounts) await insertAccount(id)(tx)
      for (let order = 0; order < ordersEach; order += 1) {
        for (const [at, account] of accounts.entries()) {
          await tx.insert(tx.tables.requests).values(queuedRequest(idOf(at, order), account, 10 * order + at))
        }
      }
    })
    return db
  }
  const rounds: readonly (readonly Move[])[] = [
    posted([idOf(0, 0), idOf(1, 0), idOf(2, 0), idOf(0, 1), idOf(1, 1)], 1),
    // What is posted once more has its place from before; one is given up without a place.
    [
      { id: idOf(0, 0), state: 'queued', startTag: 1, upstream: 'keevx' },
      { id: idOf(2, 1), state: 'failed', startTag: null, upstream: 'keevx' },
    ],
    [
      { id: idOf(0, 0), state: 'submitting', startTag: 1, upstream: 'keevx' },
      ...posted([idOf(2, 2), idOf(0, 2), idOf(1, 2)], 1_900),
    ],
    // Another route, while one of the same account is posted.
    [{ id: idOf(1, 3), state: 'queued', startTag: null, upstream: 'site' }, ...posted([idOf(1, 4)], 3_500)],
    // The last of an account.
    posted([idOf(2, 3), idOf(2, 4), idOf(2, 5)], 4_000),
  ]

  test('in one statement as one by one: numbers, tags and whose turn it is', async () => {
    const [together, apart] = [await open(), await open()]
    for (const moves of rounds) {
      await together.transaction(async (tx) => await moveAll(tx, moves))
      await apart.transaction(async (tx) => {
        for (const move of moves) await moveAll(tx, [move])
      })
      expect(await queueOf(together)).toEqual(await queueOf(apart))
    }
    const { queues, flows } = await queueOf(together)
    expect(queues).toMatchObject([
      { upstream: 'keevx', waiting: 4, virtualTime: 4_800 },
      { upstream: 'site', waiting: 1 },
    ])
    expect(flows.find(({ accountId }) => accountId === 'acc_3')).toMatchObject({
      waiting: 0,
      startTag: null,
      finishTag: 5_800,
    })
  })

  test('an update that moves none changes nothing of it', async () => {
    const db = await open()
    const before = await queueOf(db)
    await db.transaction(async (tx) => {
      const { requests } = tx.tables
      await tx.update(requests).set({ dueAt: 9 }).where(eq(requests.accountId, 'acc_1'))
    })
    expect(await queueOf(db)).toEqual(before)
  })
})
