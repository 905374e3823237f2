// Something else than Keevx answers at its address: what runs is asked about again, new orders wait, and nothing is lost.
import { expect, test } from 'vitest'
import { claimSubmissions, submit } from '../../src/tasks/submit/submit.ts'
import { claimPolls } from '../../src/tasks/poll/claim.ts'
import { pollTask } from '../../src/tasks/poll/poll.ts'
import { slotsOfOne } from '../../src/upstream/slots.ts'
import type { Observation, SubmitOutcome } from '../../src/upstream/adapter.ts'
import { openDomainHarness } from '../support/domain-harness.ts'
import type { DomainHarness } from '../support/domain-harness.ts'

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

async function dispatch(domain: DomainHarness): Promise<number> {
  const claimed = await claimSubmissions(domain.ctx, domain.keevx, 16)
  for (const submission of claimed) await submit(domain.ctx, submission, never)
  return claimed.length
}

async function poll(domain: DomainHarness): Promise<void> {
  domain.clock.advance(100)
  for (const task of await claimPolls(domain.ctx, 16)) await pollTask(domain.ctx, task, never)
}

const metric = async ({ ctx }: DomainHarness, name: string) =>
  (await ctx.metrics.registry.getSingleMetric(`tollgate_${name}`)?.get())?.values

/** Five works that run, each with an id of its own. */
async function running(domain: DomainHarness) {
  const caller = await domain.account(1_000)
  let ids = 0
  domain.submitted = () => ({ kind: 'accepted', taskIds: [`i2is-${(ids += 1)}`] })
  const orders = []
  for (let at = 0; at < 5; at += 1) orders.push(await domain.order(caller))
  expect(await dispatch(domain)).toBe(5)
  return { caller, orders }
}

test('running works outlast it, new orders wait for its end, and all is made and charged once', async () => {
  const domain = await openDomainHarness()
  const { caller, orders } = await running(domain)
  domain.seen = () => strange
  for (let at = 0; at < 10; at += 1) await poll(domain)
  for (const order of orders) expect(await domain.tasks(order)).toMatchObject([{ state: 'running' }])
  expect(await metric(domain, 'upstream_foreign_answers_total')).toMatchObject([
    { labels: { upstream: 'keevx' }, value: 50 },
  ])

  const waiting = await domain.order(caller)
  expect(await dispatch(domain)).toBe(0)
  expect(await domain.tasks(waiting)).toMatchObject([{ state: 'queued' }])

  domain.seen = () => made
  await poll(domain)
  for (const order of orders) expect(await domain.tasks(order)).toMatchObject([{ state: 'succeeded' }])
  expect(await dispatch(domain)).toBe(1)
  await poll(domain)
  expect(await domain.tasks(waiting)).toMatchObject([{ state: 'succeeded' }])
  expect(await domain.balance(caller)).toBe(1_000 - 6 * 15)
})

test('a key that pages to orders made suspect is trusted again once a poll with it is answered', async () => {
  const domain = await openDomainHarness()
  await running(domain)
  domain.submitted = () => ({ kind: 'order_trouble', status: 404, detail: 'a page' })
  for (let at = 0; at < 3; at += 1) await domain.order(await domain.account(1_000))
  await dispatch(domain)
  const states = () => domain.keevx.keys.report(domain.clock.now()).map(({ state }) => state)
  expect(states()).toEqual(['suspected'])
  domain.seen = () => strange
  domain.clock.advance(60_000)
  await poll(domain)
  expect(states()).toEqual(['suspected'])
  domain.seen = () => ({ kind: 'running' })
  domain.clock.advance(60_000)
  await poll(domain)
  expect(states()).toEqual(['ready'])
})

test('works that it outlasts are given back at their limit, each once', async () => {
  const domain = await openDomainHarness()
  const { caller, orders } = await running(domain)
  domain.seen = () => strange
  domain.clock.advance(domain.keevx.settings.image.giveUpAfterMs)
  for (let at = 0; at < 10; at += 1) await poll(domain)
  for (const order of orders) {
    expect(await domain.tasks(order)).toMatchObject([{ state: 'failed', creditsRefunded: 15 }])
  }
  expect(await domain.balance(caller)).toBe(1_000)
})

test.each<[string, SubmitOutcome]>([
  ['refusals', { kind: 'order_trouble', status: 404, detail: 'HTTP 404' }],
  ['pages called a success', { kind: 'unknown', detail: 'HTTP 200', isForeign: true }],
])('orders of different accounts that meet %s in a row make the others wait', async (_name, outcome) => {
  const domain = await openDomainHarness()
  domain.submitted = () => outcome
  for (let at = 0; at < 3; at += 1) await domain.order(await domain.account(100))
  expect(await dispatch(domain)).toBe(3)
  const before = domain.posted.length
  await domain.order(await domain.account(100))
  expect(await dispatch(domain)).toBe(0)
  domain.clock.advance(1_000)
  expect(await dispatch(domain), 'one tries the address').toBe(1)
  expect(domain.posted).toHaveLength(before + 1)
})

test('what a firewall says to the words of one account holds up nobody else', async () => {
  const domain = await openDomainHarness()
  domain.submitted = () => ({ kind: 'order_trouble', status: 403, detail: 'HTTP 403: <html>' })
  const attacker = await domain.account(1_000)
  for (let at = 0; at < slotsOfOne(16); at += 1) await domain.order(attacker)
  expect(await dispatch(domain)).toBe(slotsOfOne(16))
  const innocent = await domain.order(await domain.account(100))
  domain.submitted = () => ({ kind: 'accepted', taskIds: ['i2is-innocent'] })
  expect(await dispatch(domain)).toBe(1)
  expect(await domain.tasks(innocent)).toMatchObject([{ state: 'running' }])
})
