// A clock that was ahead and is set back: no delivery waits for a time that lies as far off as the clock was wrong.
import { expect, test, vi } from 'vitest'
import { rescue } from '../../src/tasks/rescue/rescue.ts'
import { startReceiver, status } from '../support/receiver.ts'
import { openWebhookHarness } from './webhook-harness.ts'
import type { WebhookHarness } from './webhook-harness.ts'

const hourMs = 3_600_000
const aheadMs = 30 * 24 * hourMs

/** As the loop does after the steady clock has told that time was set back by so much. */
async function sweepAfter({ domain: { ctx } }: WebhookHarness, setBackMs: number): Promise<void> {
  vi.spyOn(ctx.time, 'takeSetBackMs').mockReturnValueOnce(setBackMs)
  await rescue(ctx)
}

test('what waits for its next try is tried now, and what is under way is not sent twice', async () => {
  const harness = await openWebhookHarness({ schedule: '[5m]' })
  const receiver = await startReceiver(status(500))
  harness.domain.clock.advance(aheadMs)
  await harness.fail(receiver.url)
  expect(await harness.turn()).toBe(1)
  harness.domain.clock.advance(-aheadMs)
  expect(await harness.turn(), 'for a month it would wait').toBe(0)
  receiver.answer = status(200)
  await sweepAfter(harness, aheadMs)
  expect(await harness.turn()).toBe(1)
  await sweepAfter(harness, aheadMs)
  expect(await harness.turn()).toBe(0)
  expect(await harness.log()).toMatchObject([{ state: 'delivered', attemptsMade: 2 }])
})

test('where nobody told that it was set back, what is due further off than any pause is tried now, and no other', async () => {
  const harness = await openWebhookHarness({ schedule: '[5m]' })
  const receiver = await startReceiver(status(500))
  harness.domain.clock.advance(aheadMs)
  await harness.fail(receiver.url)
  expect(await harness.turn()).toBe(1)
  harness.domain.clock.advance(-aheadMs)
  await harness.fail(receiver.url)
  expect(await harness.turn()).toBe(1)
  await sweepAfter(harness, 0)
  expect(await harness.turn(), 'the first, and not the one that waits for five minutes').toBe(1)
})

test('more than one turn takes are all tried', async () => {
  const harness = await openWebhookHarness({ schedule: '[5m]' })
  const receiver = await startReceiver(status(200))
  await Promise.all(Array.from({ length: 450 }, () => harness.fail(receiver.url)))
  const { webhookDeliveries: deliveries } = harness.domain.ctx.db.read.tables
  const putOff = { dueAt: harness.domain.clock.now() + hourMs }
  await harness.domain.ctx.db.transaction(async (tx) => void (await tx.update(deliveries).set(putOff)))
  await sweepAfter(harness, hourMs)
  const rows = await harness.domain.ctx.db.read.select({ dueAt: deliveries.dueAt }).from(deliveries)
  expect(new Set(rows.map(({ dueAt }) => dueAt))).toEqual(new Set([harness.domain.clock.now()]))
})

test('a receiver that asked for patience by the clock before is told again', async () => {
  const harness = await openWebhookHarness({ schedule: '[5m]' })
  const receiver = await startReceiver(status(429, { 'retry-after': '600' }))
  harness.domain.clock.advance(aheadMs)
  await harness.fail(receiver.url)
  expect(await harness.turn()).toBe(1)
  harness.domain.clock.advance(-aheadMs)
  await harness.fail(receiver.url)
  expect(await harness.turn(), 'its lane is paused').toBe(0)
  receiver.answer = status(200)
  await sweepAfter(harness, aheadMs)
  expect(await harness.turn()).toBe(2)
})
