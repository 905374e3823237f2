// The loops together: what is left over is swept without pauses, and a loop that waits for slow answers is not late.
import { expect, test } from 'vitest'
import { createWakeups, startWorker } from '../../src/worker/worker.ts'
import { seed } from '../bench/growth/seed.ts'
import { until } from '../support/gateway.ts'
import { openDomainHarness } from '../support/domain-harness.ts'

test('hundreds of orders past their time are ended in one go, without a pause between sweeps', async () => {
  const domain = await openDomainHarness()
  const caller = await domain.account(100_000)
  await Promise.all(Array.from({ length: 450 }, () => domain.order(caller)))
  for (const { fingerprint } of domain.keevx.keys.report(0)) {
    domain.keevx.keys.pause(fingerprint, 'all', { untilMs: Infinity, nowMs: domain.clock.now() })
  }
  domain.clock.advance(20_000)
  // The clock stands still from here, so a loop that lies down does not get up again.
  const worker = startWorker(domain.ctx, createWakeups())
  await until(
    () => domain.balance(caller),
    (balance) => balance === 100_000,
  )
  await worker.stop()
  expect(domain.posted).toEqual([])
})

/** Of the 16 slots an account leaves two to others. */
const mostOfOne = 14

test('a loop whose submits all hang still comes round', async () => {
  const domain = await openDomainHarness()
  const caller = await domain.account(100_000)
  await Promise.all(Array.from({ length: 20 }, () => domain.order(caller)))
  const answer = Promise.withResolvers<{ kind: 'unknown'; detail: string }>()
  domain.submitted = () => answer.promise
  const worker = startWorker(domain.ctx, createWakeups())
  await until(
    () => domain.posted.length,
    (count) => count === mostOfOne,
  )
  for (let second = 0; second < 40; second += 1) {
    domain.clock.advance(1_000)
    await new Promise((resolve) => setImmediate(resolve))
  }
  // A round may wait for the store while the clock goes on.
  await until(
    () => {
      domain.clock.advance(1_000)
      return worker.stuckLoops()
    },
    (stuck) => stuck.length === 0,
  )
  expect(domain.posted).toHaveLength(mostOfOne)
  answer.resolve({ kind: 'unknown', detail: 'a test' })
  await worker.stop()
})

test('a start that still goes through running tasks says so, and that it is over', async () => {
  const domain = await openDomainHarness()
  const nowMs = domain.clock.now()
  await seed(domain.store, {
    tasks: 1_200,
    queued: 0,
    running: 1_200,
    accounts: 1,
    oldDeliveries: 0,
    nowMs,
    spanMs: 1e9,
  })
  const worker = startWorker(domain.ctx, createWakeups())
  expect(worker.isStarted()).toBe(false)
  await until(worker.isStarted, (isStarted) => isStarted)
  await worker.stop()
})
