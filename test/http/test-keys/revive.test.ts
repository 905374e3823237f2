// How often the gateway behind test keys is started anew.
import { expect, test } from 'vitest'
import { keepRunning } from '../../../src/app/test-keys/revive.ts'
import type { Mortal } from '../../../src/app/test-keys/revive.ts'
import { systemClock } from '../../../src/clock.ts'

/** Time passes only by sleeping, and `end` is told after how many sleeps it shall stop. */
function world({ starts }: { readonly starts: (() => Mortal | null)[] }) {
  let nowMs = 0
  const pauses: number[] = []
  const clock = {
    ...systemClock,
    now: () => nowMs,
    monotonic: () => nowMs,
    async sleep(ms: number) {
      nowMs += ms
      await new Promise((resolve) => setImmediate(resolve))
    },
  }
  const ended = Promise.withResolvers<void>()
  const life = keepRunning<Mortal>({
    clock,
    async launch() {
      const start = starts.shift()
      if (!start) {
        ended.resolve()
        return immortal()
      }
      const being = start()
      if (!being) throw new Error('no start')
      return being
    },
    onFailure: (_failure, pauseMs) => pauses.push(pauseMs),
  })
  return { life, pauses, ended: ended.promise, pass: (ms: number) => (nowMs += ms) }
}

const stops = async () => undefined
const immortal = (): Mortal => ({
  failed: new Promise(() => undefined),
  hasFailed: () => false,
  stop: stops,
})
const mortal = (): Mortal => ({
  failed: Promise.resolve(new Error('failed')),
  hasFailed: () => true,
  stop: stops,
})

test('pauses grow from a second to five minutes while each start fails, or each that started fails at once', async () => {
  const starts = Array.from({ length: 11 }, (_, at) => () => (at % 2 === 0 ? null : mortal()))
  const { life, pauses, ended } = world({ starts })
  expect(life.report()).toEqual({ state: 'idle', last: null })
  await expect(life.start()).rejects.toThrow('no start')
  await ended
  expect(pauses.map((ms) => ms / 1_000)).toEqual([1, 2, 4, 8, 16, 32, 64, 128, 256, 300, 300])
  await life.settled()
  expect(life.report()).toMatchObject({ state: 'running', last: { atMs: expect.any(Number) } })
  expect(life.running()).not.toBeNull()
})

test('after a long life the pause is short again', async () => {
  const outside: { pass?: (ms: number) => unknown } = {}
  const longLived = (): Mortal => {
    outside.pass?.(5 * 60_000)
    return mortal()
  }
  const { life, pauses, ended, pass } = world({ starts: [() => null, () => null, longLived] })
  outside.pass = pass
  await expect(life.start()).rejects.toThrow('no start')
  await ended
  expect(pauses).toEqual([1_000, 2_000, 1_000])
})

test('in a pause a start is refused at once, and after a stop nothing is started', async () => {
  let count = 0
  const life = keepRunning<Mortal>({
    clock: systemClock,
    async launch() {
      count += 1
      throw new Error('no start')
    },
    onFailure: () => undefined,
  })
  await expect(life.start()).rejects.toThrow('no start')
  await expect(life.start()).rejects.toThrow('started anew soon')
  expect(life.report().state).toBe('failed')
  await life.stop(Promise.resolve())
  await expect(life.start()).rejects.toThrow('stops')
  expect(count).toBe(1)
})

test('many that ask at once wait for one start', async () => {
  let count = 0
  const life = keepRunning<Mortal>({
    clock: systemClock,
    async launch() {
      count += 1
      return immortal()
    },
    onFailure: () => undefined,
  })
  const found = await Promise.all(Array.from({ length: 9 }, async () => await life.start()))
  expect([new Set(found).size, count]).toEqual([1, 1])
  await life.stop(Promise.resolve())
})
