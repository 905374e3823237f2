// An address at which something else than the upstream answers is trusted with no more orders, but for one to try it.
import { expect, test } from 'vitest'
import { createRecognition } from '../../src/upstream/recognition.ts'

const poll = { kind: 'poll' } as const
const submitOf = (accountId: string) => ({ kind: 'submit', accountId }) as const

test('three strange answers to polls in a row hold new orders, and one of its own lets them go', () => {
  const known = createRecognition()
  expect([known.foreign(poll, 0), known.foreign(poll, 0), known.foreign(poll, 0)]).toEqual([
    false,
    false,
    true,
  ])
  expect(known.foreign(poll, 0), 'said once').toBe(false)
  expect([known.isEstranged(), known.admit(10, 0)]).toEqual([true, 0])
  expect([known.own(), known.own()]).toEqual([true, false])
  expect([known.isEstranged(), known.admit(10, 0)]).toEqual([false, 10])
})

test('an own answer between them begins the count anew', () => {
  const known = createRecognition()
  for (let at = 0; at < 5; at += 1) {
    known.foreign(poll, 0)
    known.foreign(poll, 0)
    known.own()
  }
  expect(known.isEstranged()).toBe(false)
})

test('orders of two accounts prove nothing, however many; those of three do', () => {
  const known = createRecognition()
  for (let at = 0; at < 1_000; at += 1) known.foreign(submitOf(at % 2 === 0 ? 'one' : 'two'), 0)
  expect([known.isEstranged(), known.admit(10, 0)]).toEqual([false, 10])
  known.foreign(submitOf('other'), 0)
  expect([known.isEstranged(), known.isCertain()]).toEqual([true, false])
  known.foreign(poll, 0)
  expect(known.isCertain()).toBe(true)
})

test('while nothing else is asked, one order at growing pauses tries the address', () => {
  const known = createRecognition()
  for (const account of ['one', 'other', 'third']) known.foreign(submitOf(account), 0)
  const tried: number[] = []
  for (let nowMs = 0; nowMs < 200_000; nowMs += 250) if (known.admit(10, nowMs) > 0) tried.push(nowMs)
  const pauses = tried.map((at, index) => at - (tried[index - 1] ?? 0))
  expect(pauses.slice(0, 5)).toEqual([1_000, 2_000, 4_000, 8_000, 10_000])
  expect(Math.max(...pauses), 'an innocent order may be waiting').toBe(10_000)
})

test('while polls try it too, an order is risked once in a minute, and soon when they end', () => {
  const known = createRecognition()
  const risked: number[] = []
  for (let nowMs = 0; nowMs < 200_000; nowMs += 250) {
    if (nowMs % 3_000 === 0 && nowMs < 150_000) for (let at = 0; at < 3; at += 1) known.foreign(poll, nowMs)
    if (known.admit(10, nowMs) > 0) risked.push(nowMs)
  }
  expect(risked.slice(0, 3)).toEqual([60_000, 120_000, 152_000])
})

test('a clock that is set back by an hour holds no order for that long', () => {
  const known = createRecognition()
  for (const account of ['one', 'other', 'third']) known.foreign(submitOf(account), 3_600_000)
  expect(known.admit(10, 0)).toBe(1)
})
