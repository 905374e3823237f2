// An address at which something else than the upstream answers is trusted with no more orders, but for one to try it.
import { expect, test } from 'vitest'
import { createRecognition } from '../../src/upstream/recognition.ts'

test('three strange answers to polls in a row hold new orders, and one of its own lets them go', () => {
  const known = createRecognition()
  expect([known.foreign(0), known.foreign(0), known.foreign(0)]).toEqual([false, false, true])
  expect(known.foreign(0), 'said once').toBe(false)
  expect([known.isEstranged(), known.admit(10, 0)]).toEqual([true, 0])
  expect([known.own(), known.own()]).toEqual([true, false])
  expect([known.isEstranged(), known.admit(10, 0)]).toEqual([false, 10])
})

test('an own answer between them begins the count anew', () => {
  const known = createRecognition()
  for (let at = 0; at < 5; at += 1) {
    known.foreign(0)
    known.foreign(0)
    known.own()
  }
  expect(known.isEstranged()).toBe(false)
})

test('while nothing else is asked, one order at growing pauses tries the address', () => {
  const known = createRecognition()
  for (let at = 0; at < 3; at += 1) known.foreign(0)
  const tried: number[] = []
  for (let nowMs = 5_000; nowMs < 200_000; nowMs += 250) if (known.admit(10, nowMs) > 0) tried.push(nowMs)
  const pauses = tried.slice(1).map((at, index) => at - (tried[index] ?? 0))
  expect(tried[0]).toBe(5_000)
  expect(pauses.slice(0, 5)).toEqual([2_000, 4_000, 8_000, 16_000, 32_000])
  expect(Math.max(...pauses)).toBe(60_000)
})

test('while polls try it too, an order is risked once in a minute, and soon when they end', () => {
  const known = createRecognition()
  const risked: number[] = []
  for (let nowMs = 0; nowMs < 200_000; nowMs += 250) {
    if (nowMs % 3_000 === 0 && nowMs < 150_000) for (let at = 0; at < 3; at += 1) known.foreign(nowMs)
    if (known.admit(10, nowMs) > 0) risked.push(nowMs)
  }
  expect(risked.slice(0, 3)).toEqual([60_000, 120_000, 152_000])
})

test('a clock that is set back by an hour holds no order for that long', () => {
  const known = createRecognition()
  for (let at = 0; at < 3; at += 1) known.foreign(3_600_000)
  expect(known.admit(10, 0)).toBe(1)
})
