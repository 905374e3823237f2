// Orders that wait while their like are answered 429.
import { expect, test } from 'vitest'
import type { Scope } from '../../src/upstream/rate-limits/blame.ts'
import { LimitHolds } from '../../src/upstream/rate-limits/holds.ts'

const order = (accountId: string, modelId: string, requestId: string) => ({ accountId, modelId, requestId })
const first = order('a', 'v', '1')
const second = order('b', 'v', '2')
const other = order('b', 'i', '3')
const key = 'one'

function held(scope: Scope, nowMs = 0, untilMs = 1_000) {
  const holds = new LimitHolds()
  holds.hold({ key, scope, order: first, nowMs, untilMs, ownUntilMs: untilMs })
  return holds
}

test.each([
  ['model', [1_000, 1_000, null]],
  ['account', [1_000, null, null]],
  ['account_model', [1_000, null, null]],
  ['order', [1_000, null, null]],
] as const)('a hold of the %s holds its like alone, and with its key alone', (scope, until) => {
  const holds = held(scope)
  expect([first, second, other].map((each) => holds.heldUntil(key, each, { nowMs: 500 }))).toEqual(until)
  expect(holds.heldUntil('two', first, { nowMs: 500 })).toBeNull()
  expect(holds.heldWithAll([key, 'two'], first, { nowMs: 500 })).toBeNull()
  holds.hold({ key: 'two', scope, order: first, nowMs: 0, untilMs: 700, ownUntilMs: 700 })
  expect(holds.heldWithAll([key, 'two'], first, { nowMs: 500 })).toBe(700)
})

test('when it is over one order tries, and the others wait for what comes of it', () => {
  const holds = held('model')
  expect(holds.heldUntil(key, second, { nowMs: 1_000 })).toBeNull()
  const posted = [{ key, order: second }]
  expect(holds.heldUntil(key, first, { nowMs: 1_000, posted }), 'one in each turn').toBe(6_000)
  holds.began(key, second)
  expect(holds.heldUntil(key, second, { nowMs: 1_000 })).toBeNull()
  expect(holds.heldUntil(key, first, { nowMs: 1_000 })).toBe(6_000)
  holds.ended(key, second)
  expect(holds.heldUntil(key, first, { nowMs: 1_000 })).toBeNull()
})

test('one that is taken ends it, and brings those back that were parked', () => {
  const holds = held('model')
  holds.park([key], second)
  holds.park([key, 'two'], order('c', 'v', '4'))
  holds.hold({ key, scope: 'model', order: first, nowMs: 1_000, untilMs: 3_000, ownUntilMs: 2_000 })
  holds.began(key, second)
  expect(holds.answered(key, second)).toEqual(['4'])
  expect(holds.heldUntil(key, order('c', 'v', '4'), { nowMs: 1_500 })).toBeNull()
  expect(holds.answered(key, second)).toEqual([])
})

test('who was answered 429 itself waits as documented with that key, whatever its like is answered', () => {
  const holds = held('account')
  const like = order('a', 'v', '4')
  holds.answered(key, like)
  expect(holds.heldUntil(key, like, { nowMs: 500 })).toBeNull()
  expect(holds.heldUntil(key, first, { nowMs: 500 })).toBe(1_000)
  expect(holds.heldUntil('two', first, { nowMs: 500 })).toBeNull()
  holds.shift(-200)
  expect(holds.heldUntil(key, first, { nowMs: 500 })).toBe(800)
  expect(holds.heldUntil(key, first, { nowMs: 800 })).toBeNull()
  expect(holds.heldUntil(key, first, { nowMs: -500 }), 'a clock that was set back').toBeNull()
})

test('a clock that was set back lengthens no hold, and time that was moved keeps what is left', () => {
  expect(held('model', 10_000, 11_000).heldUntil(key, second, { nowMs: 5_000 })).toBeNull()
  const holds = held('model', 10_000, 11_000)
  holds.shift(-5_000)
  expect(holds.heldUntil(key, second, { nowMs: 5_500 })).toBe(6_000)
})
