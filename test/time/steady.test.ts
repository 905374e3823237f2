// Which time the gateway goes by when the clocks of the machine contradict each other, or the store.
import { describe, expect, test } from 'vitest'
import { settleMs, SteadyClock } from '../../src/time/steady.ts'
import { manualClock } from '../support/clock.ts'

const secondMs = 1_000
const hourMs = 3_600_000
const dayMs = 24 * hourMs
const yearMs = 365 * dayMs

function setUp(clock = manualClock()) {
  const told: (string | number)[] = []
  const steady = new SteadyClock(clock, {
    onJump: () => void told.push('jump'),
    onReturn: () => void told.push('return'),
    onStep: (byMs) => void told.push(byMs),
  })
  /** Time passes, and is asked for every second, as the sweep does. */
  const live = (ms: number) => {
    for (let leftMs = ms; leftMs > 0; leftMs -= secondMs) {
      clock.advance(Math.min(secondMs, leftMs))
      steady.now()
    }
  }
  return { clock, steady, told, live }
}

describe('a clock that goes evenly', () => {
  test('is passed on as it is, and anything may end', () => {
    const { clock, steady, told, live } = setUp()
    live(dayMs / 24)
    expect(steady.now()).toBe(clock.now())
    expect(steady.mayEnd(dayMs)).toBe(true)
    expect(steady.report()).toEqual({ ok: true, aheadMs: 0, holdMs: 0 })
    expect(told).toEqual([])
  })

  test('is followed when it is corrected by little, at once or gradually', () => {
    const { clock, steady, told, live } = setUp()
    clock.setWall(1_900)
    expect(steady.now()).toBe(clock.now())
    live(30 * secondMs)
    for (let at = 0; at < 600; at += 1) {
      clock.setWall(-80)
      live(secondMs)
    }
    expect(steady.now()).toBe(clock.now())
    expect(told).toEqual([])
  })
})

describe.each([35 * secondMs, hourMs, 3 * dayMs, yearMs, -35 * secondMs, -hourMs, -yearMs])(
  'a clock that jumps by %i ms',
  (byMs) => {
    test('and back moves nothing', () => {
      const { clock, steady, told, live } = setUp()
      const before = steady.now()
      clock.setWall(byMs)
      expect(steady.mayEnd(0)).toBe(false)
      expect(steady.report()).toEqual({ ok: false, aheadMs: byMs, holdMs: settleMs })
      live(30 * secondMs)
      expect(steady.now()).toBe(before + 30 * secondMs)
      clock.setWall(-byMs)
      expect(steady.mayEnd(dayMs)).toBe(true)
      expect(steady.now()).toBe(clock.now())
      expect(told).toEqual(['jump', 'return'])
    })

    test('for good is believed after it has gone evenly for ten minutes, not before', () => {
      const { clock, steady, told, live } = setUp()
      clock.setWall(byMs)
      steady.now()
      live(settleMs - 1)
      expect(told).toEqual(['jump'])
      expect(steady.now()).toBe(clock.now() - byMs)
      live(1)
      expect(steady.now()).toBe(clock.now())
      expect(told).toEqual(['jump', byMs])
      // What was waiting has as much time as it had; time that was set back takes none away.
      const lostMs = Math.max(0, byMs)
      const longestMs = 25 * hourMs
      live(Math.min(lostMs, 40 * 60_000) - 1)
      expect(steady.mayEnd(40 * 60_000)).toBe(byMs < 0)
      live(1)
      expect(steady.mayEnd(40 * 60_000)).toBe(true)
      expect(steady.mayEnd(longestMs)).toBe(lostMs <= 40 * 60_000)
    })
  },
)

test('a clock that keeps jumping is never believed', () => {
  const { clock, steady, told, live } = setUp()
  const before = steady.now()
  for (let at = 0; at < 8; at += 1) {
    clock.setWall(hourMs)
    live(settleMs / 2)
  }
  expect(told).toEqual(['jump'])
  expect(steady.now()).toBe(before + 4 * settleMs)
  expect(steady.mayEnd(0)).toBe(false)
})

describe('after a restart', () => {
  const remembered = () => {
    const first = setUp()
    first.live(60 * secondMs)
    return { clock: first.clock, memory: first.steady.memory() }
  }

  test.each([0, hourMs, 30 * dayMs])('of the same machine, %i ms of downtime are known as such', (downMs) => {
    const { clock, memory } = remembered()
    clock.advance(downMs)
    const { steady } = setUp(clock)
    steady.recall(memory)
    expect(steady.now()).toBe(clock.now())
    expect(steady.mayEnd(yearMs)).toBe(true)
  })

  test.each([hourMs, yearMs, -hourMs, -yearMs])(
    'of the same machine, a clock that was moved by %i ms meanwhile is not believed',
    (byMs) => {
      const { clock, memory } = remembered()
      clock.advance(hourMs)
      clock.setWall(byMs)
      const { steady } = setUp(clock)
      steady.recall(memory)
      expect(steady.now()).toBe(clock.now() - byMs)
      expect(steady.mayEnd(0)).toBe(false)
    },
  )

  test('of another machine, time goes on from the last that was written where the clock is behind', () => {
    const { clock, memory } = remembered()
    clock.reboot()
    clock.setWall(-yearMs)
    const { steady, live } = setUp(clock)
    steady.recall(memory)
    expect(steady.now()).toBe(memory.wallMs)
    expect(steady.mayEnd(0)).toBe(false)
    live(settleMs)
    expect(steady.now()).toBe(clock.now())
    expect(steady.mayEnd(yearMs)).toBe(true)
  })

  test('of another machine, the time since the last that was written is lived through before anything ends', () => {
    const { clock, memory } = remembered()
    clock.reboot()
    clock.setWall(3 * hourMs)
    const { steady, live } = setUp(clock)
    steady.recall(memory)
    expect(steady.now()).toBe(clock.now())
    expect(steady.report().ok).toBe(true)
    live(40 * 60_000 - 1)
    expect(steady.mayEnd(40 * 60_000)).toBe(false)
    live(1)
    expect(steady.mayEnd(40 * 60_000)).toBe(true)
    expect(steady.mayEnd(25 * hourMs)).toBe(false)
    live(3 * hourMs)
    expect(steady.mayEnd(yearMs)).toBe(true)
  })

  test('what is held after a step is still held', () => {
    const { clock, steady, live } = setUp()
    clock.setWall(dayMs)
    steady.now()
    live(settleMs)
    const next = setUp(clock)
    next.steady.recall(steady.memory())
    expect([next.steady.mayEnd(0), next.steady.mayEnd(hourMs)]).toEqual([true, false])
    next.live(hourMs)
    expect(next.steady.mayEnd(hourMs)).toBe(true)
  })
})
