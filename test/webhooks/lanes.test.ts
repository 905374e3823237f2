// No receiver and no account holds the others up: due deliveries are found by index, and shared out fairly.
import { afterAll, expect, test } from 'vitest'
import { rescue } from '../../src/tasks/rescue/rescue.ts'
import { releaseLeases } from '../../src/tasks/rescue/release-leases.ts'
import { createLanes } from '../../src/webhooks/queue/claim.ts'
import type { Lanes } from '../../src/webhooks/queue/claim.ts'
import { createDelivering } from '../../src/webhooks/deliver.ts'
import {
  forgetDeliveries,
  listDeliveries,
  oldestDueMs,
  pendingDeliveries,
} from '../../src/webhooks/deliveries.ts'
import { createSettling } from '../../src/webhooks/settle.ts'
import type { DeliveryRow } from '../../src/webhooks/store.ts'
import { startReceiver, status } from '../support/receiver.ts'
import { watchStatements } from '../support/statements.ts'
import { crowdDeliveries } from './crowd.ts'
import { openWebhookHarness } from './webhook-harness.ts'
import type { WebhookHarness } from './webhook-harness.ts'

/** From before the store is opened: it keeps what it prepares with. */
const statements = watchStatements()
afterAll(() => statements.restore())

/** Tasks that have ended, with a delivery each. */
async function backlog(
  { fail, caller }: WebhookHarness,
  url: string,
  count: number,
  by = caller,
): Promise<void> {
  await Promise.all(Array.from({ length: count }, () => fail(url, by)))
}

const countBy = (
  rows: readonly DeliveryRow[],
  nameOf: (row: DeliveryRow) => string,
): Record<string, number> =>
  Object.fromEntries([...Map.groupBy(rows, nameOf)].map(([name, group]) => [name, group.length]))
const byReceiver = (rows: readonly DeliveryRow[]) => countBy(rows, ({ receiver }) => receiver)
const byAccount = (rows: readonly DeliveryRow[]) => countBy(rows, ({ accountId }) => accountId)

/** Claims until nothing is woken any more, as the loop does. */
async function claimAll(
  harness: WebhookHarness,
  max = 128,
  lanes?: Lanes,
): Promise<{ rows: DeliveryRow[]; turns: number }> {
  let wakes = 0
  const ctx = { ...harness.domain.ctx, wake: () => void (wakes += 1) }
  const from = lanes ?? createLanes(ctx)
  const rows: DeliveryRow[] = []
  for (let turns = 1; ; turns += 1) {
    const before = wakes
    rows.push(...(await from.claim(max)))
    if (wakes === before || turns > 200) return { rows, turns }
  }
}

test('an unknown receiver is sent four at once, however much waits for it, and one that came later is sent too', async () => {
  const harness = await openWebhookHarness()
  await backlog(harness, 'https://dead.invalid/hook', 100)
  await harness.fail('https://living.invalid/hook')
  const { rows } = await claimAll(harness)
  expect(byReceiver(rows)).toEqual({ 'dead.invalid': 4, 'living.invalid': 1 })
})

test('the ports of a host are receivers of their own, and one receiver of two accounts is two', async () => {
  const harness = await openWebhookHarness()
  const other = await harness.domain.account(1_000)
  for (const port of [8443, 9443]) await backlog(harness, `https://dead.invalid:${port}/hook`, 5)
  await backlog(harness, 'https://dead.invalid:8443/hook', 5, other)
  const { rows } = await claimAll(harness)
  expect(byReceiver(rows)).toEqual({ 'dead.invalid:8443': 8, 'dead.invalid:9443': 4 })
  expect(byAccount(rows)).toEqual({ [harness.caller.accountId]: 8, [other.accountId]: 4 })
})

test('an account that names many unknown receivers has eight at once; its proven receiver and other accounts go on', async () => {
  const harness = await openWebhookHarness()
  const other = await harness.domain.account(1_000)
  const proven = await startReceiver()
  await backlog(harness, proven.url, 1)
  await harness.turn()
  for (let at = 0; at < 30; at += 1) await backlog(harness, `https://r${at}.invalid/hook`, 3)
  await backlog(harness, proven.url, 4)
  await harness.fail('https://r7.invalid/hook', other)
  await harness.fail('https://zebra.invalid/hook', other)
  const { rows } = await claimAll(harness)
  expect(byAccount(rows)).toEqual({ [harness.caller.accountId]: 12, [other.accountId]: 2 })
  expect(byReceiver(rows)[new URL(proven.url).host]).toBe(4)
})

test('accounts take turns: where there is room for one, the next turn is another’s', async () => {
  const harness = await openWebhookHarness()
  const [b, c] = [await harness.domain.account(1_000), await harness.domain.account(1_000)]
  for (const by of [harness.caller, b, c]) await backlog(harness, 'https://shared.invalid/hook', 4, by)
  const lanes = createLanes(harness.domain.ctx)
  const turns: (string | undefined)[] = []
  for (let turn = 0; turn < 6; turn += 1) turns.push((await lanes.claim(1))[0]?.accountId)
  expect(new Set(turns.slice(0, 3)).size).toBe(3)
  expect(turns.slice(3)).toEqual(turns.slice(0, 3))
})

test('receivers of an account take turns too', async () => {
  const harness = await openWebhookHarness()
  for (const name of ['a', 'b', 'c']) await backlog(harness, `https://${name}.invalid/hook`, 2)
  const lanes = createLanes(harness.domain.ctx)
  const turns: (string | undefined)[] = []
  for (let turn = 0; turn < 6; turn += 1) turns.push((await lanes.claim(1))[0]?.receiver)
  expect(new Set(turns.slice(0, 3)).size).toBe(3)
  expect(turns.slice(3)).toEqual(turns.slice(0, 3))
})

test('where room is scarce it is shared out: a flood of one account leaves the others theirs', async () => {
  const harness = await openWebhookHarness()
  const others = await Promise.all(Array.from({ length: 3 }, () => harness.domain.account(1_000)))
  await backlog(harness, 'https://flood.invalid/hook', 60)
  for (const by of others) await backlog(harness, 'https://calm.invalid/hook', 2, by)
  const claimed = await createLanes(harness.domain.ctx).claim(8)
  for (const { accountId } of others) expect(byAccount(claimed)[accountId]).toBe(2)
})

test('room that becomes free is filled again, and who waited for it is woken', async () => {
  const harness = await openWebhookHarness()
  let wakes = 0
  const delivering = createDelivering({ ...harness.domain.ctx, wake: () => void (wakes += 1) })
  const receiver = await startReceiver()
  const never = new AbortController().signal
  const turn = async () =>
    await Promise.all((await delivering.claim(64)).map((one) => delivering.run(one, never)))
  await backlog(harness, receiver.url, 3)
  wakes = 0
  await turn()
  expect([receiver.told.length, wakes]).toEqual([3, 0])
  await backlog(harness, receiver.url, 12)
  wakes = 0
  await turn()
  expect(wakes).toBeGreaterThan(0)
  for (let turns = 0; turns < 5; turns += 1) await turn()
  expect(receiver.told).toHaveLength(15)
})

test('an end that is written down wakes who waited behind it, and nobody where none waits', async () => {
  const harness = await openWebhookHarness()
  let wakes = 0
  const settling = createSettling({ ...harness.domain.ctx, wake: () => void (wakes += 1) })
  const lanes = createLanes(harness.domain.ctx)
  const end = async (delivery: DeliveryRow) => {
    const change = { state: 'delivered', dueAt: null } as const
    await settling.add({ delivery, change, lane: {}, isGone: false })
  }
  await backlog(harness, 'https://slow.invalid/hook', 6)
  // Four are sent at once; the others are due when one of them has ended.
  const [first, second, third] = await lanes.claim(64)
  if (!first || !second || !third) throw new Error('it is sent four at once')
  await end(first)
  expect(wakes).toBe(1)
  lanes.limits.remove(first)
  lanes.limits.remove(second)
  expect(await lanes.claim(64)).toHaveLength(2)
  await end(second)
  await end(third)
  expect(wakes).toBe(1)
})

test('what is under way, and what waits for its next try, is not taken with what came since', async () => {
  const harness = await openWebhookHarness()
  const receiver = await startReceiver(status(500))
  await backlog(harness, receiver.url, 1)
  await harness.turn()
  const lanes = createLanes(harness.domain.ctx)
  await backlog(harness, receiver.url, 1)
  const [first, ...none] = await lanes.claim(64)
  expect(none).toEqual([])
  await backlog(harness, receiver.url, 1)
  const since = await lanes.claim(64)
  expect(since).toHaveLength(1)
  expect(since[0]?.id).not.toBe(first?.id)
  expect(since[0]?.attemptsMade).toBe(0)
})

test('two processes that claim at once take each delivery once', async () => {
  const harness = await openWebhookHarness()
  for (let at = 0; at < 8; at += 1) await backlog(harness, `https://r${at}.invalid/hook`, 2)
  const both = await Promise.all([1, 2].map(() => createLanes(harness.domain.ctx).claim(64)))
  const ids = both.flat().map(({ id }) => id)
  expect(ids).toHaveLength(8)
  expect(new Set(ids).size).toBe(8)
})

test('what a killed process had under way, and what waited behind it, is due again at the next start', async () => {
  const harness = await openWebhookHarness()
  await backlog(harness, 'https://dead.invalid/hook', 9)
  expect((await claimAll(harness)).rows).toHaveLength(4)
  expect((await claimAll(harness)).rows, 'another process, while the leases hold').toHaveLength(0)
  await releaseLeases(harness.domain.ctx)
  expect((await claimAll(harness)).rows).toHaveLength(4)
})

test('a receiver that hangs costs neither the one beside it nor another account at the same host', async () => {
  const harness = await openWebhookHarness({ timeout: '2s' })
  const other = await harness.domain.account(10_000)
  const mayAnswer = (path: string) => path === '/living'
  const shared = await startReceiver((response, { path }) => void (mayAnswer(path) && response.end()))
  const living = await startReceiver()
  const hangs = shared.url.replace('/hook', '/hangs')
  await backlog(harness, hangs, 40)
  await backlog(harness, living.url, 20)
  await backlog(harness, shared.url.replace('/hook', '/living'), 20, other)
  const delivering = createDelivering(harness.domain.ctx)
  const never = new AbortController().signal
  const running: Promise<void>[] = []
  const done = () => living.told.length + shared.told.filter(({ path }) => mayAnswer(path)).length
  for (let turns = 0; turns < 1_000 && done() < 40; turns += 1) {
    for (const one of await delivering.claim(64)) running.push(delivering.run(one, never))
    await new Promise((resolve) => setTimeout(resolve, 1))
  }
  expect(done()).toBe(40)
  expect(shared.told.filter(({ path }) => path === '/hangs').length).toBeLessThanOrEqual(8)
  await Promise.all(running)
})

test('a Retry-After of one delivery pauses the others of its account to that receiver, and no one else’s', async () => {
  const harness = await openWebhookHarness()
  const other = await harness.domain.account(1_000)
  const receiver = await startReceiver(status(429, { 'retry-after': '120' }))
  await backlog(harness, receiver.url, 9)
  expect(await harness.turn()).toBe(4)
  expect(await harness.turn(), 'the rest of them').toBe(0)
  await harness.fail(receiver.url)
  expect(await harness.turn(), 'one that ended since').toBe(0)
  await harness.fail(receiver.url, other)
  expect(await harness.turn(), 'another account').toBe(1)
  harness.domain.clock.advance(119_000)
  expect(await harness.turn()).toBe(0)
  receiver.answer = status(200)
  harness.domain.clock.advance(1_000)
  expect(await harness.turn(), 'carefully at first').toBe(2)
})

test('with a hundred thousand receivers waiting, a claim reads a few rows by index and finds what is due', async () => {
  const harness = await openWebhookHarness()
  const { ctx, clock, store } = harness.domain
  const other = await harness.domain.account(1_000)
  await crowdDeliveries(store, {
    accountId: harness.caller.accountId,
    count: 100_000,
    dueAt: clock.now() + 3_600_000,
  })
  await harness.fail('https://zebra.invalid/hook', other)
  const lanes = createLanes({ ...ctx, wake: () => undefined })
  const asked = await statements.during(async () => {
    expect(byReceiver(await lanes.claim(64))).toEqual({ 'zebra.invalid': 1 })
    await releaseLeases(ctx)
    await rescue(ctx)
    await forgetDeliveries(ctx, 200)
    await oldestDueMs(ctx.db.read, clock.now())
    for (const state of [null, 'pending', 'failed', 'delivered'] as const) {
      for (const at of [null, 'msg_5']) {
        const { accountId } = harness.caller
        await listDeliveries(ctx.db.read, { accountId, state, before: at, limit: 20 })
      }
    }
  })
  const ours = asked.filter((one) => /^(select|update|delete)[^]*webhook_/i.test(one))
  expect(ours.length).toBeGreaterThan(8)
  for (const statement of ours) {
    const plan = await store.planOf(statement)
    // The backlog has one row; the secrets are asked whether there is any at all.
    const isOneRow = /from "webhook_(backlog|secrets)" limit/.test(statement)
    if (!isOneRow)
      expect(
        plan.filter((step) => /^(SCAN|USE TEMP B-TREE)/.test(step)),
        statement,
      ).toEqual([])
  }
})

test('thousands of receivers due at once are visited in turns of a bounded length, and none twice', async () => {
  const harness = await openWebhookHarness()
  const { clock, store, ctx } = harness.domain
  await crowdDeliveries(store, { accountId: harness.caller.accountId, count: 5_000, dueAt: clock.now() })
  const other = await harness.domain.account(1_000)
  await harness.fail('https://zebra.invalid/hook', other)
  let wakes = 0
  const lanes = createLanes({ ...ctx, wake: () => void (wakes += 1) })
  const claimed = await lanes.claim(128)
  expect(byAccount(claimed)).toEqual({ [harness.caller.accountId]: 8, [other.accountId]: 1 })
  expect(await lanes.claim(128), 'while those hang').toEqual([])
  expect(wakes).toBeLessThanOrEqual(1)
  expect(await pendingDeliveries(ctx.db.read)).toBe(5_001)
})
