// Whose trouble it is: one order's stops nobody else, an outage costs few attempts, and nothing is lost by either.
import { describe, expect, test } from 'vitest'
import type { Caller } from '../../src/accounts/keys.ts'
import type { Context } from '../../src/context.ts'
import { createLog } from '../../src/log.ts'
import { claimSubmissions, submit } from '../../src/tasks/submit/submit.ts'
import type { SubmitOutcome } from '../../src/upstream/adapter.ts'
import { quickYaml } from '../support/gateway.ts'
import { create, openWorkshop } from '../support/workshop.ts'
import type { Workshop } from '../support/workshop.ts'

const never = new AbortController().signal
const patientYaml = quickYaml
  .replace('queue_for: 20s', 'queue_for: 30m')
  .replace('in_flight: 16', 'in_flight: auto')
const page: SubmitOutcome = { kind: 'order_trouble', status: 403, detail: 'HTTP 403: <html>' }
const unconnected: SubmitOutcome = { kind: 'not_accepted', detail: 'not connected: ECONNREFUSED' }

let works = 0
const accepted = (): SubmitOutcome => ({ kind: 'accepted', taskIds: [`i2is-${(works += 1)}`] })

const order = async ({ ctx }: Workshop, caller: Caller, prompt: string) =>
  (await create(ctx, caller, { model_id: 'gpt-image-2', prompt })).created

/** Runs the dispatch loop for so long, coming round every quarter of a second. Returns how many were posted. */
async function run(shop: Workshop, ms: number, ctx: Context = shop.ctx): Promise<number> {
  let posted = 0
  for (const endAt = shop.clock.now() + ms; shop.clock.now() < endAt; shop.clock.advance(250)) {
    const claimed = await claimSubmissions(ctx, shop.keevx, 256)
    posted += claimed.length
    await Promise.all(claimed.map((submission) => submit(ctx, submission, never)))
  }
  return posted
}

test('orders that a firewall turns away hold up nobody, are tried five times, and give their credits back', async () => {
  const shop = await openWorkshop({ yaml: patientYaml })
  const [attacker, innocent] = [await shop.account(100_000), await shop.account(1_000)]
  shop.submitted = (asked) => ((asked as { prompt: string }).prompt.includes('<script') ? page : accepted())
  const bad = []
  for (let at = 0; at < 20; at += 1) bad.push(await order(shop, attacker, `<script>${at}`))
  await run(shop, 2_000)
  const good = await order(shop, innocent, 'a heron')
  await run(shop, 250)
  expect(await shop.tasks(good)).toMatchObject([{ state: 'running' }])
  expect(shop.keevx.keys.report(shop.clock.now())).toMatchObject([{ state: 'ready' }])
  for (let at = 0; at < 15; at += 1) {
    await order(shop, innocent, 'a heron')
    await run(shop, 4_000)
  }
  expect(shop.posted).toHaveLength(5 * 20 + 16)
  expect(await shop.balance(attacker)).toBe(100_000)
  for (const created of bad) {
    expect(await shop.tasks(created)).toMatchObject([
      { state: 'failed', errorMessage: expect.stringContaining('turned away'), errorDetail: page.detail },
    ])
  }
})

test('402 to three accounts in a row: orders wait, one at a time is tried, and none is given up for it', async () => {
  const shop = await openWorkshop({ yaml: patientYaml })
  shop.submitted = () => ({ kind: 'order_trouble', status: 402, detail: 'HTTP 402' })
  const orders = []
  for (let at = 0; at < 30; at += 1) orders.push(await order(shop, await shop.account(100), 'a heron'))
  await run(shop, 250)
  expect(shop.keevx.keys.report(shop.clock.now())).toMatchObject([{ state: 'suspected', detail: 'HTTP 402' }])
  const before = shop.posted.length
  await run(shop, 10 * 60_000)
  // One of each account that has met no trouble yet, and then a probe every ten seconds.
  expect(shop.posted.length - before).toBeLessThan(30 + 60)
  shop.submitted = accepted
  await run(shop, 12_000)
  for (const created of orders) expect(await shop.tasks(created)).toMatchObject([{ state: 'running' }])
  expect(shop.keevx.keys.report(shop.clock.now())).toMatchObject([{ state: 'ready' }])
})

test('while nothing connects attempts, rows and log lines are few, and afterwards all orders go within seconds', async () => {
  const shop = await openWorkshop({ yaml: patientYaml })
  const lines: string[] = []
  const ctx = { ...shop.ctx, log: createLog('info', { write: (line) => void lines.push(line) }) }
  shop.submitted = () => unconnected
  const caller = await shop.account(100_000)
  const orders = []
  for (let at = 0; at < 200; at += 1) orders.push(await order(shop, caller, 'a heron'))
  await run(shop, 15 * 60_000, ctx)
  // Those that were under way when it began, and then one probe a minute.
  expect(shop.posted.length).toBeLessThan(16 + 25)
  const { read } = ctx.db
  expect(await read.select().from(read.tables.attempts)).toHaveLength(shop.posted.length)
  expect(lines.length).toBeLessThanOrEqual(shop.posted.length + 1)
  expect(lines.filter((line) => line.includes('an upstream key rests'))).toHaveLength(1)
  const probed = shop.posted.length

  shop.submitted = accepted
  await run(shop, 60_000, ctx)
  await run(shop, 5_000, ctx)
  for (const created of orders) expect(await shop.tasks(created)).toMatchObject([{ state: 'running' }])
  expect(shop.posted).toHaveLength(probed + 200)
  expect(lines.filter((line) => line.includes('an upstream key works again'))).toHaveLength(1)
})

test('the probe is not always the same order, so that one of which nothing comes keeps nobody waiting', async () => {
  const shop = await openWorkshop({ yaml: patientYaml })
  const caller = await shop.account(1_000)
  for (let at = 0; at < 4; at += 1) await order(shop, caller, `${at}`)
  shop.submitted = () => unconnected
  await run(shop, 250)
  expect(shop.keevx.keys.report(shop.clock.now())).toMatchObject([{ state: 'unreachable' }])
  await order(shop, await shop.account(1_000), '4')
  shop.posted.length = 0
  // At one, three and seven seconds; the first two failed before it was an outage.
  await run(shop, 7_000)
  expect(shop.posted).toHaveLength(3)
  const probes = shop.posted.map((asked) => (asked as { prompt: string }).prompt)
  expect(probes, 'a newcomer is tried too').toContain('4')
  // The upstream is back, but for the first of them.
  shop.submitted = (asked) => ((asked as { prompt: string }).prompt === '0' ? unconnected : accepted())
  await run(shop, 60_000)
  expect(shop.keevx.keys.report(shop.clock.now())).toMatchObject([{ state: 'ready' }])
  const prompts = shop.posted.map((asked) => (asked as { prompt: string }).prompt)
  expect(new Set(prompts)).toEqual(new Set(['0', '1', '2', '3', '4']))
  const { read } = shop.ctx.db
  const requests = await read.select().from(read.tables.requests)
  expect(requests.filter(({ state }) => state === 'accepted')).toHaveLength(4)
  expect(requests.filter(({ retriesMade }) => retriesMade > 0)).toEqual([])
})

test('within one account too, the probe is not always the same order', async () => {
  const shop = await openWorkshop({ yaml: patientYaml })
  const caller = await shop.account(1_000)
  for (let at = 0; at < 4; at += 1) await order(shop, caller, `${at}`)
  shop.submitted = () => unconnected
  await run(shop, 250)
  expect(shop.keevx.keys.report(shop.clock.now())).toMatchObject([{ state: 'unreachable' }])
  // The upstream is back, but for the oldest of them.
  shop.submitted = (asked) => ((asked as { prompt: string }).prompt === '0' ? unconnected : accepted())
  await run(shop, 20_000)
  expect(shop.keevx.keys.report(shop.clock.now())).toMatchObject([{ state: 'ready' }])
})

test('places that were taken for orders which another claim got are given back', async () => {
  const shop = await openWorkshop({ yaml: patientYaml })
  const caller = await shop.account(1_000)
  for (let at = 0; at < 3; at += 1) await order(shop, caller, 'a heron')
  const claims = await Promise.all([1, 2, 3].map(() => claimSubmissions(shop.ctx, shop.keevx, 5)))
  expect(claims.flat()).toHaveLength(3)
  expect(shop.keevx.keys.report(shop.clock.now())).toMatchObject([{ submits: { inFlight: 3 } }])
})

test('a place is free when its answer is there, not when that is written down', async () => {
  const shop = await openWorkshop({ yaml: patientYaml.replace('in_flight: auto', 'in_flight: 1') })
  const caller = await shop.account(1_000)
  for (let at = 0; at < 3; at += 1) await order(shop, caller, 'a heron')
  const inFlight = () => shop.keevx.keys.report(shop.clock.now()).map(({ submits }) => submits.inFlight)
  const [first] = await claimSubmissions(shop.ctx, shop.keevx, 16)
  if (!first) throw new Error('one is claimed')
  expect(inFlight()).toEqual([1])
  expect(await claimSubmissions(shop.ctx, shop.keevx, 16)).toEqual([])

  const written = Promise.withResolvers<void>()
  const transaction: Context['db']['transaction'] = async (work, options) => {
    await written.promise
    return await shop.ctx.db.transaction(work, options)
  }
  shop.submitted = accepted
  const submitted = submit({ ...shop.ctx, db: { ...shop.ctx.db, transaction } }, first, never)
  await new Promise((resolve) => setImmediate(resolve))
  expect(inFlight()).toEqual([0])
  expect(await claimSubmissions(shop.ctx, shop.keevx, 16)).toHaveLength(1)
  written.resolve()
  await submitted
  expect(inFlight()).toEqual([1])
})

describe('of several keys some are of accounts that are empty:', () => {
  const empty: SubmitOutcome = { kind: 'order_trouble', status: 402, detail: 'HTTP 402' }
  test.each([
    [['one', 'two'], ['one'], 1],
    [['one', 'two', 'three'], ['one', 'two'], 2],
    [['one', 'two'], ['two'], 1],
  ])(
    '%j, of which %j: what they refuse another takes, and no order of %i accounts is lost',
    async (keys, poor, accounts) => {
      const shop = await openWorkshop({ yaml: patientYaml, upstreamKeys: keys.join(',') })
      const callers = await Promise.all(Array.from({ length: accounts }, () => shop.account(10_000)))
      shop.submitted = (_order, key) => (poor.includes(key) ? empty : accepted())
      const made = []
      for (let at = 0; at < 40; at += 1) {
        const caller = callers[at % accounts]
        if (caller) made.push(await order(shop, caller, 'a heron'))
        await run(shop, 1_000)
      }
      await run(shop, 60_000)
      const states = (await Promise.all(made.map((created) => shop.tasks(created))))
        .flat()
        .map(({ state }) => state)
      expect(states).toEqual(Array(40).fill('running'))
      // The first refusal of an order is the last but for those that meet another empty key.
      expect(shop.posted.length).toBeLessThanOrEqual(40 * keys.length)
    },
  )
})
