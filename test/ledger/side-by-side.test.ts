// Credits of orders and tasks that come together in one work: each is decided in its turn, and every balance adds up.
import { expect, test } from 'vitest'
import type { Caller } from '../../src/accounts/callers.ts'
import { forEachItem, gather } from '../../src/db/gather.ts'
import type { Gathering } from '../../src/db/gather.ts'
import { listEntries } from '../../src/ledger/statement.ts'
import { verifyLedger } from '../../src/ledger/verify.ts'
import { lateness } from '../../src/tasks/rescue/rescue.ts'
import { failTask, succeedTask } from '../../src/tasks/settle.ts'
import type { TaskRow } from '../../src/tasks/store.ts'
import { create, openDomainHarness } from '../support/domain-harness.ts'
import type { DomainHarness } from '../support/domain-harness.ts'

const body = { model_id: 'gpt-image-2', prompt: 'a heron' }
const failure = { reason: 'It did not work.', detail: 'a test' }
const success = {
  result: {
    imageUrl: 'https://example.com/a.png',
    videoUrl: null,
    thumbnailUrl: null,
    width: null,
    height: null,
    durationSeconds: null,
  },
  expiresAt: null,
}

/** Everything adds up, and each entry tells the balance that the one before it left. */
async function expectWalk(domain: DomainHarness, caller: Caller, balance: number): Promise<void> {
  const { db } = domain.ctx
  const entries = await listEntries(db.read, { accountId: caller.accountId, before: null, limit: 10_000 })
  let before = 0
  for (const { amount, balanceAfter } of entries.toReversed()) {
    expect(balanceAfter).toBe(before + amount)
    before = balanceAfter
  }
  expect(before).toBe(balance)
  expect(await domain.balance(caller)).toBe(balance)
  const verified = await verifyLedger(db, domain.clock.now(), lateness(domain.ctx.config))
  expect(verified).toMatchObject({ ok: true, drift: [] })
}

test('of orders that come together the first are let in, as many as can be paid, and no other account waits for that', async () => {
  const domain = await openDomainHarness()
  const [poor, rich] = [await domain.account(7 * 15 + 14), await domain.account(1_000)]
  const orders = Array.from({ length: 30 }, (_, at) => (at % 3 === 1 ? rich : poor))
  const results = await Promise.allSettled(
    orders.map(async (caller) => await create(domain.ctx, caller, body, null)),
  )
  let paid = 0
  for (const [at, result] of results.entries()) {
    const isLetIn = orders[at] === rich || (paid += 1) <= 7
    expect(result.status).toBe(isLetIn ? 'fulfilled' : 'rejected')
    if (result.status === 'rejected') {
      expect(result.reason).toMatchObject({ type: 'insufficient_credits' })
      expect(String(result.reason.text.en)).toContain('has 14.')
    }
  }
  await expectWalk(domain, poor, 14)
  await expectWalk(domain, rich, 1_000 - 10 * 15)
})

test('the limit of tasks in flight counts those that are let in beside each other', async () => {
  const domain = await openDomainHarness({ yaml: 'limits: { tasks_in_flight: 5 }' })
  const caller = await domain.account(1_000)
  const results = await Promise.allSettled(
    Array.from({ length: 12 }, async () => await create(domain.ctx, caller, body, null)),
  )
  expect(results.map(({ status }) => status)).toEqual([
    ...Array.from({ length: 5 }, () => 'fulfilled'),
    ...Array.from({ length: 7 }, () => 'rejected'),
  ])
  await expectWalk(domain, caller, 1_000 - 5 * 15)
})

test('orders with one key that come together are one order, also where the body of one differs', async () => {
  const domain = await openDomainHarness()
  const caller = await domain.account(1_000)
  const bodies = [body, body, { ...body, prompt: 'a crane' }, body]
  const results = await Promise.allSettled(
    bodies.map(async (each) => await create(domain.ctx, caller, each, 'k')),
  )
  const kept = results.flatMap((result) => (result.status === 'fulfilled' ? [result.value] : []))
  expect(kept).toHaveLength(3)
  expect(new Set(kept.map(({ created }) => created.requestId)).size).toBe(1)
  expect(kept.filter(({ replayed }) => !replayed)).toHaveLength(1)
  expect(results[2]).toMatchObject({ status: 'rejected', reason: { type: 'idempotency_mismatch' } })
  await expectWalk(domain, caller, 1_000 - 15)
})

test('tasks of several accounts that end side by side are settled once each, and every balance walks entry by entry', async () => {
  const domain = await openDomainHarness()
  const { db } = domain.ctx
  const callers = await Promise.all(Array.from({ length: 4 }, async () => await domain.account(10_000)))
  await Promise.all(
    callers.flatMap((caller) => Array.from({ length: 6 }, async () => await domain.order(caller, 3))),
  )
  const tasks = await db.read.select().from(db.read.tables.tasks)
  await domain.store.write(
    "UPDATE tasks SET state = 'running', upstream_task_id = id, upstream_key = 'k', due_at = 1, give_up_at = 9000000000000",
  )
  await domain.store.write("UPDATE requests SET state = 'accepted', due_at = NULL, attempts_made = 1")
  const settling: Gathering<{ readonly task: TaskRow; readonly at: number }, TaskRow | null> = {
    name: 'ends',
    run: async (tx, items) =>
      await forEachItem(tx, items, {
        apart: ({ task }) => task.requestId,
        run: async ({ task, at }) =>
          at % 3 === 0
            ? await succeedTask({ tx, nowMs: 1 }, task, success)
            : await failTask({ tx, nowMs: 1 }, task, failure),
      }),
  }
  const all = tasks.map((task, at) => ({ task, at }))
  const twice = [...all, ...all.toReversed()]
  const ended = await Promise.all(twice.map(async (item) => await gather(db, settling, item)))
  expect(ended.filter((task) => task !== null)).toHaveLength(tasks.length)
  for (const caller of callers) {
    const kept = all.filter(({ task, at }) => task.accountId === caller.accountId && at % 3 === 0).length
    await expectWalk(domain, caller, 10_000 - kept * 15)
  }
})
