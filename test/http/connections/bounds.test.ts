// Clients hold fewer descriptors than the process may have, whatever its limit is.
import { expect, test } from 'vitest'
import { connectionBounds } from '../../../src/http/connections/bounds.ts'

const mebibyte = 1024 * 1024
const machineBytes = 16_384 * mebibyte

test.each([
  [64, 32],
  [256, 128],
  [1_024, 512],
  [4_096, 3_072],
  [1_048_576, 24_000],
  [Infinity, 24_000],
])('of %d descriptors clients hold %d', (openFilesMax, descriptorsMax) => {
  expect(connectionBounds(machineBytes, openFilesMax).descriptorsMax).toBe(descriptorsMax)
})

test.each([
  [64, 1],
  [208, 85],
  [256, 341],
  [512, 1_706],
  [1_024, 4_437],
  [8_192, 24_000],
])('of %d MB of memory and any number of descriptors clients hold %d', (limit, descriptorsMax) => {
  expect(connectionBounds(limit * mebibyte, Infinity).descriptorsMax).toBe(descriptorsMax)
})

test('the limit of this process is read', () => {
  const { descriptorsMax } = connectionBounds()
  expect(descriptorsMax).toBeGreaterThan(0)
  expect(descriptorsMax).toBeLessThanOrEqual(24_000)
})
