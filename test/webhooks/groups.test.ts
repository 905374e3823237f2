// However much is pending: outcomes share commits, a URL is named anew in one row, and what is given up goes in parts.
import { expect, test } from 'vitest'
import { createDelivering } from '../../src/webhooks/deliver.ts'
import { oldestDueMs, pendingDeliveries } from '../../src/webhooks/deliveries.ts'
import { forgetLanes } from '../../src/webhooks/queue/fair-queue.ts'
import { startReceiver, status } from '../support/receiver.ts'
import { crowdDeliveries } from './crowd.ts'
import { openWebhookHarness } from './webhook-harness.ts'

const never = new AbortController().signal

test('tries that end together are written down in one commit', async () => {
  const { domain, fail, turn } = await openWebhookHarness()
  const accounts = await Promise.all(Array.from({ length: 4 }, () => domain.account(1_000)))
  const receiver = await startReceiver()
  for (const by of accounts) await fail(receiver.url, by)
  await turn()
  for (const by of accounts) await Promise.all(Array.from({ length: 3 }, () => fail(receiver.url, by)))
  const answers: (() => void)[] = []
  receiver.answer = (response) => {
    answers.push(() => void response.end())
    if (answers.length === 12) for (const answer of answers) answer()
  }
  const delivering = createDelivering(domain.ctx)
  const claimed = await delivering.claim(64)
  expect(claimed).toHaveLength(12)
  const before = await domain.store.commits()
  await Promise.all(claimed.map((one) => delivering.run(one, never)))
  // Those that are heard while the first of them wait for their commit share it; a busy machine may need a few.
  expect((await domain.store.commits()) - before).toBeLessThan(12)
})

test('an outcome that cannot be written down takes no other with it', async () => {
  const { domain, fail, log } = await openWebhookHarness()
  const [good, bad] = [await startReceiver(), await startReceiver(status(418))]
  await fail(good.url)
  await fail(bad.url)
  const delivering = createDelivering(domain.ctx)
  const claimed = await delivering.claim(64)
  await domain.store.addTrigger({
    name: 'no_teapots',
    on: 'BEFORE UPDATE OF last_status ON webhook_deliveries',
    when: 'NEW.last_status = 418',
    refuses: 'a teapot',
  })
  const ends = await Promise.allSettled(claimed.map((one) => delivering.run(one, never)))
  expect(ends.map((end) => end.status).toSorted()).toEqual(['fulfilled', 'rejected'])
  const byState = Object.fromEntries((await log()).map(({ state, claimed: leased }) => [state, leased]))
  expect(byState).toEqual({ delivered: false, pending: true })
})

test('another URL is named in a few rows, however many wait for it, and all of them follow it', async () => {
  const { domain, caller, name, turn, log } = await openWebhookHarness()
  await name('https://old.invalid/hook')
  await crowdDeliveries(domain.store, {
    accountId: caller.accountId,
    count: 5_000,
    dueAt: domain.clock.now(),
    toAccountUrl: true,
  })
  const receiver = await startReceiver()
  const named = 'SELECT count(*) AS count FROM webhook_deliveries WHERE url = ?'
  const version = async () => (await domain.store.rows(named, [receiver.url]))[0]?.['count']
  await name(receiver.url)
  expect(await version(), 'rows that were rewritten').toBe(0)
  expect((await log()).every(({ url }) => url === receiver.url)).toBe(true)
  expect(await turn()).toBe(4)
  expect(receiver.told).toHaveLength(4)
  expect(await version()).toBe(4)
})

test('what waits for a URL that is removed is given up in parts, and nothing of it is sent', async () => {
  const { domain, caller, name, turn } = await openWebhookHarness()
  const { read } = domain.ctx.db
  await name('https://old.invalid/hook')
  const due = { accountId: caller.accountId, dueAt: domain.clock.now() + 60_000 }
  await crowdDeliveries(domain.store, { ...due, count: 1_000, toAccountUrl: true })
  await name(null)
  expect(await pendingDeliveries(read)).toBe(800)
  for (const left of [600, 400, 200, 0]) {
    expect(await turn()).toBe(0)
    expect(await pendingDeliveries(read)).toBe(left)
  }
  expect(await turn()).toBe(0)
})

test('the oldest that is due is known, and what is under way or waits for its time is not meant', async () => {
  const { domain, fail, turn } = await openWebhookHarness()
  const oldest = () => oldestDueMs(domain.ctx.db.read, domain.clock.now())
  expect(await oldest()).toBe(0)
  const receiver = await startReceiver(status(500))
  await fail(receiver.url)
  domain.clock.advance(3_000)
  expect(await oldest()).toBe(3_000)
  await turn()
  expect(await oldest()).toBe(0)
})

test('what is known of a receiver is forgotten a day after its last delivery', async () => {
  const { domain, fail, turn } = await openWebhookHarness()
  const receiver = await startReceiver()
  await fail(receiver.url)
  await turn()
  domain.clock.advance(24 * 60 * 60_000)
  expect(await forgetLanes(domain.ctx, 200)).toBe(0)
  domain.clock.advance(1)
  expect(await forgetLanes(domain.ctx, 200)).toBe(1)
  await fail(receiver.url)
  expect(await turn()).toBe(1)
})
