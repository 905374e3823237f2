// Which instances serve a store, as each of them sees it: who comes, who stands still, who has gone, who is first.
import { describe, expect, test } from 'vitest'
import type { Beside } from '../../src/db/dialect.ts'
import { createInstances } from '../../src/instances/instances.ts'
import { createServerClock } from '../../src/instances/server-clock.ts'
import { sharePauses } from '../../src/instances/key-pauses.ts'
import { claimPolls, forgetHolders } from '../../src/tasks/poll/claim.ts'
import { pollsOf } from '../../src/tasks/poll/rows.ts'
import { bringPollsCloser, releaseClaims } from '../../src/tasks/rescue/release-leases.ts'
import { claimKeeps } from '../../src/tasks/results/downloads.ts'
import { claimSubmissions } from '../../src/tasks/submit/submit.ts'
import { startPresence } from '../../src/worker/presence.ts'
import { partOf } from '../../src/upstream/rate-limits/limit-settings.ts'
import { bytes, openMediaHarness, png } from '../media/media-harness.ts'
import { dispatchAll } from '../tasks/archive/scene.ts'
import { manualClock } from '../support/clock.ts'
import { openDomainHarness } from '../support/domain-harness.ts'
import { openDatabase } from '../support/test-store.ts'

/** The instances that the server has a connection of. */
async function openInstances() {
  const { db } = await openDatabase()
  const clock = manualClock()
  const connected = new Set<string>()
  const beside: Beside = {
    connected: async (ids) => new Set(ids.filter((id) => connected.has(id))),
    clockAheadMs: async () => 0,
  }
  const begin = (id: string) => {
    connected.add(id)
    const instances = createInstances({ id, clock, beside })
    const gone: string[] = []
    const beat = async () => await instances.beat(db, async (_tx, ids) => void gone.push(...ids))
    return { ...instances, beat, gone, leave: async () => await instances.leave(db) }
  }
  const beatAll = async (...all: readonly { beat(): Promise<unknown> }[]) => {
    for (const each of all) await each.beat()
  }
  return { db, clock, connected, begin, beatAll }
}

describe('an instance', () => {
  test('is none of those that share until all others have had the time to see it', async () => {
    const { clock, begin, beatAll } = await openInstances()
    const one = begin('ins_1')
    expect(one.isFirst()).toBe(false)
    await one.beat()
    expect(one.standing()).toEqual({ count: 1, rank: 0 })
    expect(one.isFirst()).toBe(true)
    clock.advance(2_000)
    const two = begin('ins_2')
    await beatAll(two, one)
    expect(two.standing()).toEqual({ count: 2, rank: null })
    expect(one.standing()).toEqual({ count: 2, rank: 0 })
    clock.advance(2_000)
    await beatAll(one, two)
    expect([one.isFirst(), two.isFirst()]).toEqual([true, false])
    expect(two.standing()).toEqual({ count: 2, rank: 1 })
  })

  test('that has ended is gone once it has been silent for three seconds, and not before', async () => {
    const { clock, connected, begin, beatAll } = await openInstances()
    const [one, two] = [begin('ins_1'), begin('ins_2')]
    await beatAll(one, two)
    connected.delete('ins_1')
    clock.advance(2_900)
    await two.beat()
    expect(two.gone).toEqual([])
    clock.advance(200)
    await two.beat()
    expect(two.gone).toEqual(['ins_1'])
    expect(two.standing()).toEqual({ count: 1, rank: 0 })
    await two.beat()
    expect(two.gone).toEqual(['ins_1'])
  })

  test('that stands still while its connection stays is gone after fifteen seconds', async () => {
    const { clock, begin, beatAll } = await openInstances()
    const [one, two] = [begin('ins_1'), begin('ins_2')]
    await beatAll(one, two)
    clock.advance(14_900)
    await two.beat()
    expect(two.gone).toEqual([])
    clock.advance(200)
    await two.beat()
    expect(two.gone).toEqual(['ins_1'])
  })

  test('that wakes after it was taken for gone is told so, and is there again', async () => {
    const { clock, begin, beatAll } = await openInstances()
    const [one, two] = [begin('ins_1'), begin('ins_2')]
    expect(await one.beat()).toMatchObject({ wasRemoved: false })
    await two.beat()
    clock.advance(16_000)
    await two.beat()
    expect(await one.beat()).toMatchObject({ wasRemoved: true })
    expect(await one.beat()).toMatchObject({ wasRemoved: false })
    await beatAll(two)
    expect(two.standing().count).toBe(2)
  })

  test('that is only slow in between is not taken for gone by one that looked before', async () => {
    const { db, clock, connected, begin, beatAll } = await openInstances()
    const [one, two] = [begin('ins_1'), begin('ins_2')]
    await beatAll(one, two)
    connected.delete('ins_1')
    clock.advance(4_000)
    // Between the look and the removal it says that it works.
    const late = {
      ...db,
      transaction: async (...work: Parameters<typeof db.transaction>) => {
        await one.beat()
        return await db.transaction(...work)
      },
    } as typeof db
    const gone: string[] = []
    await createInstances({
      id: 'ins_3',
      clock,
      beside: { connected: async () => new Set(), clockAheadMs: async () => 0 },
    }).beat(late, async (_tx, ids) => void gone.push(...ids))
    expect(gone).not.toContain('ins_1')
  })

  test('that leaves is gone at once', async () => {
    const { clock, begin, beatAll } = await openInstances()
    const [one, two] = [begin('ins_1'), begin('ins_2')]
    clock.advance(5_000)
    await beatAll(one, two)
    await one.leave()
    await two.beat()
    expect(two.gone).toEqual([])
    expect(two.standing()).toEqual({ count: 1, rank: 0 })
  })
})

describe('what an instance has claimed', () => {
  const held = (ctx: Awaited<ReturnType<typeof openDomainHarness>>['ctx'], id: string) => ({
    ...ctx,
    instances: { ...ctx.instances, id },
  })

  test('is free when it has gone, and no claim of another is', async () => {
    const domain = await openDomainHarness()
    const { ctx } = domain
    const { instances, requests } = ctx.db.read.tables
    await ctx.db.transaction(async (tx) => {
      await tx.insert(instances).values({ id: 'ins_1', name: 'one', startedAt: 1, beatAt: 1 })
    })
    const caller = await domain.account(1_000)
    await domain.order(caller, 1)
    await domain.order(caller, 1)
    const [ours] = await claimSubmissions(held(ctx, 'ins_1'), domain.keevx, 1)
    const [theirs] = await claimSubmissions(held(ctx, 'ins_gone'), domain.keevx, 1)
    domain.clock.advance(1_000)
    const nowMs = domain.clock.now()
    await ctx.db.transaction(async (tx) => await releaseClaims({ tx, nowMs }))
    const rows = await ctx.db.read.select().from(requests)
    const dueAt = new Map(rows.map((row) => [row.id, row.dueAt]))
    expect(dueAt.get(theirs?.request.id ?? '')).toBe(nowMs)
    expect(dueAt.get(ours?.request.id ?? '')).toBe(ours?.request.dueAt)
  })

  test('is free for polls that it was at, and those that another is at stay with that one, also at a start', async () => {
    const domain = await openDomainHarness()
    const { ctx, clock } = domain
    await ctx.db.transaction(async (tx) => {
      await tx.insert(tx.tables.instances).values({ id: 'ins_1', name: 'one', startedAt: 1, beatAt: 1 })
    })
    const caller = await domain.account(1_000)
    const orders = [await domain.order(caller), await domain.order(caller)]
    await dispatchAll(domain)
    clock.advance(60_000)
    const theirs = await claimPolls(held(ctx, 'ins_gone'), 1)
    clock.advance(1)
    const ours = await claimPolls(held(ctx, 'ins_1'), 1)
    expect([theirs, ours]).toMatchObject([[{ state: 'running' }], [{ state: 'running' }]])
    clock.advance(1_000)
    const nowMs = clock.now()
    await ctx.db.transaction(async (tx) => await releaseClaims({ tx, nowMs }))
    await bringPollsCloser(ctx, { onTurn: () => undefined, signal: new AbortController().signal })
    const ids = orders.flatMap(({ taskIds }) => taskIds)
    const polls = await pollsOf(ctx.db.read, ids)
    expect(polls.get(theirs[0]?.id ?? '')?.dueAt).toBe(nowMs)
    expect(polls.get(ours[0]?.id ?? '')?.dueAt).toBe(ours[0]?.dueAt)
    // Leases that have ended are forgotten.
    const claims = async () => await ctx.db.read.select().from(ctx.db.read.tables.pollClaims)
    expect(await claims()).toEqual([{ holder: 'ins_1', leaseEndsAt: ours[0]?.dueAt }])
    await ctx.db.transaction(async (tx) => await forgetHolders(tx, { nowMs: nowMs + 60_000 }))
    expect(await claims()).toEqual([])
  })

  test('is free for results that it was keeping, whether or not their task waits', async () => {
    const harness = await openMediaHarness()
    harness.files.serve['/a.png'] = bytes(png)
    const id = await harness.made()
    const ctx = { ...harness.ctx, instances: { ...harness.ctx.instances, id: 'ins_gone' } }
    expect(await claimKeeps(ctx, 1)).toMatchObject([{ taskId: id, holder: 'ins_gone' }])
    expect(await claimKeeps(ctx, 1)).toEqual([])
    await ctx.db.transaction(async (tx) => await releaseClaims({ tx, nowMs: ctx.clock.now() }))
    expect(await claimKeeps(ctx, 1)).toMatchObject([{ taskId: id }])
  })
})

test('a key that one instance was answered 429 with is left alone by the others until then', async () => {
  const [one, two] = [await openDomainHarness(), await openDomainHarness()]
  const store = one.ctx.db
  const nowMs = one.clock.now()
  const untilMs = nowMs + 30_000
  const share = async (domain: typeof one) =>
    await store.transaction(async (tx) => await sharePauses(domain.ctx, tx))
  await share(one)
  await share(two)
  const [fingerprint = ''] = one.keevx.keys.fingerprints
  one.keevx.keys.pause(fingerprint, 'all', { untilMs, nowMs })
  expect(two.keevx.keys.room(nowMs)).toBeGreaterThan(0)
  await share(one)
  await share(two)
  expect(two.keevx.keys.room(nowMs)).toBe(0)
  expect(two.keevx.keys.pausedUntil(fingerprint, nowMs)).toBe(untilMs)
  // It is not told back and forth, and ends when it ends.
  two.clock.advance(30_001)
  one.clock.advance(30_001)
  await share(two)
  await share(one)
  expect(one.keevx.keys.room(one.clock.now())).toBeGreaterThan(0)
  expect(two.keevx.keys.room(two.clock.now())).toBeGreaterThan(0)
})

test('a fixed limit is divided without a rest that is lost, and one that adapts is not', () => {
  const fixed = { start: 5, max: 5 }
  for (const count of [1, 2, 3, 7]) {
    const parts = Array.from({ length: count }, (_, rank) => partOf(fixed, { count, rank }))
    expect(parts.reduce((all, part) => all + part)).toBe(5)
  }
  expect(partOf(fixed, { count: 2, rank: null })).toBe(0)
  expect(partOf({ start: 16, max: 256 }, { count: 2, rank: 0 })).toBe(Infinity)
})

test('instances on machines whose clocks differ go by the time of the server', async () => {
  const [early, late] = [manualClock(), manualClock()]
  late.setWall(3_600_000)
  const clocks = [
    createServerClock(early, { clockAheadMs: async () => 1_000 }),
    createServerClock(late, { clockAheadMs: async () => 1_000 - 3_600_000 }),
  ]
  for (const clock of clocks) await clock.adjust()
  expect(new Set(clocks.map((clock) => clock.now())).size).toBe(1)
  // What the question takes is not taken for a difference.
  let aheadMs = 0
  const steady = createServerClock(early, { clockAheadMs: async () => (aheadMs += 7) })
  await steady.adjust()
  expect(steady.now()).toBe(early.now())
})

test('an instance asks the server for its time again every ten seconds', async () => {
  const { ctx, clock } = await openDomainHarness()
  const beside = { connected: async () => new Set<string>(), clockAheadMs: async () => 0 }
  let asked = 0
  const askedAfter: number[] = []
  const ended = Promise.withResolvers<void>()
  const sleep = async (ms: number, signal?: AbortSignal) => {
    expect(ms).toBe(1_000)
    askedAfter.push(asked)
    if (askedAfter.length <= 30) return
    ended.resolve()
    await clock.sleep(ms, signal)
  }
  const presence = await startPresence(
    { ...ctx, clock: { ...clock, sleep } },
    {
      instances: createInstances({ id: 'ins_1', clock, beside }),
      serverClock: { ...clock, adjust: async () => void (asked += 1) },
    },
  )
  await ended.promise
  await presence.stop()
  expect(askedAfter).toEqual(Array.from({ length: 31 }, (_, seconds) => Math.floor(seconds / 10)))
})
