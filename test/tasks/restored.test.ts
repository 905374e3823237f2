// Orders of a restored copy: what may have been posted since is never posted again, and ends with its credits back.
import { expect, test } from 'vitest'
import { lateness, rescue } from '../../src/tasks/rescue/rescue.ts'
import { claimSubmissions, submit } from '../../src/tasks/submit/submit.ts'
import { holdQueued } from '../../src/tasks/rescue/restored.ts'
import { verifyLedger } from '../../src/ledger/verify.ts'
import { openWorkshop } from '../support/workshop.ts'
import type { Workshop } from '../support/workshop.ts'

const never = new AbortController().signal
const hold = async ({ ctx, clock }: Workshop) =>
  await holdQueued(ctx.db, { config: ctx.config, nowMs: clock.now() })
const sound = async ({ ctx, clock }: Workshop) =>
  expect(await verifyLedger(ctx.db, clock.now(), lateness(ctx.config))).toMatchObject({ drift: [] })

test('one that was never posted before the copy ends at once; one that was is waited for', async () => {
  const shop = await openWorkshop()
  const caller = await shop.account(1_000)
  shop.submitted = () => ({ kind: 'ambiguous', cause: 'server_error', detail: 'HTTP 500' })
  const tried = await shop.order(caller)
  for (const submission of await claimSubmissions(shop.ctx, shop.keevx, 16))
    await submit(shop.ctx, submission, never)
  const untried = await shop.order(caller, 2)

  expect(await hold(shop)).toEqual({ requests: 2, tasks: 3, credits: 45 })
  await sound(shop)
  shop.clock.advance(100)
  expect(await claimSubmissions(shop.ctx, shop.keevx, 16)).toEqual([])
  await rescue(shop.ctx)
  expect(await shop.tasks(untried)).toMatchObject([{ state: 'failed' }, { state: 'failed' }])
  expect(await shop.tasks(tried)).toMatchObject([{ state: 'unknown' }])
  await sound(shop)
  expect(await shop.balance(caller)).toBe(1_000 - 15)

  // give_up_after of shortLimitsYaml, for a callback of the first attempt.
  shop.clock.advance(2_900)
  await rescue(shop.ctx)
  expect(await shop.tasks(tried)).toMatchObject([{ state: 'failed', creditsRefunded: 15 }])
  expect(await shop.balance(caller)).toBe(1_000)
  expect(shop.posted).toHaveLength(1)
  await sound(shop)
})

test('one that runs, or has ended, is left as it is', async () => {
  const shop = await openWorkshop()
  const caller = await shop.account(1_000)
  shop.submitted = () => ({ kind: 'refused', reason: 'No.', detail: 'no' })
  const failed = await shop.order(caller)
  for (const submission of await claimSubmissions(shop.ctx, shop.keevx, 16))
    await submit(shop.ctx, submission, never)
  shop.submitted = () => ({ kind: 'accepted', taskIds: ['i2is-1'] })
  const running = await shop.order(caller)
  for (const submission of await claimSubmissions(shop.ctx, shop.keevx, 16))
    await submit(shop.ctx, submission, never)
  const before = [await shop.tasks(failed), await shop.tasks(running)]
  expect(await hold(shop)).toEqual({ requests: 0, tasks: 0, credits: 0 })
  expect([await shop.tasks(failed), await shop.tasks(running)]).toEqual(before)
})

test('a long queue is held in turns, each of a bounded number of orders', async () => {
  const shop = await openWorkshop()
  const caller = await shop.account(100_000)
  const orders = 450
  for (let made = 0; made < orders; made += 1) await shop.order(caller)
  const inTurn: number[] = []
  const held = async () => {
    const { requests } = shop.ctx.db.read.tables
    const rows = await shop.ctx.db.read.select({ state: requests.state }).from(requests)
    return rows.filter(({ state }) => state === 'unknown').length
  }
  const db = {
    transaction: async (work: any) => {
      const result = await shop.ctx.db.transaction(work)
      inTurn.push(await held())
      return result as any
    },
  }
  expect(await holdQueued(db, { config: shop.ctx.config, nowMs: shop.clock.now() })).toEqual({
    requests: orders,
    tasks: orders,
    credits: orders * 15,
  })
  expect(inTurn).toEqual([200, 400, 450])
  expect(await claimSubmissions(shop.ctx, shop.keevx, 16)).toEqual([])
  await sound(shop)
})
