// A holder of places never has more than are free, so that there is always room for the next one.
import { expect, test } from 'vitest'
import { createShares } from '../src/shares.ts'

/** How many places the holder gets when it takes all that it may. */
function takeAll(shares: ReturnType<typeof createShares>, holder: string): number {
  let taken = 0
  for (; shares.mayTake(holder); taken += 1) shares.take(holder)
  return taken
}

test('each holder takes what is free, less and less, and a newcomer finds a place', () => {
  const shares = createShares({ max: 32 })
  expect(['a', 'b', 'c', 'd', 'e'].map((holder) => takeAll(shares, holder))).toEqual([16, 8, 4, 2, 1])
  expect(shares.held).toBe(31)
  expect(takeAll(shares, 'a')).toBe(0)
})

test('a holder may have a larger share', () => {
  expect(takeAll(createShares({ max: 32, perFree: 2 }), 'a')).toBe(22)
})

test('a place is given back once', () => {
  const shares = createShares({ max: 4 })
  const leave = shares.take('a')
  shares.take('a')
  expect(shares.mayTake('a')).toBe(false)
  leave()
  leave()
  expect(shares.held).toBe(1)
  expect(shares.mayTake('a')).toBe(true)
})
