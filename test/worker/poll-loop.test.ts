// The pump: never more under way than allowed, never stopped by a job that throws, and done when it says so.
import { describe, expect, test } from 'vitest'
import { systemClock } from '../../src/clock.ts'
import { createWakeup } from '../../src/worker/wakeup.ts'
import { runPollLoop } from '../../src/worker/poll-loop.ts'
import { manualClock } from '../support/clock.ts'
import { until } from '../support/gateway.ts'

interface Bench {
  readonly stop: AbortController
  readonly wakeups: ReturnType<typeof createWakeup>
  readonly errors: unknown[]
  most: number
  turns: number
  readonly done: Promise<void>
}

interface Jobs {
  readonly claim: (max: number) => Promise<number[]>
  readonly run: (job: number) => Promise<void>
  readonly inFlightMax?: number
  readonly clock?: typeof systemClock
}

function start({ claim, run, inFlightMax = 4, clock = systemClock }: Jobs): Bench {
  const stop = new AbortController()
  const wakeups = createWakeup()
  const errors: unknown[] = []
  let underWay = 0
  const counted = async (job: number) => {
    underWay += 1
    bench.most = Math.max(bench.most, underWay)
    try {
      await run(job)
    } finally {
      underWay -= 1
    }
  }
  const options = { inFlightMax, idleMs: 20, clock, wakeup: wakeups.listen(), claim, run: counted }
  const loop = { onTurn: () => void (bench.turns += 1), onError: (error: unknown) => void errors.push(error) }
  const bench: Bench = { stop, wakeups, errors, most: 0, turns: 0, done: Promise.resolve() }
  return Object.assign(bench, { done: runPollLoop({ ...options, ...loop }, stop.signal) })
}

async function stopped(bench: Bench): Promise<void> {
  bench.stop.abort()
  bench.wakeups.wakeAll()
  await bench.done
}

const pause = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms))

test('never more are under way than allowed, and all are done', async () => {
  const waiting = Array.from({ length: 60 }, (_, job) => job)
  const ran: number[] = []
  const bench = start({
    claim: async (max) => waiting.splice(0, max),
    async run(job) {
      await pause(job % 5)
      ran.push(job)
    },
  })
  await until(
    () => ran.length,
    (count) => count === 60,
  )
  await stopped(bench)
  expect(bench.most).toBe(4)
  expect(new Set(ran).size).toBe(60)
  expect(bench.errors).toEqual([])
})

test('more is claimed than there is room for at no time', async () => {
  const rooms: number[] = []
  let underWay = 0
  let left = 30
  const bench = start({
    async claim(max) {
      rooms.push(max + underWay)
      const jobs = Array.from({ length: Math.min(max, left) }, () => 1)
      left -= jobs.length
      underWay += jobs.length
      return jobs
    },
    async run() {
      await pause(2)
      underWay -= 1
    },
  })
  await until(
    () => left + underWay,
    (count) => count === 0,
  )
  await stopped(bench)
  expect(Math.max(...rooms)).toBeLessThanOrEqual(4)
})

describe('what throws', () => {
  test('is told, and its neighbours and successors run', async () => {
    const waiting = Array.from({ length: 12 }, (_, job) => job)
    const ran: number[] = []
    const bench = start({
      claim: async (max) => waiting.splice(0, max),
      run(job) {
        if (job % 3 === 0) throw new Error(`at once ${job}`)
        if (job % 3 === 1) return Promise.reject(new Error(`later ${job}`))
        ran.push(job)
        return Promise.resolve()
      },
    })
    await until(
      () => ran.length + bench.errors.length,
      (count) => count === 12,
    )
    await stopped(bench)
    expect(ran).toEqual([2, 5, 8, 11])
    expect(bench.errors).toHaveLength(8)
  })

  test('may be the claim itself, which is tried again after a pause', async () => {
    let claims = 0
    const ran: number[] = []
    const bench = start({
      async claim() {
        claims += 1
        if (claims < 3) throw new Error('the store is busy')
        return claims === 3 ? [1] : []
      },
      run: async (job) => void ran.push(job),
    })
    await until(
      () => ran.length,
      (count) => count === 1,
    )
    await stopped(bench)
    expect(bench.errors).toHaveLength(2)
  })
})

test('a stop waits for what is under way and claims nothing more', async () => {
  let claims = 0
  const ended: number[] = []
  const bench = start({
    async claim(max) {
      claims += 1
      return Array.from({ length: max - 1 }, (_, job) => job)
    },
    async run(job) {
      await pause(40)
      ended.push(job)
    },
  })
  await until(
    () => claims,
    (count) => count > 0,
  )
  await stopped(bench)
  const [claimsThen, endedThen] = [claims, ended.length]
  expect(endedThen).toBeGreaterThanOrEqual(3)
  await pause(60)
  expect([claims, ended.length]).toEqual([claimsThen, endedThen])
})

test('what was claimed while the stop came is still done', async () => {
  const ran: number[] = []
  const claim = Promise.withResolvers<number[]>()
  const bench = start({ claim: () => claim.promise, run: async (job) => void ran.push(job) })
  const over = stopped(bench)
  claim.resolve([1, 2])
  await over
  expect(ran).toEqual([1, 2])
})

test('a pump that is full of slow jobs still comes round', async () => {
  const clock = manualClock()
  const hanging = Promise.withResolvers<void>()
  const bench = start({
    clock,
    claim: async (max) => Array.from({ length: max }, () => 1),
    run: () => hanging.promise,
  })
  await until(
    () => bench.most,
    (most) => most === 4,
  )
  const before = bench.turns
  for (let at = 0; at < 10; at += 1) {
    clock.advance(20)
    await pause(1)
  }
  expect(bench.turns - before).toBeGreaterThan(5)
  expect(bench.most).toBe(4)
  hanging.resolve()
  bench.stop.abort()
  clock.advance(20)
  await bench.done
})

describe('a wakeups', () => {
  /** Whether a wait of an hour ends by itself. */
  async function ends(wait: Promise<void>): Promise<boolean> {
    return await Promise.race([wait.then(() => true), pause(20).then(() => false)])
  }

  const hourMs = 3_600_000

  test('wakes whoever sleeps, all of them', async () => {
    const wakeups = createWakeup()
    const clock = manualClock()
    const waits = [wakeups.listen(), wakeups.listen()].map((wakeup) => wakeup.wait(hourMs, clock))
    wakeups.wakeAll()
    expect(await Promise.all(waits.map(ends))).toEqual([true, true])
  })

  test('that rang while its listener was busy is heard at the next wait, and then no more', async () => {
    const wakeups = createWakeup()
    const clock = manualClock()
    const wakeup = wakeups.listen()
    wakeups.wakeAll()
    wakeups.wakeAll()
    expect(await ends(wakeup.wait(hourMs, clock))).toBe(true)
    expect(await ends(wakeup.wait(hourMs, clock))).toBe(false)
  })

  test('that nobody rings lets sleep until the time is over', async () => {
    const clock = manualClock()
    const wait = createWakeup().listen().wait(1_000, clock)
    clock.advance(999)
    expect(await ends(wait)).toBe(false)
    clock.advance(1)
    expect(await ends(wait)).toBe(true)
  })
})

describe('where the room changes', () => {
  test('no more are claimed than it says, and whoever makes more of it wakes the pump', async () => {
    const wakeups = createWakeup()
    const wakeup = wakeups.listen()
    const stop = new AbortController()
    const clock = manualClock()
    let room = 1
    const asked: number[] = []
    const hanging = Promise.withResolvers<void>()
    const done = runPollLoop(
      {
        inFlightMax: 4,
        room: () => room,
        idleMs: () => 3_600_000,
        clock,
        wakeup,
        onTurn: () => undefined,
        async claim(max) {
          asked.push(max)
          room -= max
          return Array.from({ length: max }, () => 1)
        },
        run: () => hanging.promise,
        onError: (error) => expect.fail(String(error)),
      },
      stop.signal,
    )
    await until(
      () => asked.length,
      (count) => count === 1,
    )
    room = 2
    wakeup.wake()
    await until(
      () => asked.length,
      (count) => count === 2,
    )
    // Jobs whose place is free again count still: there is one left of the four.
    room = 200
    wakeups.wakeAll()
    await until(
      () => asked.length,
      (count) => count === 3,
    )
    expect(asked).toEqual([1, 2, 1])
    stop.abort()
    wakeups.wakeAll()
    hanging.resolve()
    await done
  })
})
