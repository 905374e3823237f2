// Orders of a restored copy: what may have been posted since is never posted again, and ends with its credits back.
import { expect, test } from 'vitest'
import { lateness, rescue } from '../../src/tasks/rescue/rescue.ts'
import { claimSubmissions, submit } from '../../src/tasks/submit/submit.ts'
import { holdQueued } from '../../src/tasks/rescue/restored.ts'
import { verifyLedger } from '../../src/ledger/verify.ts'
import { openDomainHarness } from '../support/domain-harness.ts'
import type { DomainHarness } from '../support/domain-harness.ts'

const never = new AbortController().signal
const hold = async ({ ctx, clock }: DomainHarness) =>
  await holdQueued(ctx.db, { config: ctx.config, nowMs: clock.now() })
const sound = async ({ ctx, clock }: DomainHarness) =>
  expect(await verifyLedger(ctx.db, clock.now(), lateness(ctx.config))).toMatchObject({ drift: [] })

test('one that was never posted before the copy ends at once; one that was is waited for', async () => {
  const domain = await openDomainHarness()
  const caller = await domain.account(1_000)
  domain.submitted = () => ({ kind: 'ambiguous', cause: 'server_error', detail: 'HTTP 500' })
  const tried = await domain.order(caller)
  for (const submission of await claimSubmissions(domain.ctx, domain.keevx, 16))
    await submit(domain.ctx, submission, never)
  const untried = await domain.order(caller, 2)

  expect(await hold(domain)).toEqual({ requests: 2, tasks: 3, credits: 45 })
  await sound(domain)
  domain.clock.advance(100)
  expect(await claimSubmissions(domain.ctx, domain.keevx, 16)).toEqual([])
  await rescue(domain.ctx)
  expect(await domain.tasks(untried)).toMatchObject([{ state: 'failed' }, { state: 'failed' }])
  expect(await domain.tasks(tried)).toMatchObject([{ state: 'unknown' }])
  await sound(domain)
  expect(await domain.balance(caller)).toBe(1_000 - 15)

  // give_up_after of shortLimitsYaml, for a callback of the first attempt.
  domain.clock.advance(2_900)
  await rescue(domain.ctx)
  expect(await domain.tasks(tried)).toMatchObject([{ state: 'failed', creditsRefunded: 15 }])
  expect(await domain.balance(caller)).toBe(1_000)
  expect(domain.posted).toHaveLength(1)
  await sound(domain)
})

test('one that runs, or has ended, is left as it is', async () => {
  const domain = await openDomainHarness()
  const caller = await domain.account(1_000)
  domain.submitted = () => ({ kind: 'refused', reason: 'No.', detail: 'no' })
  const failed = await domain.order(caller)
  for (const submission of await claimSubmissions(domain.ctx, domain.keevx, 16))
    await submit(domain.ctx, submission, never)
  domain.submitted = () => ({ kind: 'accepted', taskIds: ['i2is-1'] })
  const running = await domain.order(caller)
  for (const submission of await claimSubmissions(domain.ctx, domain.keevx, 16))
    await submit(domain.ctx, submission, never)
  const before = [await domain.tasks(failed), await domain.tasks(running)]
  expect(await hold(domain)).toEqual({ requests: 0, tasks: 0, credits: 0 })
  expect([await domain.tasks(failed), await domain.tasks(running)]).toEqual(before)
})

test('a long queue is held in turns, each of a bounded number of orders', async () => {
  const domain = await openDomainHarness()
  const caller = await domain.account(100_000)
  const orders = 450
  for (let made = 0; made < orders; made += 1) await domain.order(caller)
  const inTurn: number[] = []
  const held = async () => {
    const { requests } = domain.ctx.db.read.tables
    const rows = await domain.ctx.db.read.select({ state: requests.state }).from(requests)
    return rows.filter(({ state }) => state === 'unknown').length
  }
  const db = {
    transaction: async (work: any) => {
      const result = await domain.ctx.db.transaction(work)
      inTurn.push(await held())
      return result as any
    },
  }
  expect(await holdQueued(db, { config: domain.ctx.config, nowMs: domain.clock.now() })).toEqual({
    requests: orders,
    tasks: orders,
    credits: orders * 15,
  })
  expect(inTurn).toEqual([200, 400, 450])
  expect(await claimSubmissions(domain.ctx, domain.keevx, 16)).toEqual([])
  await sound(domain)
})
