// How many deliveries a receiver is sent at once finds itself: it grows with quick answers, and halves when it is too much.
import { expect, test } from 'vitest'
import { createLimits, newPicked, quickMs } from '../../src/webhooks/queue/limits.ts'
import type { Limits, Verdict } from '../../src/webhooks/queue/limits.ts'
import type { DeliveryRow } from '../../src/webhooks/store.ts'

const host = 'hooks.example'
const delivery = (accountId = 'a', receiver = host) =>
  ({ accountId, url: `https://${receiver}/hook` }) as DeliveryRow

const roomOf = (limits: Limits, accountId = 'a', receiver = host) =>
  limits.laneRoom(accountId, receiver, newPicked())

interface Answer {
  readonly status: number | null
  readonly tookMs?: number
  readonly nowMs?: number
}

/** A receiver with more waiting for it than may be sent, or with `atOnceMax` at most. */
function openReceiver(atOnceMax = Infinity) {
  const limits = createLimits()
  const sending: DeliveryRow[] = []
  const fill = () => {
    while (sending.length < atOnceMax && roomOf(limits) > 0) {
      const one = delivery()
      sending.push(one)
      limits.add(one, true)
    }
  }
  /** So many answers, one after another; each makes room for the next. */
  const answer = (count: number, { status, tookMs = 10, nowMs = 1_000 }: Answer): Verdict[] =>
    Array.from({ length: count }, () => {
      fill()
      const one = sending.shift() ?? expect.fail('nothing may be sent')
      const verdict = limits.learn(one, { status, tookMs, nowMs })
      limits.remove(one)
      return verdict
    })
  return { limits, answer, limit: () => roomOf(limits) + sending.length }
}

test('each quick answer lets one more be sent at once, up to the share of an account', () => {
  const { answer, limit } = openReceiver()
  expect(limit()).toBe(4)
  for (let answers = 1; answers <= 44; answers += 1) {
    expect(answer(1, { status: 204 })).toEqual(['quick'])
    expect(limit()).toBe(4 + answers)
  }
  answer(200, { status: 200 })
  expect(limit()).toBe(48)
})

test.each<[string, Answer, Verdict]>([
  ['a slow answer', { status: 200, tookMs: quickMs + 1 }, 'slow'],
  ['a redirect', { status: 302 }, 'neutral'],
  ['a refusal', { status: 400 }, 'neutral'],
])('%s changes nothing', (_name, answered, verdict) => {
  const { answer, limit } = openReceiver()
  answer(4, { status: 200, tookMs: quickMs })
  expect(new Set(answer(50, answered))).toEqual(new Set([verdict]))
  expect(limit()).toBe(8)
})

test('a limit that is made no use of does not grow', () => {
  const { answer, limit } = openReceiver(1)
  answer(100, { status: 200 })
  expect(limit()).toBe(4)
})

test.each<[string, number | null, Verdict]>([
  ['429', 429, 'overloaded'],
  ['500', 500, 'overloaded'],
  ['no answer', null, 'dead'],
])('%s halves it, once for all that was sent before, and never below one', (_name, status, verdict) => {
  const { answer, limit } = openReceiver()
  answer(28, { status: 200 })
  expect(limit()).toBe(32)
  expect(answer(1, { status, tookMs: 500, nowMs: 10_000 })).toEqual([verdict])
  expect(limit()).toBe(16)
  answer(31, { status, tookMs: 500, nowMs: 10_400 })
  expect(limit(), 'those were on their way when it shrank').toBe(16)
  for (const [at, left] of [8, 4, 2, 1, 1].entries()) {
    answer(1, { status, tookMs: 500, nowMs: 11_000 + at * 500 })
    expect(limit()).toBe(left)
  }
})

test('after it was too much, a whole round of quick answers adds one', () => {
  const { answer, limit } = openReceiver()
  answer(28, { status: 200 })
  answer(1, { status: 503, nowMs: 10_000 })
  for (const before of [16, 17, 18]) {
    expect(limit()).toBe(before)
    answer(before - 1, { status: 200, nowMs: 11_000 })
    expect(limit()).toBe(before)
    answer(2, { status: 200, nowMs: 11_000 })
  }
  expect(limit()).toBe(19)
})

test('one account or receiver says nothing of another, and the forgotten start anew', () => {
  const { limits, answer } = openReceiver()
  answer(20, { status: 200 })
  expect([roomOf(limits, 'b'), roomOf(limits, 'a', 'other.example')]).toEqual([4, 4])
  const shrunk = delivery('b')
  limits.learn(shrunk, { status: 500, tookMs: 1, nowMs: 5 })
  expect(roomOf(limits, 'b')).toBe(2)
  for (let at = 0; at < 10_000; at += 1)
    limits.learn(delivery('c', `r${at}.example`), { status: 200, tookMs: 1, nowMs: 6 })
  expect(roomOf(limits, 'b')).toBe(4)
})
