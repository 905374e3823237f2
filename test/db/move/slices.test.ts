// What a move holds in memory is bounded, however many rows there are and however long they become.
import { expect, test } from 'vitest'
import { Slices } from '../../../src/app/move/slices.ts'
import type { TableShape } from '../../../src/db/move/shapes.ts'
import { tableShapes } from '../../../src/db/move/shapes.ts'

const shape = tableShapes().find(({ name }) => name === 'strays') as TableShape

/** Rows of that many characters, without end; the limits that were asked for. */
async function limitsOf(lengthOf: (slice: number) => number, slices: number): Promise<number[]> {
  const limits: number[] = []
  const walk = new Slices(shape)
  for (let slice = 0; slice < slices; slice += 1) {
    await walk.next({
      async slice(_, { limit }) {
        limits.push(limit)
        return Array.from({ length: limit }, (__, at) => [`${slice} ${at}`, 'x'.repeat(lengthOf(slice)), '1'])
      },
    })
  }
  return limits
}

test('short rows come by thousands, and never more than two thousand at once', async () => {
  expect(await limitsOf(() => 10, 9)).toEqual([64, 128, 256, 512, 1_024, 2_000, 2_000, 2_000, 2_000])
})

test('long rows come by few, so that a slice stays at 4 Mi characters', async () => {
  const limits = await limitsOf(() => 65_536, 4)
  for (const limit of limits.slice(1)) expect(limit * 65_536).toBeLessThanOrEqual(4 * 1024 * 1024)
  expect(await limitsOf(() => 5_000_000, 3)).toEqual([64, 1, 1])
})

test('where rows become longer the next slice is shorter at once', async () => {
  const limits = await limitsOf((slice) => (slice < 6 ? 10 : 40_000), 8)
  expect(limits[6]).toBe(2_000)
  expect(limits[7]).toBeLessThan(110)
})
