// What becomes of credits: granted, charged, kept, given back; each once, and nothing in between.
import { describe, expect, test } from 'vitest'
import type { Caller } from '../../src/accounts/callers.ts'
import { newId } from '../../src/ids.ts'
import { creditsMax, grant } from '../../src/ledger/grant.ts'
import { entriesOfTask, listEntries } from '../../src/ledger/statement.ts'
import { verifyLedger } from '../../src/ledger/verify.ts'
import { claimSubmissions, submit } from '../../src/tasks/submit/submit.ts'
import { failTask, succeedTask } from '../../src/tasks/settle.ts'
import { lateness } from '../../src/tasks/rescue/rescue.ts'
import { openDomainHarness } from '../support/domain-harness.ts'
import type { DomainHarness } from '../support/domain-harness.ts'

const failure = { reason: 'It did not work.', detail: 'a test' }
const result = {
  imageUrl: 'https://example.com/a.png',
  videoUrl: null,
  thumbnailUrl: null,
  width: null,
  height: null,
  durationSeconds: null,
}

const give = async (
  { ctx }: DomainHarness,
  accountId: string,
  amount: number,
  key: string | null,
  note = 'n',
) =>
  await ctx.db.transaction(
    async (tx) =>
      await grant(tx, {
        accountId,
        amount,
        notes: { private: note, public: null },
        idempotencyKey: key,
        nowMs: ctx.clock.now(),
      }),
  )

const sums = async ({ ctx }: DomainHarness) =>
  await verifyLedger(ctx.db, ctx.clock.now(), lateness(ctx.config))

/** Requests of five tasks each, all of them running. */
async function running(domain: DomainHarness, caller: Caller, requests: number): Promise<string[]> {
  domain.submitted = () => ({ kind: 'accepted', taskIds: Array.from({ length: 5 }, () => newId('task', 0)) })
  const orders = await Promise.all(Array.from({ length: requests }, () => domain.order(caller, 5)))
  const never = new AbortController().signal
  // As many at a time as the limit of the key allows.
  for (;;) {
    const submissions = await claimSubmissions(domain.ctx, domain.keevx, requests)
    if (submissions.length === 0) break
    await Promise.all(submissions.map((submission) => submit(domain.ctx, submission, never)))
  }
  return orders.flatMap(({ taskIds }) => taskIds)
}

describe('a grant', () => {
  test('is given once for one key, and the second time answers what the first did', async () => {
    const domain = await openDomainHarness()
    const { accountId } = await domain.account(0)
    const [first, second] = await Promise.all([
      give(domain, accountId, 50, 'k'),
      give(domain, accountId, 50, 'k'),
    ])
    expect(second).toEqual({ ...first, replayed: true })
    await give(domain, accountId, 7, 'another')
    expect(await give(domain, accountId, 50, 'k')).toMatchObject({ balance: 50, replayed: true })
    expect(await listEntries(domain.ctx.db.read, { accountId, before: null, limit: 10 })).toHaveLength(2)
    const [account] = await domain.ctx.db.read.select().from(domain.ctx.db.read.tables.accounts)
    expect(account?.balance).toBe(57)
  })

  test.each([
    ['more than the account can hold', creditsMax],
    ['more than it can owe', -creditsMax],
  ])('is answered as before where it would now be %s', async (_, amount) => {
    const domain = await openDomainHarness()
    const { accountId } = await domain.account(0)
    const first = await give(domain, accountId, amount, 'k')
    expect(await give(domain, accountId, amount, 'k')).toEqual({ ...first, replayed: true })
    await expect(give(domain, accountId, amount, 'other')).rejects.toMatchObject({ type: 'invalid_request' })
  })

  test('is refused under a key that stands for another', async () => {
    const domain = await openDomainHarness()
    const { accountId } = await domain.account(0)
    await give(domain, accountId, 50, 'k')
    await expect(give(domain, accountId, 51, 'k')).rejects.toMatchObject({ type: 'idempotency_mismatch' })
    await expect(give(domain, accountId, 50, 'k', 'x')).rejects.toMatchObject({
      type: 'idempotency_mismatch',
    })
  })

  test('never leaves less than nothing', async () => {
    const domain = await openDomainHarness()
    const caller = await domain.account(10)
    expect(await give(domain, caller.accountId, -11, null)).toMatchObject({ balance: 0, owed: 1 })
    await expect(give(domain, 'acc_none', 5, null)).rejects.toMatchObject({ type: 'not_found' })
    expect(await sums(domain)).toMatchObject({ ok: true })
  })
})

describe('a charge', () => {
  test('of several tasks is an entry for each, with the balance walking down', async () => {
    const domain = await openDomainHarness()
    const caller = await domain.account(100)
    const created = await domain.order(caller, 3)
    const entries = await Promise.all(created.taskIds.map((id) => entriesOfTask(domain.ctx.db.read, id)))
    expect(entries.flat().map(({ amount, balanceAfter }) => [amount, balanceAfter])).toEqual([
      [-15, 85],
      [-15, 70],
      [-15, 55],
    ])
    expect(await sums(domain)).toMatchObject({ ok: true, drift: [] })
  })

  test('that cannot be paid whole takes nothing and leaves no task', async () => {
    const domain = await openDomainHarness()
    const caller = await domain.account(44)
    await expect(domain.order(caller, 3)).rejects.toMatchObject({ type: 'insufficient_credits' })
    expect(await domain.balance(caller)).toBe(44)
    expect(await domain.ctx.db.read.select().from(domain.ctx.db.read.tables.tasks)).toEqual([])
    expect(await domain.ctx.db.read.select().from(domain.ctx.db.read.tables.requests)).toEqual([])
  })

  test('of the last credits is won by one of a hundred', async () => {
    const domain = await openDomainHarness()
    const caller = await domain.account(15)
    const settled = await Promise.allSettled(Array.from({ length: 100 }, () => domain.order(caller)))
    expect(settled.filter(({ status }) => status === 'fulfilled')).toHaveLength(1)
    const refusals = settled.flatMap((one) => (one.status === 'rejected' ? [one.reason.type] : []))
    expect(new Set(refusals)).toEqual(new Set(['insufficient_credits']))
    expect(await domain.balance(caller)).toBe(0)
  })

  test('is refused beyond the tasks that an account may have in flight, and again possible after one ends', async () => {
    const domain = await openDomainHarness({ yaml: 'limits: { tasks_in_flight: 2 }' })
    const caller = await domain.account(1_000)
    const { taskIds } = await domain.order(caller, 2)
    await expect(domain.order(caller)).rejects.toMatchObject({ type: 'too_many_tasks' })
    const task = { id: taskIds[0] ?? '', credits: 15 }
    await domain.ctx.db.transaction(async (tx) => void (await failTask({ tx, nowMs: 1 }, task, failure)))
    await domain.order(caller)
    await expect(domain.order(caller)).rejects.toMatchObject({ type: 'too_many_tasks' })
  })

  test('is refused to an account that was suspended a moment ago', async () => {
    const domain = await openDomainHarness()
    const caller = await domain.account(100)
    await domain.ctx.db.transaction(async (tx) => {
      await tx.update(tx.tables.accounts).set({ status: 'suspended' })
    })
    await expect(domain.order(caller)).rejects.toMatchObject({ type: 'account_suspended' })
    expect(await domain.balance(caller)).toBe(100)
  })
})

test('five hundred failing tasks with eight finishers each are refunded five hundred times', async () => {
  const domain = await openDomainHarness()
  const { db } = domain.ctx
  const caller = await domain.account(10_000)
  const ids = await running(domain, caller, 100)
  expect(await domain.balance(caller)).toBe(10_000 - 500 * 15)

  const finishers = Array.from({ length: 8 }, (_, round) =>
    // Each comes in an order of its own, so that they meet everywhere.
    ids.map((_id, at) => ids[(at * 7 + round * 61) % ids.length] ?? ''),
  ).flat()
  const ended = await Promise.all(
    finishers.map((id) => db.transaction((tx) => failTask({ tx, nowMs: 1 }, { id, credits: 15 }, failure))),
  )
  expect(ended.filter((task) => task !== null)).toHaveLength(500)
  expect(await domain.balance(caller)).toBe(10_000)
  const refunds = (
    await listEntries(db.read, { accountId: caller.accountId, before: null, limit: 10_000 })
  ).filter(({ kind }) => kind === 'refund')
  expect(refunds).toHaveLength(500)
  expect(await sums(domain)).toMatchObject({ ok: true, drift: [] })
})

test('of a success and a failure that meet, exactly one happens', async () => {
  const domain = await openDomainHarness()
  const { db } = domain.ctx
  const caller = await domain.account(10_000)
  const ids = await running(domain, caller, 20)
  const outcomes = await Promise.all(
    ids.map(async (id, at) => {
      const fail = () => db.transaction((tx) => failTask({ tx, nowMs: 1 }, { id, credits: 15 }, failure))
      const succeed = () =>
        db.transaction((tx) => succeedTask({ tx, nowMs: 1 }, { id }, { result, expiresAt: null }))
      return await Promise.all(at % 2 === 0 ? [fail(), succeed(), fail()] : [succeed(), fail(), succeed()])
    }),
  )
  for (const outcome of outcomes) expect(outcome.filter((task) => task !== null)).toHaveLength(1)
  expect(await domain.balance(caller)).toBe(10_000 - 50 * 15)
  expect(await sums(domain)).toMatchObject({ ok: true, drift: [] })
})
