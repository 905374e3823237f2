// No receiver and no account holds the others up: bounded at once, and taken in turns.
import { expect, test } from 'vitest'
import { createLanes } from '../../src/webhooks/claim.ts'
import { createDelivering } from '../../src/webhooks/deliver.ts'
import { startReceiver } from '../support/receiver.ts'
import { openDesk } from './desk.ts'
import type { Desk } from './desk.ts'

/** Tasks that have ended, with a delivery each. */
async function backlog({ fail, caller }: Desk, url: string, count: number, by = caller): Promise<void> {
  await Promise.all(Array.from({ length: count }, () => fail(url, by)))
}

const receiversOf = (rows: readonly { receiver: string }[]): Record<string, number> => {
  const counts: Record<string, number> = {}
  for (const { receiver } of rows) counts[receiver] = (counts[receiver] ?? 0) + 1
  return counts
}

test('a receiver is told by four at once, however much waits for it, and whoever came later is told too', async () => {
  const desk = await openDesk()
  await backlog(desk, 'https://dead.invalid/hook', 100)
  await desk.fail('https://living.invalid/hook')
  const lanes = createLanes(desk.shop.ctx)
  const claimed = await lanes.claim(64)
  expect(receiversOf(claimed)).toEqual({ 'dead.invalid': 4, 'living.invalid': 1 })
  expect(await lanes.claim(64), 'while those are under way').toEqual([])
  for (const one of claimed.slice(0, 2)) lanes.release(one)
  expect(await lanes.claim(64)).toHaveLength(2)
})

test('the ports of a host are receivers of their own', async () => {
  const desk = await openDesk()
  for (const port of [8443, 9443]) await backlog(desk, `https://dead.invalid:${port}/hook`, 5)
  expect(receiversOf(await createLanes(desk.shop.ctx).claim(64))).toEqual({
    'dead.invalid:8443': 4,
    'dead.invalid:9443': 4,
  })
})

test('an account that names many receivers has a quarter of the room', async () => {
  const desk = await openDesk()
  for (let at = 0; at < 30; at += 1) await backlog(desk, `https://r${at}.invalid/hook`, 3)
  const other = await desk.shop.account(1_000)
  await desk.fail('https://r7.invalid/hook', other)
  await desk.fail('https://zebra.invalid/hook', other)
  const claimed = await createLanes(desk.shop.ctx).claim(64)
  const accounts = Map.groupBy(claimed, ({ accountId }) => accountId)
  expect(accounts.get(desk.caller.accountId)).toHaveLength(16)
  expect(accounts.get(other.accountId)).toHaveLength(2)
})

test('lanes take turns: where there is room for one, the next turn is another’s', async () => {
  const desk = await openDesk()
  for (const name of ['a', 'b', 'c']) await backlog(desk, `https://${name}.invalid/hook`, 4)
  const lanes = createLanes(desk.shop.ctx)
  const turns: string[] = []
  for (let turn = 0; turn < 6; turn += 1) {
    const [one] = await lanes.claim(1)
    turns.push(one?.receiver ?? 'none')
  }
  expect(turns).toEqual(['a', 'b', 'c', 'a', 'b', 'c'].map((name) => `${name}.invalid`))
})

test('a turn looks at 256 lanes, and the next goes on behind them', async () => {
  const desk = await openDesk()
  const { db } = desk.shop.ctx
  const ids = await Promise.all(
    Array.from({ length: 300 }, (_, at) => desk.fail(`https://r${String(at).padStart(3, '0')}.invalid/hook`)),
  )
  expect(ids).toHaveLength(300)
  // They have to wait; one that comes behind all of them has not.
  const { webhookDeliveries: deliveries } = db.read.tables
  await db.transaction((tx) => tx.update(deliveries).set({ dueAt: desk.shop.clock.now() + 1_000_000 }))
  await desk.fail('https://zebra.invalid/hook')
  const lanes = createLanes(desk.shop.ctx)
  expect(await lanes.claim(64)).toEqual([])
  expect(receiversOf(await lanes.claim(64))).toEqual({ 'zebra.invalid': 1 })
})

test('a round along thousands of lanes ends, though something is due that has to wait', async () => {
  const desk = await openDesk()
  const { db } = desk.shop.ctx
  await Promise.all(Array.from({ length: 600 }, (_, at) => desk.fail(`https://r${at}.invalid/hook`)))
  const { webhookDeliveries: deliveries } = db.read.tables
  await db.transaction((tx) => tx.update(deliveries).set({ dueAt: desk.shop.clock.now() + 1_000_000 }))
  await backlog(desk, 'https://dead.invalid/hook', 6)
  let wakes = 0
  const lanes = createLanes({ ...desk.shop.ctx, wake: () => void (wakes += 1) })
  const claimed: unknown[] = []
  for (let turns = 0; turns < 20; turns += 1) {
    const before = wakes
    claimed.push(...(await lanes.claim(64)))
    // Until somebody rings, the loop sleeps.
    if (wakes === before) break
  }
  expect(claimed).toHaveLength(4)
  expect(wakes).toBe(2)
  expect(await lanes.claim(64)).toEqual([])
  expect(wakes).toBe(3)
})

test('who had to wait for room is told of it, and nobody else is woken', async () => {
  const desk = await openDesk()
  let wakes = 0
  const delivering = createDelivering({ ...desk.shop.ctx, wake: () => void (wakes += 1) })
  const receiver = await startReceiver()
  const never = new AbortController().signal
  const turn = async () =>
    await Promise.all((await delivering.claim(64)).map((one) => delivering.run(one, never)))
  await backlog(desk, receiver.url, 3)
  await turn()
  expect([receiver.told.length, wakes]).toEqual([3, 0])
  await backlog(desk, receiver.url, 5)
  await turn()
  expect([receiver.told.length, wakes]).toEqual([7, 1])
})

test('two processes that claim at once take each delivery once', async () => {
  const desk = await openDesk()
  for (let at = 0; at < 8; at += 1) await backlog(desk, `https://r${at}.invalid/hook`, 2)
  const both = await Promise.all([1, 2].map(() => createLanes(desk.shop.ctx).claim(64)))
  const ids = both.flat().map(({ id }) => id)
  expect(ids).toHaveLength(16)
  expect(new Set(ids).size).toBe(16)
})

test('a receiver that hangs costs the one beside it nothing', async () => {
  const desk = await openDesk()
  const [hanging, living] = [await startReceiver(() => undefined), await startReceiver()]
  await backlog(desk, hanging.url, 40)
  await backlog(desk, living.url, 40)
  const delivering = createDelivering(desk.shop.ctx)
  const never = new AbortController().signal
  const startedAt = performance.now()
  const running: Promise<void>[] = []
  while (living.told.length < 40 && performance.now() - startedAt < 10_000) {
    for (const one of await delivering.claim(64)) running.push(delivering.run(one, never))
    await new Promise((resolve) => setTimeout(resolve, 1))
  }
  expect(living.told).toHaveLength(40)
  expect(hanging.mostAtOnce).toBeLessThanOrEqual(4)
  expect(living.mostAtOnce).toBeLessThanOrEqual(4)
  await Promise.all(running)
})
