// Lengths of time and sizes are read as people write them, and never guessed at.
import { describe, expect, test } from 'vitest'

import { parseDuration, parseSize } from '../../src/config/quantities.ts'

describe('a length of time', () => {
  test.each([
    ['200ms', 200],
    ['10s', 10_000],
    ['30m', 1_800_000],
    ['2h', 7_200_000],
    ['30d', 2_592_000_000],
    ['3650d', 315_360_000_000],
    ['5 s', 5_000],
  ])('%s is %i ms', (text, ms) => {
    expect(parseDuration(text)).toBe(ms)
  })

  test.each([[30], ['30'], [1.5]])('%s without a unit is refused, naming the units', (value) => {
    expect(() => parseDuration(value)).toThrow(`${value} needs a unit, one of ms, s, m, h, d`)
  })

  test.each([['1.5h'], ['-5s'], ['5w'], ['s'], [''], [null], [['5s']], [true], ['5S'], ['1h30m']])(
    '%j is refused',
    (value) => {
      expect(() => parseDuration(value)).toThrow('a length of time such as 30s')
    },
  )

  test('nothing, or more than ten years, is refused', () => {
    expect(() => parseDuration('0s')).toThrow('more than nothing')
    expect(() => parseDuration('3651d')).toThrow('at most 3650d')
  })
})

describe('a size', () => {
  test.each([
    ['512B', 512],
    ['20MB', 20_000_000],
    ['2GB', 2_000_000_000],
    ['64KiB', 65_536],
    ['1GiB', 1_073_741_824],
  ])('%s is %i bytes', (text, bytes) => {
    expect(parseSize(text)).toBe(bytes)
  })

  test.each([[2_000_000], ['2000'], ['2gb'], ['2 gigabytes'], ['1001TB'], ['0GB'], [undefined]])(
    '%j is refused',
    (value) => {
      expect(() => parseSize(value)).toThrow(/^must be/)
    },
  )
})
