// An address at which something else than the upstream answers is trusted with no more orders, but for one to try it.
import { expect, test } from 'vitest'
import { createRecognition } from '../../src/upstream/recognition.ts'

test('three strange answers to polls in a row hold new orders, and one of its own lets them go', () => {
  const known = createRecognition()
  expect(['a', 'b', 'c'].map((work) => known.foreign(work, 0))).toEqual([false, false, true])
  expect(known.foreign('a', 0), 'said once').toBe(false)
  expect([known.isEstranged(), known.admit(10, 0)]).toEqual([true, 0])
  expect([known.own(), known.own()]).toEqual([true, false])
  expect([known.isEstranged(), known.admit(10, 0)]).toEqual([false, 10])
})

test('distrusted at the start, it holds orders at once, but for one to try it, until it answers itself', () => {
  const known = createRecognition()
  known.distrust(0)
  expect([known.isEstranged(), known.admit(10, 59_999)]).toEqual([true, 0])
  expect([known.admit(10, 60_000), known.admit(10, 60_001)]).toEqual([1, 0])
  expect([known.own(), known.admit(10, 60_002)]).toEqual([true, 10])
})

test('an own answer between them begins the count anew', () => {
  const known = createRecognition()
  for (let at = 0; at < 5; at += 1) {
    known.foreign(`a${at}`, 0)
    known.foreign(`b${at}`, 0)
    known.own()
  }
  expect(known.isEstranged()).toBe(false)
})

test('while nothing else is asked, one order at growing pauses tries the address', () => {
  const known = createRecognition()
  for (let at = 0; at < 3; at += 1) known.foreign('a', 0)
  const tried: number[] = []
  for (let nowMs = 5_000; nowMs < 200_000; nowMs += 250) if (known.admit(10, nowMs) > 0) tried.push(nowMs)
  const pauses = tried.slice(1).map((at, index) => at - (tried[index] ?? 0))
  expect(tried[0]).toBe(5_000)
  expect(pauses.slice(0, 5)).toEqual([2_000, 4_000, 8_000, 16_000, 32_000])
  expect(Math.max(...pauses)).toBe(60_000)
})

test('while polls try it too, an order is risked soon, then ever more rarely, and soon when they end', () => {
  const known = createRecognition()
  const risked: number[] = []
  for (let nowMs = 0; nowMs < 200_000; nowMs += 250) {
    if (nowMs % 3_000 === 0 && nowMs < 150_000) for (let at = 0; at < 3; at += 1) known.foreign('a', nowMs)
    if (known.admit(10, nowMs) > 0) risked.push(nowMs)
  }
  expect(risked).toEqual([1_000, 5_000, 21_000, 81_000, 141_000])
})

test('a clock that is set back by an hour holds no order for that long', () => {
  const known = createRecognition()
  for (let at = 0; at < 3; at += 1) known.foreign('a', 3_600_000)
  expect(known.admit(10, 0)).toBe(1)
})

test('works that meet it although others are answered are odd themselves, and hold nothing', () => {
  const known = createRecognition()
  for (const work of ['a', 'b', 'c', 'd']) known.foreign(work, 0)
  expect([known.isEstranged(), known.admit(10, 999), known.admit(10, 1_000)]).toEqual([true, 0, 1])
  // The order was taken.
  expect(known.own()).toBe(true)
  for (let nowMs = 10_000; nowMs < 600_000; nowMs += 10_000) {
    for (const work of ['a', 'b', 'c', 'd']) expect(known.foreign(work, nowMs)).toBe(false)
    expect(known.admit(10, nowMs)).toBe(10)
  }
  for (const work of ['e', 'f', 'g']) known.foreign(work, 600_000)
  expect(known.isEstranged(), 'others meet it too').toBe(true)
})

test('a work that was answered itself is as good a witness as any other', () => {
  const known = createRecognition()
  for (let round = 0; round < 3; round += 1) {
    for (const work of ['a', 'b', 'c']) known.foreign(work, 0)
    expect(known.isEstranged()).toBe(true)
    for (const work of ['a', 'b', 'c']) known.own(work)
  }
})
