// Orders that wait while their like are answered 429.
import { expect, test } from 'vitest'
import { createLimitHolds } from '../../src/upstream/rate-limits/holds.ts'

const order = (accountId: string, modelId: string, requestId: string) => ({ accountId, modelId, requestId })
const first = order('a', 'v', '1')
const second = order('b', 'v', '2')
const other = order('b', 'i', '3')

test.each([
  ['model', [1_000, 1_000, null]],
  ['account', [1_000, null, null]],
  ['account_model', [1_000, null, null]],
  ['order', [null, null, null]],
] as const)('a hold of the %s holds its like alone', (scope, until) => {
  const holds = createLimitHolds()
  holds.hold(scope, first, { nowMs: 0, untilMs: 1_000 })
  expect([first, second, other].map((each) => holds.heldUntil(each, 500))).toEqual(until)
})

test('when it is over one order tries, and the others wait for what comes of it', () => {
  const holds = createLimitHolds()
  holds.hold('model', first, { nowMs: 0, untilMs: 1_000 })
  expect(holds.heldUntil(second, 1_000)).toBeNull()
  expect(holds.trialAmong(first, [second], 1_000), 'one in each turn').toBe(6_000)
  holds.began(second)
  expect(holds.heldUntil(second, 1_000)).toBeNull()
  expect(holds.heldUntil(first, 1_000)).toBe(6_000)
  holds.ended(second)
  expect(holds.heldUntil(first, 1_000)).toBeNull()
})

test('one that is taken ends it, and brings those back that were parked', () => {
  const holds = createLimitHolds()
  holds.hold('model', first, { nowMs: 0, untilMs: 1_000 })
  holds.park(second)
  holds.park(order('c', 'v', '4'))
  holds.hold('model', first, { nowMs: 1_000, untilMs: 3_000 })
  holds.began(second)
  expect(holds.answered(second)).toEqual(['4'])
  expect(holds.heldUntil(first, 1_500)).toBeNull()
  expect(holds.answered(second)).toEqual([])
})

test('a clock that was set back lengthens no hold', () => {
  const holds = createLimitHolds()
  holds.hold('model', first, { nowMs: 10_000, untilMs: 11_000 })
  expect(holds.heldUntil(second, 5_000)).toBeNull()
})
