// Caps of keys and accounts: compared where an order is charged, and what fails comes back to the day that it was ordered on.
import { describe, expect, test } from 'vitest'
import type { Caller } from '../../src/accounts/callers.ts'
import { createKey } from '../../src/accounts/keys.ts'
import type { Tx } from '../../src/db/database.ts'
import { sql } from '../../src/db/drizzle.ts'
import { noLimits } from '../../src/accounts/limits.ts'
import type { KeyLimits } from '../../src/accounts/limits.ts'
import { dayOf } from '../../src/ledger/caps/day.ts'
import { openCaps, usedOfCaps } from '../../src/ledger/caps/caps.ts'
import type { Cap, Caps } from '../../src/ledger/caps/caps.ts'
import { neverLate, verifyLedger } from '../../src/ledger/verify.ts'
import { cancelTask } from '../../src/tasks/queue/cancel.ts'
import { failTask, succeedTask } from '../../src/tasks/settle.ts'
import { create, openDomainHarness } from '../support/domain-harness.ts'
import type { DomainHarness } from '../support/domain-harness.ts'
import { watchStatements } from '../support/statements.ts'

/** Costs 15. */
const picture = { model_id: 'gpt-image-2', prompt: 'a heron' }
const dayMs = 24 * 60 * 60_000
const yaml = 'limits: { tasks_in_flight: off }\nmedia: { store: none }\n'

const underKey = (caller: Caller, limits: Partial<KeyLimits>): Caller => ({
  ...caller,
  ofKey: { ...noLimits, ...limits },
})

async function ordered(domain: DomainHarness, caller: Caller, count = 1) {
  const { created } = await create(domain.ctx, caller, { ...picture, generate_count: count })
  return await domain.tasks(created)
}

async function failed(domain: DomainHarness, { id, credits }: { id: string; credits: number }) {
  const failure = { reason: 'it failed', detail: 'by a test' }
  const nowMs = domain.clock.now()
  await domain.ctx.db.transaction(async (tx) => await failTask({ tx, nowMs }, { id, credits }, failure))
}

const used = async ({ ctx }: DomainHarness, subject: string) => await usedOfCaps(ctx.db.read, subject)

describe.each(['key', 'account'] as const)('of a %s', (of) => {
  const under = (caller: Caller, limits: Partial<KeyLimits>): Caller =>
    of === 'key' ? underKey(caller, limits) : { ...caller, ...limits }
  const subjectOf = ({ keyId, accountId }: Caller) => (of === 'key' ? keyId : accountId)

  test('the credits in all are never passed; what fails can be spent again, what succeeds cannot', async () => {
    const domain = await openDomainHarness({ yaml })
    const caller = under(await domain.account(1_000), { creditsTotalMax: 40 })
    const [first, second] = [await ordered(domain, caller), await ordered(domain, caller)]
    await expect(ordered(domain, caller)).rejects.toMatchObject({
      type: 'credit_cap',
      message: expect.stringMatching(/40 credits in all \(credits_total\) and has 10 .* costs 15\. Nothing/),
    })
    expect(await domain.balance(caller)).toBe(1_000 - 30)
    if (first[0]) await failed(domain, first[0])
    const { ctx, clock } = domain
    const imageUrl = 'https://example.com/a.png'
    const result = {
      imageUrl,
      videoUrl: null,
      thumbnailUrl: null,
      width: 1,
      height: 1,
      durationSeconds: null,
    }
    const success = { result, expiresAt: null }
    await domain.store.write("UPDATE tasks SET state = 'running' WHERE id = ?", [second[0]?.id ?? ''])
    await ctx.db.transaction(async (tx) => {
      await succeedTask({ tx, nowMs: clock.now() }, { id: second[0]?.id ?? '' }, success)
    })
    expect(await used(domain, subjectOf(caller))).toMatchObject({ credits: 15, tasksOpen: 0 })
    await ordered(domain, caller)
    clock.advance(dayMs)
    await expect(ordered(domain, caller)).rejects.toMatchObject({ type: 'credit_cap' })
  })

  test('the credits a day begin anew with the day, and yesterday’s failure does not raise today’s', async () => {
    const domain = await openDomainHarness({ yaml })
    const caller = under(await domain.account(1_000), { creditsPerDayMax: 30 })
    const yesterday = [...(await ordered(domain, caller)), ...(await ordered(domain, caller))]
    const refusal = {
      type: 'credit_cap',
      message: expect.stringMatching(/30 credits a day \(credits_per_day\) and has 0 .* left today/),
    }
    await expect(ordered(domain, caller)).rejects.toMatchObject(refusal)
    if (yesterday[0]) await failed(domain, yesterday[0])
    await ordered(domain, caller)
    domain.clock.advance(dayMs)
    const [today] = await ordered(domain, caller)
    if (yesterday[1]) await failed(domain, yesterday[1])
    await ordered(domain, caller)
    await expect(ordered(domain, caller)).rejects.toMatchObject(refusal)
    // A gateway whose clock is a little behind counts by the day that has begun.
    const { ctx } = domain
    const behind = { ...ctx, clock: { ...ctx.clock, now: () => ctx.clock.now() - dayMs } }
    await expect(create(behind, caller, picture)).rejects.toMatchObject(refusal)
    if (today) await failed(domain, today)
    await create(behind, caller, picture)
    expect(await used(domain, subjectOf(caller))).toMatchObject({
      day: 20300102,
      creditsOfDay: 30,
      credits: 45,
    })
  })

  test('of orders that come together not one credit more is let in, however many there are', async () => {
    const domain = await openDomainHarness({ yaml })
    const caller = under(await domain.account(100_000), { creditsTotalMax: 1_000, creditsPerDayMax: 159 })
    const answers = await Promise.allSettled(
      Array.from({ length: 300 }, async () => await ordered(domain, caller)),
    )
    expect(answers.filter(({ status }) => status === 'fulfilled')).toHaveLength(10)
    for (const answer of answers) {
      if (answer.status === 'rejected') expect(answer.reason).toMatchObject({ type: 'credit_cap' })
    }
    expect(await domain.balance(caller)).toBe(100_000 - 150)
    expect(await used(domain, subjectOf(caller))).toMatchObject({ credits: 150, tasksOpen: 10 })
  })
})

test('tasks in flight of a key are its own, and a place is free again however a task ends', async () => {
  const domain = await openDomainHarness({ yaml })
  const account = await domain.account(1_000)
  const caller = underKey(account, { tasksInFlightMax: 2 })
  const [first, second] = await ordered(domain, caller, 2)
  await expect(ordered(domain, caller)).rejects.toMatchObject({
    type: 'too_many_tasks',
    message: expect.stringContaining('2 of at most 2 of this key (tasks_in_flight)'),
  })
  await ordered(domain, { ...account, keyId: 'key_other' })
  if (first) await cancelTask(domain.ctx, caller.accountId, first.id)
  await ordered(domain, caller)
  if (second) await failed(domain, second)
  await ordered(domain, caller)
  await expect(ordered(domain, caller)).rejects.toMatchObject({ type: 'too_many_tasks' })
})

test('an order counts by the caps that it was made under: one without caps comes back to none', async () => {
  const domain = await openDomainHarness({ yaml })
  const account = await domain.account(1_000)
  const [before] = await ordered(domain, account)
  const caller = underKey(account, { creditsTotalMax: 15 })
  await ordered(domain, caller)
  if (before) await failed(domain, before)
  await expect(ordered(domain, caller)).rejects.toMatchObject({ type: 'credit_cap' })
  expect(await used(domain, caller.keyId)).toMatchObject({ credits: 15, tasksOpen: 1 })
  // Lifted and set again, it goes on from what was counted.
  await ordered(domain, account)
  expect(await used(domain, caller.keyId)).toMatchObject({ credits: 15 })
})

test('pictures of an order that is over its cap are not uploaded', async () => {
  const domain = await openDomainHarness({ yaml })
  const caller = underKey(await domain.account(1_000), { creditsTotalMax: 14 })
  const body = { ...picture, image_urls: ['data:image/png;base64,iVBORw0KGgo='] }
  await expect(create(domain.ctx, caller, body)).rejects.toMatchObject({ type: 'credit_cap' })
})

test('an order without caps asks the store nothing about caps', async () => {
  const watch = watchStatements()
  const domain = await openDomainHarness({ yaml })
  const account = await domain.account(1_000)
  const asked = await watch.during(async () => {
    const [task] = await ordered(domain, account)
    if (task) await failed(domain, task)
  })
  watch.restore()
  expect(asked.some((text) => text.includes('tasks'))).toBe(true)
  expect(asked.filter((text) => text.includes('cap_uses'))).toEqual([])
})

test('the audit finds caps that count what is not in flight, and a store that is right has none', async () => {
  const domain = await openDomainHarness({ yaml })
  const { ctx, clock } = domain
  const account = await domain.account(1_000)
  const { id: keyId } = await ctx.db.transaction(async (tx) => {
    return await createKey(tx, {
      accountId: account.accountId,
      name: 'k',
      expiresAt: null,
      nowMs: clock.now(),
    })
  })
  const limits = { creditsTotalMax: 500 }
  const caller = underKey({ ...account, keyId, ...limits }, limits)
  const tasks = await ordered(domain, caller, 3)
  await ordered(domain, account)
  if (tasks[0]) await cancelTask(ctx, account.accountId, tasks[0].id)
  const broken = async () =>
    (await verifyLedger(ctx.db, clock.now(), neverLate)).drift
      .map(({ check, id }) => `${check}: ${id}`)
      .toSorted()
  expect(await broken()).toEqual([])
  const counted = 'a cap counts the open tasks of its key or account rightly'
  await domain.store.write('UPDATE cap_uses SET tasks_open = tasks_open + 1')
  expect(await broken()).toEqual([account.accountId, keyId].map((id) => `${counted}: ${id}`))
  await domain.store.write(
    'UPDATE cap_uses SET tasks_open = tasks_open - 1, credits = 29, credits_of_day = 29',
  )
  const costs = 'a cap counts no fewer credits than its open tasks cost'
  expect(await broken()).toEqual([account.accountId, keyId].map((id) => `${costs}: ${id}`))
})

test('a day is that of the time zone, also where a clock is set forward or back', () => {
  const at = Date.parse('2026-11-30T23:30:00Z')
  expect(dayOf('UTC', at)).toBe(20261130)
  expect(dayOf('UTC', at + 30 * 60_000)).toBe(20261201)
  expect(dayOf('Asia/Shanghai', at)).toBe(20261201)
  expect(dayOf('America/New_York', at)).toBe(20261130)
  // 23 hours: New York's clocks go forward on March 8.
  expect(dayOf('America/New_York', Date.parse('2026-03-08T04:59:59Z'))).toBe(20260307)
  expect(dayOf('America/New_York', Date.parse('2026-03-08T05:00:00Z'))).toBe(20260308)
  expect(dayOf('America/New_York', Date.parse('2026-03-09T04:00:00Z'))).toBe(20260309)
})

describe('the update that counts an order', () => {
  const cap: Cap = {
    of: 'key',
    subject: 'key_1',
    creditsTotalMax: 40,
    creditsPerDayMax: null,
    tasksInFlightMax: null,
  }
  const wanted = { caps: [cap], day: 20261130, total: 15, count: 1 }
  const counting = async (domain: DomainHarness, work: (tx: Tx, opened: Caps) => Promise<void>) =>
    await domain.ctx.db.transaction(async (tx) => {
      const opened = await openCaps(tx, [wanted])
      await work(tx, opened)
      await opened.write()
    })
  const first = async (domain: DomainHarness) =>
    await counting(domain, async (_tx, opened) => void opened.take(wanted))

  test.each(['credits = credits + 1', 'credits_of_day = 0', 'day = 20261201', 'tasks_open = 0'])(
    'refuses what was decided by other counts: %s',
    async (change) => {
      const domain = await openDomainHarness({ yaml })
      await first(domain)
      const changed = counting(domain, async (tx, opened) => {
        opened.take(wanted)
        await tx.rows(sql.raw(`UPDATE cap_uses SET ${change} RETURNING subject`))
      })
      await expect(changed).rejects.toThrow('changed while it was charged')
      expect(await used(domain, 'key_1')).toMatchObject({ credits: 15 })
    },
  )

  test.each([
    [{ creditsTotalMax: 40 }, { total: 26 }],
    [{ creditsTotalMax: null, creditsPerDayMax: 40 }, { total: 26 }],
    [{ tasksInFlightMax: 2 }, { count: 2 }],
  ])('refuses what is over a cap, whatever was decided: %j, %j', async (limits, over) => {
    const domain = await openDomainHarness({ yaml })
    await first(domain)
    const taken = counting(domain, async (_tx, opened) => {
      opened.take({ ...wanted, ...over, caps: [{ ...cap, ...limits }] })
    })
    await expect(taken).rejects.toThrow('changed while it was charged')
    expect(await used(domain, 'key_1')).toMatchObject({ credits: 15, tasksOpen: 1 })
  })
})
