// A clock that was ahead and is set back: no delivery waits for a time that lies as far off as the clock was wrong.
import { expect, test, vi } from 'vitest'
import { rescue } from '../../src/tasks/rescue/rescue.ts'
import { startReceiver, status } from '../support/receiver.ts'
import { openDesk } from './desk.ts'
import type { Desk } from './desk.ts'

const hourMs = 3_600_000
const aheadMs = 30 * 24 * hourMs

/** As the loop does after the steady clock has told that time was set back by so much. */
async function sweepAfter({ shop: { ctx } }: Desk, setBackMs: number): Promise<void> {
  vi.spyOn(ctx.time, 'takeSetBackMs').mockReturnValueOnce(setBackMs)
  await rescue(ctx)
}

test('what waits for its next try is tried now, and what is under way is not sent twice', async () => {
  const desk = await openDesk({ schedule: '[5m]' })
  const receiver = await startReceiver(status(500))
  desk.shop.clock.advance(aheadMs)
  await desk.fail(receiver.url)
  expect(await desk.turn()).toBe(1)
  desk.shop.clock.advance(-aheadMs)
  expect(await desk.turn(), 'for a month it would wait').toBe(0)
  receiver.answer = status(200)
  await sweepAfter(desk, aheadMs)
  expect(await desk.turn()).toBe(1)
  await sweepAfter(desk, aheadMs)
  expect(await desk.turn()).toBe(0)
  expect(await desk.log()).toMatchObject([{ state: 'delivered', attemptsMade: 2 }])
})

test('where nobody told that it was set back, what is due further off than any pause is tried now, and no other', async () => {
  const desk = await openDesk({ schedule: '[5m]' })
  const receiver = await startReceiver(status(500))
  desk.shop.clock.advance(aheadMs)
  await desk.fail(receiver.url)
  expect(await desk.turn()).toBe(1)
  desk.shop.clock.advance(-aheadMs)
  await desk.fail(receiver.url)
  expect(await desk.turn()).toBe(1)
  await sweepAfter(desk, 0)
  expect(await desk.turn(), 'the first, and not the one that waits for five minutes').toBe(1)
})

test('more than one turn takes are all tried', async () => {
  const desk = await openDesk({ schedule: '[5m]' })
  const receiver = await startReceiver(status(200))
  await Promise.all(Array.from({ length: 450 }, () => desk.fail(receiver.url)))
  const { webhookDeliveries: deliveries } = desk.shop.ctx.db.read.tables
  const putOff = { dueAt: desk.shop.clock.now() + hourMs }
  await desk.shop.ctx.db.transaction(async (tx) => void (await tx.update(deliveries).set(putOff)))
  await sweepAfter(desk, hourMs)
  const rows = await desk.shop.ctx.db.read.select({ dueAt: deliveries.dueAt }).from(deliveries)
  expect(new Set(rows.map(({ dueAt }) => dueAt))).toEqual(new Set([desk.shop.clock.now()]))
})

test('a receiver that asked for patience by the clock before is told again', async () => {
  const desk = await openDesk({ schedule: '[5m]' })
  const receiver = await startReceiver(status(429, { 'retry-after': '600' }))
  desk.shop.clock.advance(aheadMs)
  await desk.fail(receiver.url)
  expect(await desk.turn()).toBe(1)
  desk.shop.clock.advance(-aheadMs)
  await desk.fail(receiver.url)
  expect(await desk.turn(), 'its lane is paused').toBe(0)
  receiver.answer = status(200)
  await sweepAfter(desk, aheadMs)
  expect(await desk.turn()).toBe(2)
})
