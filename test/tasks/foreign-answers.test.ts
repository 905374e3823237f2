// Something else than Keevx answers at its address: what runs is asked about again, new orders wait, and nothing is lost.
import { expect, test } from 'vitest'
import { claimSubmissions, submit } from '../../src/tasks/submit/submit.ts'
import { claimPolls, pollTask } from '../../src/tasks/poll/poll.ts'
import { slotsOfOne } from '../../src/upstream/slots.ts'
import type { Observation, SubmitOutcome } from '../../src/upstream/adapter.ts'
import { openWorkshop } from '../support/workshop.ts'
import type { Workshop } from '../support/workshop.ts'

const never = new AbortController().signal
const result = {
  imageUrl: 'https://cdn.example/a.png',
  videoUrl: null,
  thumbnailUrl: null,
  width: null,
  height: null,
  durationSeconds: null,
}
const strange: Observation = { kind: 'unclear', detail: 'HTTP 404: <html>', isForeign: true }
const made: Observation = { kind: 'succeeded', result }

async function dispatch(shop: Workshop): Promise<number> {
  const claimed = await claimSubmissions(shop.ctx, shop.keevx, 16)
  for (const submission of claimed) await submit(shop.ctx, submission, never)
  return claimed.length
}

async function poll(shop: Workshop): Promise<void> {
  shop.clock.advance(100)
  for (const task of await claimPolls(shop.ctx, 16)) await pollTask(shop.ctx, task, never)
}

const metric = async ({ ctx }: Workshop, name: string) =>
  (await ctx.metrics.registry.getSingleMetric(`tollgate_${name}`)?.get())?.values

/** Five works that run, each with an id of its own. */
async function running(shop: Workshop) {
  const caller = await shop.account(1_000)
  let ids = 0
  shop.submitted = () => ({ kind: 'accepted', taskIds: [`i2is-${(ids += 1)}`] })
  const orders = []
  for (let at = 0; at < 5; at += 1) orders.push(await shop.order(caller))
  expect(await dispatch(shop)).toBe(5)
  return { caller, orders }
}

test('running works outlast it, new orders wait for its end, and all is made and charged once', async () => {
  const shop = await openWorkshop()
  const { caller, orders } = await running(shop)
  shop.seen = () => strange
  for (let at = 0; at < 10; at += 1) await poll(shop)
  for (const order of orders) expect(await shop.tasks(order)).toMatchObject([{ state: 'running' }])
  expect(await metric(shop, 'upstream_foreign_answers_total')).toMatchObject([
    { labels: { upstream: 'keevx' }, value: 50 },
  ])

  const waiting = await shop.order(caller)
  expect(await dispatch(shop)).toBe(0)
  expect(await shop.tasks(waiting)).toMatchObject([{ state: 'queued' }])

  shop.seen = () => made
  await poll(shop)
  for (const order of orders) expect(await shop.tasks(order)).toMatchObject([{ state: 'succeeded' }])
  expect(await dispatch(shop)).toBe(1)
  await poll(shop)
  expect(await shop.tasks(waiting)).toMatchObject([{ state: 'succeeded' }])
  expect(await shop.balance(caller)).toBe(1_000 - 6 * 15)
})

test('works that it outlasts are given back at their limit, each once', async () => {
  const shop = await openWorkshop()
  const { caller, orders } = await running(shop)
  shop.seen = () => strange
  shop.clock.advance(shop.keevx.settings.image.giveUpAfterMs)
  for (let at = 0; at < 10; at += 1) await poll(shop)
  for (const order of orders) {
    expect(await shop.tasks(order)).toMatchObject([{ state: 'failed', creditsRefunded: 15 }])
  }
  expect(await shop.balance(caller)).toBe(1_000)
})

test.each<[string, SubmitOutcome]>([
  ['refusals', { kind: 'order_trouble', status: 404, detail: 'HTTP 404' }],
  ['pages called a success', { kind: 'unknown', detail: 'HTTP 200', isForeign: true }],
])('orders of different accounts that meet %s in a row make the others wait', async (_name, outcome) => {
  const shop = await openWorkshop()
  shop.submitted = () => outcome
  for (let at = 0; at < 3; at += 1) await shop.order(await shop.account(100))
  expect(await dispatch(shop)).toBe(3)
  const before = shop.posted.length
  await shop.order(await shop.account(100))
  expect(await dispatch(shop)).toBe(0)
  shop.clock.advance(1_000)
  expect(await dispatch(shop), 'one tries the address').toBe(1)
  expect(shop.posted).toHaveLength(before + 1)
})

test('what a firewall says to the words of one account holds up nobody else', async () => {
  const shop = await openWorkshop()
  shop.submitted = () => ({ kind: 'order_trouble', status: 403, detail: 'HTTP 403: <html>' })
  const attacker = await shop.account(1_000)
  for (let at = 0; at < slotsOfOne(16); at += 1) await shop.order(attacker)
  expect(await dispatch(shop)).toBe(slotsOfOne(16))
  const innocent = await shop.order(await shop.account(100))
  shop.submitted = () => ({ kind: 'accepted', taskIds: ['i2is-innocent'] })
  expect(await dispatch(shop)).toBe(1)
  expect(await shop.tasks(innocent)).toMatchObject([{ state: 'running' }])
})
