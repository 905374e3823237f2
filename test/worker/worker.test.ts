// The loops together: what is left over is swept without pauses, and a loop that waits for slow answers is not late.
import { expect, test } from 'vitest'
import { createWakeups, startWorker } from '../../src/worker/worker.ts'
import { seed } from '../bench/growth/seed.ts'
import { until } from '../support/gateway.ts'
import { openWorkshop } from '../support/workshop.ts'

test('hundreds of orders past their time are ended in one go, without a pause between sweeps', async () => {
  const shop = await openWorkshop()
  const caller = await shop.account(100_000)
  await Promise.all(Array.from({ length: 450 }, () => shop.order(caller)))
  for (const { fingerprint } of shop.keevx.keys.report(0)) {
    shop.keevx.keys.pause(fingerprint, 'all', { untilMs: Infinity, nowMs: shop.clock.now() })
  }
  shop.clock.advance(20_000)
  // The clock stands still from here, so a loop that lies down does not get up again.
  const worker = startWorker(shop.ctx, createWakeups())
  await until(
    () => shop.balance(caller),
    (balance) => balance === 100_000,
  )
  await worker.stop()
  expect(shop.posted).toEqual([])
})

/** Of the 16 slots an account leaves two to others. */
const mostOfOne = 14

test('a loop whose submits all hang still comes round', async () => {
  const shop = await openWorkshop()
  const caller = await shop.account(100_000)
  await Promise.all(Array.from({ length: 20 }, () => shop.order(caller)))
  const answer = Promise.withResolvers<{ kind: 'unknown'; detail: string }>()
  shop.submitted = () => answer.promise
  const worker = startWorker(shop.ctx, createWakeups())
  await until(
    () => shop.posted.length,
    (count) => count === mostOfOne,
  )
  for (let second = 0; second < 40; second += 1) {
    shop.clock.advance(1_000)
    await new Promise((resolve) => setImmediate(resolve))
  }
  expect(worker.stuckLoops()).toEqual([])
  expect(shop.posted).toHaveLength(mostOfOne)
  answer.resolve({ kind: 'unknown', detail: 'a test' })
  await worker.stop()
})

test('a start that still goes through running tasks says so, and that it is over', async () => {
  const shop = await openWorkshop()
  const nowMs = shop.clock.now()
  seed(shop.file, {
    tasks: 1_200,
    queued: 0,
    running: 1_200,
    accounts: 1,
    oldDeliveries: 0,
    nowMs,
    spanMs: 1e9,
  })
  const worker = startWorker(shop.ctx, createWakeups())
  expect(worker.isStarted()).toBe(false)
  await until(worker.isStarted, (isStarted) => isStarted)
  await worker.stop()
})
