// The concurrency limit against simulated upstreams on a virtual clock: what it carries, and what that costs in 429s.
import { describe, expect, test } from 'vitest'
import { ConcurrencyLimit } from '../../src/upstream/rate-limits/concurrency-limit.ts'
import type { LimitMove } from '../../src/upstream/rate-limits/concurrency-limit.ts'
import { playUpstream } from './played-upstream.ts'

const auto = { start: 16, max: 256 }
const hourMs = 3_600_000

describe('with more orders than it can post, the limit', () => {
  test.each([
    ['that refuses at once', 1],
    ['that takes as long to refuse as to answer', 300],
  ])(
    'finds a hard limit of twenty %s: at least 50 a second and at most ten 429s an hour',
    (_name, refusedMs) => {
      const limit = new ConcurrencyLimit(auto)
      const played = playUpstream(limit, { hardLimit: 20, answerMs: 300, refusedMs, forMs: hourMs })
      expect(played.refused).toBeLessThanOrEqual(10)
      expect(played.carried / (hourMs / 1_000)).toBeGreaterThan(50)
      expect(limit.report()).toMatchObject({ ceiling: 20, limit: 20 })
      // Not the first hour alone.
      const later = playUpstream(limit, {
        hardLimit: 20,
        answerMs: 300,
        refusedMs,
        forMs: hourMs,
        fromMs: hourMs,
      })
      expect(later.refused).toBeLessThanOrEqual(3)
      expect(later.carried / (hourMs / 1_000)).toBeGreaterThan(60)
    },
  )

  test('carries at least 50 a second in the two minutes after the first pause', () => {
    const limit = new ConcurrencyLimit(auto)
    const world = { hardLimit: 20, answerMs: 300, refusedMs: 300 }
    const first = playUpstream(limit, { ...world, forMs: 33_000 })
    expect(first.refused).toBeGreaterThan(0)
    const second = playUpstream(limit, { ...world, forMs: 120_000, fromMs: 33_000 })
    expect(second.carried / 120).toBeGreaterThan(55)
    expect(second.refused).toBe(0)
  })

  test.each([
    ['300 ms', 300, 400, 30_000],
    ['2 s', 2_000, 60, 40_000],
    ['10 s', 10_000, 12, 200_000],
  ])('lets an upstream that answers after %s carry what it can', (_name, answerMs, perSecond, forMs) => {
    const limit = new ConcurrencyLimit(auto)
    const played = playUpstream(limit, { hardLimit: Infinity, answerMs, refusedMs: 1, forMs })
    expect(played.refused).toBe(0)
    expect(played.carried / (forMs / 1_000)).toBeGreaterThan(perSecond)
    expect(limit.report()).toMatchObject({ limit: 256, ceiling: null, moved: { reason: 'full' } })
  })

  test('is hardly in the way of an upstream that answers at once', () => {
    const limit = new ConcurrencyLimit(auto)
    const played = playUpstream(limit, {
      hardLimit: Infinity,
      answerMs: 1,
      refusedMs: 1,
      forMs: 3_000,
    })
    expect(played.carried / 3).toBeGreaterThan(2_000)
  })

  test.each([1, 3, 7, 16, 40, 100])('finds a hard limit of %i within a few bursts', (hard) => {
    const limit = new ConcurrencyLimit(auto)
    playUpstream(limit, { hardLimit: hard, answerMs: 300, refusedMs: 1, forMs: 10 * 60_000 })
    const { ceiling } = limit.report()
    const found = ceiling ?? limit.report().limit
    expect(found).toBeLessThanOrEqual(hard)
    expect(found).toBeGreaterThanOrEqual(Math.floor(hard * 0.8))
  })
})

test('where a share of the places is always left free, the limit grows all the same, also from one', () => {
  const limit = new ConcurrencyLimit(auto)
  const world = { answerMs: 300, refusedMs: 1, leavesOneOf: 11 }
  playUpstream(limit, { ...world, hardLimit: 0, forMs: 1_000 })
  expect(limit.report().limit).toBe(1)
  playUpstream(limit, { ...world, hardLimit: Infinity, forMs: 90_000, fromMs: 31_000 })
  expect(limit.report().limit).toBe(256)
})

test('where the hard limit rises, the ceiling follows within half an hour', () => {
  const limit = new ConcurrencyLimit(auto)
  const world = { answerMs: 300, refusedMs: 1 }
  playUpstream(limit, { ...world, hardLimit: 20, forMs: 120_000 })
  playUpstream(limit, { ...world, hardLimit: 80, forMs: hourMs / 2, fromMs: 120_000 })
  expect(limit.report().ceiling).toBeGreaterThan(60)
})

test('where the hard limit falls, a few bursts find the new one', () => {
  const limit = new ConcurrencyLimit(auto)
  const world = { answerMs: 300, refusedMs: 1 }
  playUpstream(limit, { ...world, hardLimit: 120, forMs: 300_000 })
  const fallen = playUpstream(limit, {
    ...world,
    hardLimit: 20,
    forMs: hourMs,
    fromMs: 300_000,
  })
  expect(limit.report().ceiling).toBeLessThanOrEqual(20)
  expect(limit.report().ceiling).toBeGreaterThanOrEqual(16)
  expect(fallen.carried / 3_600).toBeGreaterThan(45)
})

test('an hour in which everything is refused costs one 429 a pause, and is forgotten within seconds', () => {
  const limit = new ConcurrencyLimit(auto)
  const world = { answerMs: 300, refusedMs: 5 }
  playUpstream(limit, { ...world, hardLimit: Infinity, forMs: 10_000 })
  const storm = playUpstream(limit, {
    ...world,
    hardLimit: 0,
    forMs: hourMs,
    fromMs: 10_000,
  })
  // A burst, and then one for each pause of thirty seconds.
  expect(storm.refused).toBeLessThanOrEqual(256 + 120)
  const after = playUpstream(limit, {
    ...world,
    hardLimit: Infinity,
    forMs: 60_000,
    fromMs: 10_000 + hourMs,
  })
  expect(after.carried / 60).toBeGreaterThan(150)
})

test('a fixed number is never exceeded, and a 429 makes it fall as well', () => {
  const limit = new ConcurrencyLimit({ start: 64, max: 64 })
  const played = playUpstream(limit, {
    hardLimit: 20,
    answerMs: 300,
    refusedMs: 1,
    forMs: hourMs,
  })
  expect(played.most).toBe(64)
  expect(played.carried / 3_600).toBeGreaterThan(50)
})

describe('one by one:', () => {
  test('after a pause what begins is spread over half the time of an answer', () => {
    const limit = new ConcurrencyLimit(auto)
    playUpstream(limit, { hardLimit: Infinity, answerMs: 300, refusedMs: 1, forMs: 10_000 })
    limit.restart()
    let nowMs = 20_000
    let begun = 0
    for (; nowMs < 20_100; nowMs += 1) {
      for (let room = limit.room(nowMs); room > 0; room -= 1) {
        limit.begin(nowMs)
        begun += 1
      }
    }
    expect(begun).toBeGreaterThan(100)
    expect(begun).toBeLessThan(200)
  })

  test('a clock that is set back makes nothing wait', () => {
    const limit = new ConcurrencyLimit(auto)
    limit.restart()
    limit.begin(1_000_000)
    expect(limit.room(1_000_000)).toBe(0)
    expect(limit.roomInMs(1_000_000)).toBeGreaterThan(0)
    expect(limit.room(0)).toBeGreaterThan(0)
  })
})

test('little traffic moves nothing: a limit that is not used up is not raised', () => {
  const limit = new ConcurrencyLimit(auto)
  for (let nowMs = 0; nowMs < 1_000_000; nowMs += 1_000) {
    const attempt = limit.begin(nowMs)
    limit.end(attempt, 'answered', nowMs + 300)
  }
  expect(limit.report()).toEqual({ limit: 16, ceiling: null, inFlight: 0, moved: null })
})

test('an attempt ends once, and one without an answer moves nothing', () => {
  const limit = new ConcurrencyLimit({ start: 2, max: 4 })
  const [first, second] = [limit.begin(0), limit.begin(0)]
  expect(limit.room(0)).toBe(0)
  limit.end(first, 'other', 10)
  limit.end(first, 'rate_limited', 10)
  expect(limit.report()).toMatchObject({ limit: 2, ceiling: null, inFlight: 1, moved: null })
  limit.end(second, 'rate_limited', 20)
  const moved: { atMs: number; reason: LimitMove } = { atMs: 20, reason: 'rate_limited' }
  expect(limit.report()).toMatchObject({ limit: 1, inFlight: 0, moved })
})
