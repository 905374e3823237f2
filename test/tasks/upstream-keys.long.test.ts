// Whose trouble it is: one order's stops nobody else, an outage costs few attempts, and nothing is lost by either.
import { describe, expect, test } from 'vitest'
import type { Caller } from '../../src/accounts/callers.ts'
import type { Context } from '../../src/context.ts'
import { createLog } from '../../src/log.ts'
import { claimSubmissions, submit } from '../../src/tasks/submit/submit.ts'
import type { SubmitOutcome } from '../../src/upstream/adapter.ts'
import { quickYaml } from '../support/gateway.ts'
import { create, openDomainHarness } from '../support/domain-harness.ts'
import type { DomainHarness } from '../support/domain-harness.ts'

const never = new AbortController().signal
const patientYaml = quickYaml
  .replace('queue_for: 20s', 'queue_for: 30m')
  .replace('in_flight: 16', 'in_flight: auto')
const page: SubmitOutcome = { kind: 'order_trouble', status: 403, detail: 'HTTP 403: <html>' }
const unconnected: SubmitOutcome = { kind: 'not_accepted', detail: 'not connected: ECONNREFUSED' }

let works = 0
const accepted = (): SubmitOutcome => ({ kind: 'accepted', taskIds: [`i2is-${(works += 1)}`] })

const order = async ({ ctx }: DomainHarness, caller: Caller, prompt: string) =>
  (await create(ctx, caller, { model_id: 'gpt-image-2', prompt })).created

/** Runs the dispatch loop for so long, coming round every quarter of a second. Returns how many were posted. */
async function run(domain: DomainHarness, ms: number, ctx: Context = domain.ctx): Promise<number> {
  let posted = 0
  for (const endAt = domain.clock.now() + ms; domain.clock.now() < endAt; domain.clock.advance(250)) {
    const claimed = await claimSubmissions(ctx, domain.keevx, 256)
    posted += claimed.length
    await Promise.all(claimed.map((submission) => submit(ctx, submission, never)))
  }
  return posted
}

test('orders that a firewall turns away hold up nobody, are tried five times, and give their credits back', async () => {
  const domain = await openDomainHarness({ yaml: patientYaml })
  const [attacker, innocent] = [await domain.account(100_000), await domain.account(1_000)]
  domain.submitted = (asked) => ((asked as { prompt: string }).prompt.includes('<script') ? page : accepted())
  const bad = []
  for (let at = 0; at < 20; at += 1) bad.push(await order(domain, attacker, `<script>${at}`))
  await run(domain, 2_000)
  const good = await order(domain, innocent, 'a heron')
  await run(domain, 250)
  expect(await domain.tasks(good)).toMatchObject([{ state: 'running' }])
  expect(domain.keevx.keys.report(domain.clock.now())).toMatchObject([{ state: 'ready' }])
  for (let at = 0; at < 15; at += 1) {
    await order(domain, innocent, 'a heron')
    await run(domain, 4_000)
  }
  expect(domain.posted).toHaveLength(5 * 20 + 16)
  expect(await domain.balance(attacker)).toBe(100_000)
  for (const created of bad) {
    expect(await domain.tasks(created)).toMatchObject([
      { state: 'failed', errorMessage: expect.stringContaining('turned away'), errorDetail: page.detail },
    ])
  }
})

test('402 to three accounts in a row: orders wait, one at a time is tried, and none is given up for it', async () => {
  const domain = await openDomainHarness({ yaml: patientYaml })
  domain.submitted = () => ({ kind: 'order_trouble', status: 402, detail: 'HTTP 402' })
  const orders = []
  for (let at = 0; at < 30; at += 1) orders.push(await order(domain, await domain.account(100), 'a heron'))
  await run(domain, 250)
  expect(domain.keevx.keys.report(domain.clock.now())).toMatchObject([
    { state: 'suspected', detail: 'HTTP 402' },
  ])
  const before = domain.posted.length
  await run(domain, 10 * 60_000)
  // One of each account that has met no trouble yet, and then a probe every ten seconds.
  expect(domain.posted.length - before).toBeLessThan(30 + 60)
  domain.submitted = accepted
  await run(domain, 12_000)
  for (const created of orders) expect(await domain.tasks(created)).toMatchObject([{ state: 'running' }])
  expect(domain.keevx.keys.report(domain.clock.now())).toMatchObject([{ state: 'ready' }])
})

test('while nothing connects attempts, rows and log lines are few, and afterwards all orders go within seconds', async () => {
  const domain = await openDomainHarness({ yaml: patientYaml })
  const lines: string[] = []
  const ctx = { ...domain.ctx, log: createLog('info', { write: (line) => void lines.push(line) }) }
  domain.submitted = () => unconnected
  const caller = await domain.account(100_000)
  const orders = []
  for (let at = 0; at < 200; at += 1) orders.push(await order(domain, caller, 'a heron'))
  await run(domain, 15 * 60_000, ctx)
  // Those that were under way when it began, and then one probe a minute.
  expect(domain.posted.length).toBeLessThan(16 + 25)
  const { read } = ctx.db
  expect(await read.select().from(read.tables.attempts)).toHaveLength(domain.posted.length)
  expect(lines.length).toBeLessThanOrEqual(domain.posted.length + 1)
  expect(lines.filter((line) => line.includes('an upstream key rests'))).toHaveLength(1)
  const probed = domain.posted.length

  domain.submitted = accepted
  await run(domain, 60_000, ctx)
  await run(domain, 5_000, ctx)
  for (const created of orders) expect(await domain.tasks(created)).toMatchObject([{ state: 'running' }])
  expect(domain.posted).toHaveLength(probed + 200)
  expect(lines.filter((line) => line.includes('an upstream key works again'))).toHaveLength(1)
})

test('the probe is not always the same order, so that one of which nothing comes keeps nobody waiting', async () => {
  const domain = await openDomainHarness({ yaml: patientYaml })
  const caller = await domain.account(1_000)
  for (let at = 0; at < 4; at += 1) await order(domain, caller, `${at}`)
  domain.submitted = () => unconnected
  await run(domain, 250)
  expect(domain.keevx.keys.report(domain.clock.now())).toMatchObject([{ state: 'unreachable' }])
  await order(domain, await domain.account(1_000), '4')
  domain.posted.length = 0
  // At one, three and seven seconds; the first two failed before it was an outage.
  await run(domain, 7_000)
  expect(domain.posted).toHaveLength(3)
  const probes = domain.posted.map((asked) => (asked as { prompt: string }).prompt)
  expect(probes, 'a newcomer is tried too').toContain('4')
  // The upstream is back, but for the first of them.
  domain.submitted = (asked) => ((asked as { prompt: string }).prompt === '0' ? unconnected : accepted())
  await run(domain, 60_000)
  expect(domain.keevx.keys.report(domain.clock.now())).toMatchObject([{ state: 'ready' }])
  const prompts = domain.posted.map((asked) => (asked as { prompt: string }).prompt)
  expect(new Set(prompts)).toEqual(new Set(['0', '1', '2', '3', '4']))
  const { read } = domain.ctx.db
  const requests = await read.select().from(read.tables.requests)
  expect(requests.filter(({ state }) => state === 'accepted')).toHaveLength(4)
  expect(requests.filter(({ retriesMade }) => retriesMade > 0)).toEqual([])
})

test('within one account too, the probe is not always the same order', async () => {
  const domain = await openDomainHarness({ yaml: patientYaml })
  const caller = await domain.account(1_000)
  for (let at = 0; at < 4; at += 1) await order(domain, caller, `${at}`)
  domain.submitted = () => unconnected
  await run(domain, 250)
  expect(domain.keevx.keys.report(domain.clock.now())).toMatchObject([{ state: 'unreachable' }])
  // The upstream is back, but for the oldest of them.
  domain.submitted = (asked) => ((asked as { prompt: string }).prompt === '0' ? unconnected : accepted())
  await run(domain, 20_000)
  expect(domain.keevx.keys.report(domain.clock.now())).toMatchObject([{ state: 'ready' }])
})

test('places that were taken for orders which another claim got are given back', async () => {
  const domain = await openDomainHarness({ yaml: patientYaml })
  const caller = await domain.account(1_000)
  for (let at = 0; at < 3; at += 1) await order(domain, caller, 'a heron')
  const claims = await Promise.all([1, 2, 3].map(() => claimSubmissions(domain.ctx, domain.keevx, 5)))
  expect(claims.flat()).toHaveLength(3)
  expect(domain.keevx.keys.report(domain.clock.now())).toMatchObject([{ submits: { inFlight: 3 } }])
})

test('a place is free when its answer is there, not when that is written down', async () => {
  const domain = await openDomainHarness({ yaml: patientYaml.replace('in_flight: auto', 'in_flight: 1') })
  const caller = await domain.account(1_000)
  for (let at = 0; at < 3; at += 1) await order(domain, caller, 'a heron')
  const inFlight = () => domain.keevx.keys.report(domain.clock.now()).map(({ submits }) => submits.inFlight)
  const [first] = await claimSubmissions(domain.ctx, domain.keevx, 16)
  if (!first) throw new Error('one is claimed')
  expect(inFlight()).toEqual([1])
  expect(await claimSubmissions(domain.ctx, domain.keevx, 16)).toEqual([])

  const written = Promise.withResolvers<void>()
  const transaction: Context['db']['transaction'] = async (work, options) => {
    await written.promise
    return await domain.ctx.db.transaction(work, options)
  }
  domain.submitted = accepted
  const submitted = submit({ ...domain.ctx, db: { ...domain.ctx.db, transaction } }, first, never)
  await new Promise((resolve) => setImmediate(resolve))
  expect(inFlight()).toEqual([0])
  expect(await claimSubmissions(domain.ctx, domain.keevx, 16)).toHaveLength(1)
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
      const domain = await openDomainHarness({ yaml: patientYaml, upstreamKeys: keys.join(',') })
      const callers = await Promise.all(Array.from({ length: accounts }, () => domain.account(10_000)))
      domain.submitted = (_order, key) => (poor.includes(key) ? empty : accepted())
      const made = []
      for (let at = 0; at < 40; at += 1) {
        const caller = callers[at % accounts]
        if (caller) made.push(await order(domain, caller, 'a heron'))
        await run(domain, 1_000)
      }
      await run(domain, 60_000)
      const states = (await Promise.all(made.map((created) => domain.tasks(created))))
        .flat()
        .map(({ state }) => state)
      expect(states).toEqual(Array(40).fill('running'))
      // The first refusal of an order is the last but for those that meet another empty key.
      expect(domain.posted.length).toBeLessThanOrEqual(40 * keys.length)
    },
  )
})
