// Behind the door: what a key is worth when orders meet in the store, when commits fail, and when keys grow old.
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { afterAll, describe, expect, test, vi } from 'vitest'
import type { Caller } from '../../src/accounts/callers.ts'
import { systemClock } from '../../src/clock.ts'
import type { Context } from '../../src/context.ts'
import { CommitUnknown } from '../../src/db/errors.ts'
import { verifyLedger } from '../../src/ledger/verify.ts'
import { hashOfBody } from '../../src/tasks/create/body-hash.ts'
import { expiredKeys, forgetKey, keysGoneBefore } from '../../src/tasks/create/idempotency.ts'
import { createCleaning } from '../../src/tasks/rescue/cleanup.ts'
import { lateness } from '../../src/tasks/rescue/rescue.ts'
import { watchStatements } from '../support/statements.ts'
import type { TwinOrders } from '../support/twin.ts'
import { create, openDomainHarness } from '../support/domain-harness.ts'
import type { DomainHarness } from '../support/domain-harness.ts'

const body = { model_id: 'gpt-image-2', prompt: 'a heron' }
const hourMs = 3_600_000

async function orderOnce(ctx: Context, caller: Caller, key = 'k', asked: unknown = body) {
  const { created, replayed } = await create(ctx, caller, asked, key)
  return { ...created, replayed }
}

const keysIn = async ({ ctx }: DomainHarness) =>
  await ctx.db.read.select().from(ctx.db.read.tables.idempotency)
const requestsIn = async ({ ctx }: DomainHarness) =>
  await ctx.db.read.select().from(ctx.db.read.tables.requests)

/** Everything adds up, and the account has paid for this many orders of one picture. */
async function expectPaid(
  domain: DomainHarness,
  caller: Caller,
  given: number,
  orders: number,
): Promise<void> {
  expect(await domain.balance(caller)).toBe(given - 15 * orders)
  const verified = await verifyLedger(domain.ctx.db, domain.clock.now(), lateness(domain.ctx.config))
  expect(verified.drift.filter(({ check }) => check !== 'no open task is past its limit')).toEqual([])
}

describe('twins that meet in the store', () => {
  test('make one order, and none of them undoes a neighbour in the same commit', async () => {
    const domain = await openDomainHarness()
    const caller = await domain.account(1_000)
    let runs = 0
    const neighbour = domain.ctx.db.transaction(async () => void (runs += 1))
    const twins = await Promise.all(Array.from({ length: 40 }, () => orderOnce(domain.ctx, caller)))
    await neighbour
    expect(runs).toBe(1)
    expect(twins.filter(({ replayed }) => !replayed)).toHaveLength(1)
    expect(new Set(twins.map(({ taskIds }) => taskIds.join())).size).toBe(1)
    expect(await requestsIn(domain)).toHaveLength(1)
    await expectPaid(domain, caller, 1_000, 1)
  })

  test('make one order also when a neighbour fails and all of them run again', async () => {
    const domain = await openDomainHarness()
    const caller = await domain.account(1_000)
    const failing = domain.ctx.db.transaction(async () => {
      throw new Error('changed its mind')
    })
    const twins = Promise.all(Array.from({ length: 40 }, () => orderOnce(domain.ctx, caller)))
    await expect(failing).rejects.toThrow('changed its mind')
    expect((await twins).filter(({ replayed }) => !replayed)).toHaveLength(1)
    await expectPaid(domain, caller, 1_000, 1)
  })

  test('make one order, and none is refused while another is being let in', async () => {
    const domain = await openDomainHarness()
    const caller = await domain.account(15)
    const orders = Array.from({ length: 40 }, () => orderOnce(domain.ctx, caller))
    const suspended = orderOnce(domain.ctx, { ...caller, status: 'suspended' })
    const twins = await Promise.all([...orders, suspended])
    expect(twins.filter(({ replayed }) => !replayed)).toHaveLength(1)
    expect(new Set(twins.map(({ requestId }) => requestId)).size).toBe(1)
    await expect(orderOnce(domain.ctx, caller, 'k', { ...body, prompt: 'b' })).rejects.toMatchObject({
      type: 'idempotency_mismatch',
    })
    await expectPaid(domain, caller, 15, 1)
  })

  test('are all refused where one would be, and leave no key behind', async () => {
    const domain = await openDomainHarness()
    const caller = await domain.account(14)
    const twins = await Promise.allSettled(Array.from({ length: 10 }, () => orderOnce(domain.ctx, caller)))
    for (const twin of twins)
      expect(twin.status === 'rejected' && twin.reason).toMatchObject({ type: 'insufficient_credits' })
    expect(await keysIn(domain)).toEqual([])
    await expectPaid(domain, caller, 14, 0)
  })

  test('make one order when they come through two connections', async () => {
    const domain = await openDomainHarness()
    const caller = await domain.account(1_000)
    const { folder, store } = domain
    const orders: TwinOrders = { folder, databaseUrl: store.databaseUrl, caller, body, key: 'k', count: 25 }
    const twin = fileURLToPath(new URL('../support/twin.ts', import.meta.url))
    const other = fork(twin, [JSON.stringify(orders)], { execArgv: [] })
    try {
      await once(other, 'message')
      const theirs = once(other, 'message')
      other.send('go')
      const ctx = { ...domain.ctx, clock: systemClock }
      const ours = await Promise.all(Array.from({ length: 25 }, () => orderOnce(ctx, caller)))
      const twins = [...ours, ...((await theirs) as [typeof ours])[0]]
      expect(twins).toHaveLength(50)
      expect(twins.filter(({ replayed }) => !replayed)).toHaveLength(1)
      expect(new Set(twins.map(({ requestId }) => requestId)).size).toBe(1)
    } finally {
      other.kill()
    }
    await expectPaid(domain, caller, 1_000, 1)
  })

  test('between whom another connection takes the key: the index decides, and the order is undone whole', async () => {
    const domain = await openDomainHarness()
    const caller = await domain.account(100)
    const { requestId } = await domain.order(caller)
    // As if it had been committed after the look and before the order was stored.
    await domain.store.addTrigger({
      name: 'rival',
      on: 'AFTER INSERT ON tasks',
      does: `INSERT INTO idempotency SELECT account_id, 'k', '${await hashOfBody(body)}', '${requestId}', created_at
        FROM requests WHERE id = NEW.request_id`,
    })
    await expect(orderOnce(domain.ctx, caller)).rejects.toMatchObject({ type: 'unavailable' })
    expect(await requestsIn(domain)).toHaveLength(1)
    await expectPaid(domain, caller, 100, 1)
  })

  test('one of them is not told that it is refused while the other is being let in', async () => {
    const domain = await openDomainHarness()
    const caller = await domain.account(100)
    const first = orderOnce(domain.ctx, caller)
    const suspended = orderOnce(domain.ctx, { ...caller, status: 'suspended' })
    const { requestId } = await first
    expect(await suspended).toMatchObject({ requestId, replayed: true })
    await expect(orderOnce(domain.ctx, { ...caller, status: 'suspended' }, 'another')).rejects.toMatchObject({
      type: 'account_suspended',
    })
  })
})

test('a replay writes nothing, rings no bell and counts nothing as created', async () => {
  const domain = await openDomainHarness()
  const caller = await domain.account(100)
  await orderOnce(domain.ctx, caller)
  const commits = await domain.store.commits()
  const wake = vi.fn<Context['wake']>()
  const transaction = vi.spyOn(domain.ctx.db, 'transaction')
  expect(await orderOnce({ ...domain.ctx, wake }, caller)).toMatchObject({ replayed: true })
  expect(transaction).not.toHaveBeenCalled()
  transaction.mockRestore()
  // Also one that learns in the store that it is a replay.
  const twins = await Promise.all([1, 2].map(() => orderOnce({ ...domain.ctx, wake }, caller, 'twins')))
  expect(twins.map(({ replayed }) => replayed)).toEqual([false, true])
  expect(wake.mock.calls).toEqual([['submit']])
  expect(await domain.store.commits()).toBe(commits + 1)
  const counted = await domain.ctx.metrics.registry.metrics()
  expect(counted).toContain('tollgate_tasks_created_total{model="gpt-image-2"} 2\n')
})

test('a key whose tasks are gone is never ordered and charged again', async () => {
  const domain = await openDomainHarness()
  const caller = await domain.account(100)
  await orderOnce(domain.ctx, caller)
  await domain.store.spoil("UPDATE tasks SET request_id = 'req_none'", 'references')
  await expect(orderOnce(domain.ctx, caller)).rejects.toMatchObject({ type: 'unavailable' })
  expect(await domain.balance(caller)).toBe(85)
})

describe('a commit that nobody could confirm', () => {
  test('and that was kept: the same key finds it', async () => {
    const domain = await openDomainHarness()
    const caller = await domain.account(100)
    const { db } = domain.ctx
    let commits = 0
    const unsure: Context['db'] = {
      ...db,
      async transaction(work) {
        commits += 1
        // What comes after it says nothing of it: not even that nothing was charged.
        if (commits > 1) throw domain.store.busyError()
        await db.transaction(work)
        throw new CommitUnknown(new Error('the disk'))
      },
    }
    await expect(orderOnce({ ...domain.ctx, db: unsure }, caller)).rejects.toBeInstanceOf(CommitUnknown)
    expect(await orderOnce(domain.ctx, caller)).toMatchObject({ replayed: true, credits: 15 })
    await expectPaid(domain, caller, 100, 1)
  })

  test('and that was not kept: the same key orders, in the process that comes after', async () => {
    const domain = await openDomainHarness()
    const caller = await domain.account(100)
    const { db } = domain.ctx
    // A reference that is only looked at when the turn commits makes that commit fail.
    const unkeepable = db.transaction(async (tx) => {
      await domain.store.deferReferences(tx)
      await tx
        .insert(tx.tables.keys)
        .values({ id: 'key_1', accountId: 'nobody', name: '', hash: 'h', prefix: 'p', createdAt: 1 })
    })
    const settled = await Promise.allSettled([unkeepable, orderOnce(domain.ctx, caller)])
    for (const { status } of settled) expect(status).toBe('rejected')
    await expect(orderOnce(domain.ctx, caller)).rejects.toBeInstanceOf(CommitUnknown)
    await db.close()
    const next = await openDomainHarness({ after: domain })
    expect(await orderOnce(next.ctx, caller)).toMatchObject({ replayed: false, credits: 15 })
    await expectPaid(next, caller, 100, 1)
  })
})

describe('a key that is kept no longer', () => {
  test('is taken over by the next order, also where nobody has swept it away', async () => {
    const domain = await openDomainHarness()
    const caller = await domain.account(100)
    const first = await orderOnce(domain.ctx, caller)
    domain.clock.advance(25 * hourMs - 1)
    expect(await orderOnce(domain.ctx, caller)).toEqual({ ...first, replayed: true })
    domain.clock.advance(1)
    const other = { ...body, prompt: 'another bird' }
    const second = await orderOnce(domain.ctx, caller, 'k', other)
    expect(second).toMatchObject({ replayed: false })
    expect(second.requestId).not.toBe(first.requestId)
    expect(await keysIn(domain)).toMatchObject([
      { requestId: second.requestId, bodyHash: await hashOfBody(other) },
    ])
    domain.clock.advance(25 * hourMs - 1)
    expect(await orderOnce(domain.ctx, caller, 'k', other)).toEqual({ ...second, replayed: true })
    await expectPaid(domain, caller, 100, 2)
  })

  test('is taken away, some dozens at a time, and no younger one with it', async () => {
    const domain = await openDomainHarness()
    const caller = await domain.account(100)
    await orderOnce(domain.ctx, caller, 'old')
    await domain.store.write(`WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 449)
      INSERT INTO idempotency SELECT account_id, 'old-' || i, body_hash, request_id, created_at FROM idempotency, n`)
    domain.clock.advance(1)
    await orderOnce(domain.ctx, caller, 'young')
    domain.clock.advance(25 * hourMs - 2)
    const { turn } = createCleaning(domain.ctx)
    while (await turn());
    expect(await keysIn(domain)).toHaveLength(451)
    domain.clock.advance(1)
    let turns = 0
    for (let before = 451; before > 1; turns += 1) {
      await turn()
      const left = (await keysIn(domain)).length
      expect(before - left).toBeLessThanOrEqual(50)
      before = left
    }
    expect(turns).toBe(9)
    expect(await keysIn(domain)).toMatchObject([{ key: 'young' }])
    // The orders themselves stay.
    expect(await requestsIn(domain)).toHaveLength(2)
  })

  test('is not swept away when it is taken over at that moment', async () => {
    const domain = await openDomainHarness()
    const caller = await domain.account(100)
    await orderOnce(domain.ctx, caller)
    domain.clock.advance(25 * hourMs)
    const goneBefore = keysGoneBefore(domain.ctx)
    const expired = await expiredKeys(domain.ctx.db.read, { goneBefore, limit: 10 })
    expect(expired).toHaveLength(1)
    const second = await orderOnce(domain.ctx, caller)
    await domain.ctx.db.transaction(async (tx) => {
      for (const use of expired) await forgetKey(tx, use, goneBefore)
    })
    expect(second.replayed).toBe(false)
    expect(await orderOnce(domain.ctx, caller)).toEqual({ ...second, replayed: true })
  })
})

describe('an order without a key', () => {
  const statements = watchStatements()
  afterAll(() => statements.restore())

  test('asks the store nothing about keys', async () => {
    const domain = await openDomainHarness()
    const caller = await domain.account(100)
    const ofKeys = (asked: string[]) => asked.filter((statement) => statement.includes('"idempotency"'))
    const asked = await statements.during(() => domain.order(caller))
    expect(asked.length).toBeGreaterThan(0)
    expect(ofKeys(asked)).toEqual([])
    const withKey = await statements.during(() => orderOnce(domain.ctx, caller))
    expect(ofKeys(withKey).length).toBeGreaterThan(0)
  })
})
