// Behind the door: what a key is worth when orders meet in the store, when commits fail, and when keys grow old.
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import Sqlite from 'better-sqlite3'
import { afterAll, describe, expect, test, vi } from 'vitest'
import type { Caller } from '../../src/accounts/keys.ts'
import { systemClock } from '../../src/clock.ts'
import type { Context } from '../../src/context.ts'
import { CommitUnknown } from '../../src/db/errors.ts'
import { verifyLedger } from '../../src/ledger/verify.ts'
import { hashOfBody } from '../../src/tasks/create/body-hash.ts'
import { createCleaning } from '../../src/tasks/rescue/cleanup.ts'
import { lateness, rescue } from '../../src/tasks/rescue/rescue.ts'
import { commitsInLog, outsideLook } from '../db/outside.ts'
import type { TwinOrders } from '../support/twin.ts'
import { create, openWorkshop } from '../support/workshop.ts'
import type { Workshop } from '../support/workshop.ts'

const body = { model_id: 'gpt-image-2', prompt: 'a heron' }
const hourMs = 3_600_000

async function orderOnce(ctx: Context, caller: Caller, key = 'k', asked: unknown = body) {
  const { created, replayed } = await create(ctx, caller, asked, key)
  return { ...created, replayed }
}

const keysIn = async ({ ctx }: Workshop) => await ctx.db.read.select().from(ctx.db.read.tables.idempotency)
const requestsIn = async ({ ctx }: Workshop) => await ctx.db.read.select().from(ctx.db.read.tables.requests)

/** Everything adds up, and the account has paid for this many orders of one picture. */
async function expectPaid(shop: Workshop, caller: Caller, given: number, orders: number): Promise<void> {
  expect(await shop.balance(caller)).toBe(given - 15 * orders)
  const verified = await verifyLedger(shop.ctx.db, shop.clock.now(), lateness(shop.ctx.config))
  expect(verified.drift.filter(({ check }) => check !== 'no open task is past its limit')).toEqual([])
}

describe('twins that meet in the store', () => {
  test('make one order, and none of them undoes a neighbour in the same commit', async () => {
    const shop = await openWorkshop()
    const caller = await shop.account(1_000)
    let runs = 0
    const neighbour = shop.ctx.db.transaction(async () => void (runs += 1))
    const twins = await Promise.all(Array.from({ length: 40 }, () => orderOnce(shop.ctx, caller)))
    await neighbour
    expect(runs).toBe(1)
    expect(twins.filter(({ replayed }) => !replayed)).toHaveLength(1)
    expect(new Set(twins.map(({ taskIds }) => taskIds.join())).size).toBe(1)
    expect(await requestsIn(shop)).toHaveLength(1)
    await expectPaid(shop, caller, 1_000, 1)
  })

  test('make one order also when a neighbour fails and all of them run again', async () => {
    const shop = await openWorkshop()
    const caller = await shop.account(1_000)
    const failing = shop.ctx.db.transaction(async () => {
      throw new Error('changed its mind')
    })
    const twins = Promise.all(Array.from({ length: 40 }, () => orderOnce(shop.ctx, caller)))
    await expect(failing).rejects.toThrow('changed its mind')
    expect((await twins).filter(({ replayed }) => !replayed)).toHaveLength(1)
    await expectPaid(shop, caller, 1_000, 1)
  })

  test('make one order, and none is refused while another is being let in', async () => {
    const shop = await openWorkshop()
    const caller = await shop.account(15)
    const orders = Array.from({ length: 40 }, () => orderOnce(shop.ctx, caller))
    const suspended = orderOnce(shop.ctx, { ...caller, status: 'suspended' })
    const twins = await Promise.all([...orders, suspended])
    expect(twins.filter(({ replayed }) => !replayed)).toHaveLength(1)
    expect(new Set(twins.map(({ requestId }) => requestId)).size).toBe(1)
    await expect(orderOnce(shop.ctx, caller, 'k', { ...body, prompt: 'b' })).rejects.toMatchObject({
      type: 'idempotency_mismatch',
    })
    await expectPaid(shop, caller, 15, 1)
  })

  test('are all refused where one would be, and leave no key behind', async () => {
    const shop = await openWorkshop()
    const caller = await shop.account(14)
    const twins = await Promise.allSettled(Array.from({ length: 10 }, () => orderOnce(shop.ctx, caller)))
    for (const twin of twins)
      expect(twin.status === 'rejected' && twin.reason).toMatchObject({ type: 'insufficient_credits' })
    expect(await keysIn(shop)).toEqual([])
    await expectPaid(shop, caller, 14, 0)
  })

  test('make one order when they come through two connections', async () => {
    const shop = await openWorkshop()
    const caller = await shop.account(1_000)
    const orders: TwinOrders = { folder: shop.folder, caller, body, key: 'k', count: 25 }
    const twin = fileURLToPath(new URL('../support/twin.ts', import.meta.url))
    const other = fork(twin, [JSON.stringify(orders)], { execArgv: [] })
    try {
      await once(other, 'message')
      const theirs = once(other, 'message')
      other.send('go')
      const ctx = { ...shop.ctx, clock: systemClock }
      const ours = await Promise.all(Array.from({ length: 25 }, () => orderOnce(ctx, caller)))
      const twins = [...ours, ...((await theirs) as [typeof ours])[0]]
      expect(twins).toHaveLength(50)
      expect(twins.filter(({ replayed }) => !replayed)).toHaveLength(1)
      expect(new Set(twins.map(({ requestId }) => requestId)).size).toBe(1)
    } finally {
      other.kill()
    }
    await expectPaid(shop, caller, 1_000, 1)
  })

  test('between whom another connection takes the key: the index decides, and the order is undone whole', async () => {
    const shop = await openWorkshop()
    const caller = await shop.account(100)
    const { requestId } = await shop.order(caller)
    // As if it had been committed after the look and before the order was stored.
    outsideLook(shop.file).exec(`CREATE TRIGGER rival AFTER INSERT ON tasks BEGIN
      INSERT INTO idempotency SELECT account_id, 'k', '${await hashOfBody(body)}', '${requestId}', created_at
      FROM requests WHERE id = NEW.request_id; END`)
    await expect(orderOnce(shop.ctx, caller)).rejects.toMatchObject({ type: 'unavailable' })
    expect(await requestsIn(shop)).toHaveLength(1)
    await expectPaid(shop, caller, 100, 1)
  })

  test('one of them is not told that it is refused while the other is being let in', async () => {
    const shop = await openWorkshop()
    const caller = await shop.account(100)
    const first = orderOnce(shop.ctx, caller)
    const suspended = orderOnce(shop.ctx, { ...caller, status: 'suspended' })
    const { requestId } = await first
    expect(await suspended).toMatchObject({ requestId, replayed: true })
    await expect(orderOnce(shop.ctx, { ...caller, status: 'suspended' }, 'another')).rejects.toMatchObject({
      type: 'account_suspended',
    })
  })
})

test('a replay writes nothing, rings no bell and counts nothing as created', async () => {
  const shop = await openWorkshop()
  const caller = await shop.account(100)
  await orderOnce(shop.ctx, caller)
  const commits = commitsInLog(shop.file)
  const wake = vi.fn<Context['wake']>()
  const transaction = vi.spyOn(shop.ctx.db, 'transaction')
  expect(await orderOnce({ ...shop.ctx, wake }, caller)).toMatchObject({ replayed: true })
  expect(transaction).not.toHaveBeenCalled()
  transaction.mockRestore()
  // Also one that learns in the store that it is a replay.
  const twins = await Promise.all([1, 2].map(() => orderOnce({ ...shop.ctx, wake }, caller, 'twins')))
  expect(twins.map(({ replayed }) => replayed)).toEqual([false, true])
  expect(wake.mock.calls).toEqual([['submit']])
  expect(commitsInLog(shop.file)).toBe(commits + 1)
  const counted = await shop.ctx.metrics.registry.metrics()
  expect(counted).toContain('tollgate_tasks_created_total{model="gpt-image-2"} 2\n')
})

test('a key whose tasks are gone is never ordered and charged again', async () => {
  const shop = await openWorkshop()
  const caller = await shop.account(100)
  await orderOnce(shop.ctx, caller)
  outsideLook(shop.file).exec("PRAGMA foreign_keys = OFF; UPDATE tasks SET request_id = 'req_none'")
  await expect(orderOnce(shop.ctx, caller)).rejects.toMatchObject({ type: 'unavailable' })
  expect(await shop.balance(caller)).toBe(85)
})

describe('a commit that nobody could confirm', () => {
  test('and that was kept: the same key finds it', async () => {
    const shop = await openWorkshop()
    const caller = await shop.account(100)
    const { db } = shop.ctx
    let commits = 0
    const unsure: Context['db'] = {
      ...db,
      async transaction(work) {
        commits += 1
        // What comes after it says nothing of it: not even that nothing was charged.
        if (commits > 1) throw Object.assign(new Error('busy'), { code: 'SQLITE_BUSY' })
        await db.transaction(work)
        throw new CommitUnknown(new Error('the disk'))
      },
    }
    await expect(orderOnce({ ...shop.ctx, db: unsure }, caller)).rejects.toBeInstanceOf(CommitUnknown)
    expect(await orderOnce(shop.ctx, caller)).toMatchObject({ replayed: true, credits: 15 })
    await expectPaid(shop, caller, 100, 1)
  })

  test('and that was not kept: the same key orders, in the process that comes after', async () => {
    const shop = await openWorkshop()
    const caller = await shop.account(100)
    const { db } = shop.ctx
    // A reference that is only looked at when the turn commits makes that commit fail.
    const unkeepable = db.transaction(async (tx) => {
      await tx.run('PRAGMA defer_foreign_keys = ON')
      await tx
        .insert(tx.tables.keys)
        .values({ id: 'key_1', accountId: 'nobody', name: '', hash: 'h', prefix: 'p', createdAt: 1 })
    })
    const settled = await Promise.allSettled([unkeepable, orderOnce(shop.ctx, caller)])
    for (const { status } of settled) expect(status).toBe('rejected')
    await expect(orderOnce(shop.ctx, caller)).rejects.toBeInstanceOf(CommitUnknown)
    await db.close()
    const next = await openWorkshop({ folder: shop.folder, clock: shop.clock })
    expect(await orderOnce(next.ctx, caller)).toMatchObject({ replayed: false, credits: 15 })
    await expectPaid(next, caller, 100, 1)
  })
})

describe('a key that is kept no longer', () => {
  test('is taken over by the next order, also where nobody has swept it away', async () => {
    const shop = await openWorkshop()
    const caller = await shop.account(100)
    const first = await orderOnce(shop.ctx, caller)
    shop.clock.advance(25 * hourMs - 1)
    expect(await orderOnce(shop.ctx, caller)).toEqual({ ...first, replayed: true })
    shop.clock.advance(1)
    const other = { ...body, prompt: 'another bird' }
    const second = await orderOnce(shop.ctx, caller, 'k', other)
    expect(second).toMatchObject({ replayed: false })
    expect(second.requestId).not.toBe(first.requestId)
    expect(await keysIn(shop)).toMatchObject([
      { requestId: second.requestId, bodyHash: await hashOfBody(other) },
    ])
    shop.clock.advance(25 * hourMs - 1)
    expect(await orderOnce(shop.ctx, caller, 'k', other)).toEqual({ ...second, replayed: true })
    await expectPaid(shop, caller, 100, 2)
  })

  test('is taken away, some dozens at a time, and no younger one with it', async () => {
    const shop = await openWorkshop()
    const caller = await shop.account(100)
    await orderOnce(shop.ctx, caller, 'old')
    outsideLook(shop.file).exec(`WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 449)
      INSERT INTO idempotency SELECT account_id, 'old-' || i, body_hash, request_id, created_at FROM idempotency, n`)
    shop.clock.advance(1)
    await orderOnce(shop.ctx, caller, 'young')
    shop.clock.advance(25 * hourMs - 2)
    const { turn } = createCleaning(shop.ctx)
    while (await turn());
    expect(await keysIn(shop)).toHaveLength(451)
    shop.clock.advance(1)
    let turns = 0
    for (let before = 451; before > 1; turns += 1) {
      await turn()
      const left = (await keysIn(shop)).length
      expect(before - left).toBeLessThanOrEqual(50)
      before = left
    }
    expect(turns).toBe(9)
    expect(await keysIn(shop)).toMatchObject([{ key: 'young' }])
    // The orders themselves stay.
    expect(await requestsIn(shop)).toHaveLength(2)
  })

  test('is not swept away when it is taken over at that moment', async () => {
    const shop = await openWorkshop()
    const caller = await shop.account(100)
    await orderOnce(shop.ctx, caller)
    // Nothing else is left to sweep, so that both works meet in one commit.
    shop.clock.advance(hourMs)
    await rescue(shop.ctx)
    shop.clock.advance(24 * hourMs)
    const [second] = await Promise.all([orderOnce(shop.ctx, caller), createCleaning(shop.ctx).turn()])
    expect(second.replayed).toBe(false)
    expect(await orderOnce(shop.ctx, caller)).toEqual({ ...second, replayed: true })
  })
})

describe('an order without a key', () => {
  const prepare = vi.spyOn(Sqlite.prototype, 'prepare')
  afterAll(() => prepare.mockRestore())

  test('asks the store nothing about keys', async () => {
    const shop = await openWorkshop()
    const caller = await shop.account(100)
    const before = prepare.mock.calls.length
    const asked = () =>
      prepare.mock.calls.slice(before).filter(([statement]) => statement.includes('"idempotency"')).length
    await shop.order(caller)
    expect(prepare.mock.calls.length).toBeGreaterThan(before)
    expect(asked()).toBe(0)
    await orderOnce(shop.ctx, caller)
    expect(asked()).toBeGreaterThan(0)
  })
})
