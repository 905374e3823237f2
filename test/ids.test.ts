// Names and secrets: every letter as likely as another, and no id before one that was made earlier.
import { expect, test } from 'vitest'
import {
  cellDefault,
  idAfterAll,
  idTime,
  keyAlphabet,
  newId,
  randomName,
  randomText,
  setCell,
} from '../src/ids.ts'

/** Letters drawn for each one of the alphabet: enough that 8 draws of 256 bytes are told from 7. */
const drawsEach = 10_000

/** The sum of squares that a fair source exceeds once in some millions of runs. */
const fairMax = (letters: number): number => letters + 6 * Math.sqrt(2 * letters)

test.each([
  ['of keys', keyAlphabet],
  ['of ids', '0123456789abcdefghijklmnopqrstuvwxyz'],
])('each letter %s is equally likely', (_what, alphabet) => {
  const counts = new Map<string, number>()
  for (const letter of randomText(drawsEach * alphabet.length, alphabet)) {
    counts.set(letter, (counts.get(letter) ?? 0) + 1)
  }
  expect([...counts.keys()].toSorted().join('')).toBe([...alphabet].toSorted().join(''))
  const squares = [...counts.values()].map((count) => (count - drawsEach) ** 2 / drawsEach)
  expect(squares.reduce((sum, square) => sum + square, 0)).toBeLessThan(fairMax(alphabet.length))
})

test('ids sort as they were made, also within a millisecond and when the clock goes back', () => {
  const nowMs = Date.UTC(2031, 0, 1)
  const ids = Array.from({ length: 5_000 }, (_, at) => newId('task', nowMs - (at % 3) * 1_000))
  expect(ids.toSorted()).toEqual(ids)
  expect(new Set(ids).size).toBe(ids.length)
})

test('ids follow a clock that was years ahead and is right again', () => {
  const nowMs = Date.UTC(2032, 0, 1)
  const ahead = newId('task', nowMs + 365 * 24 * 60 * 60_000)
  const right = newId('task', nowMs)
  expect(right < ahead).toBe(true)
  expect(right.slice('task_'.length).startsWith(idTime(nowMs))).toBe(true)
})

test('every id and every name of a file bears the cell that made it, and sorts as it did', () => {
  const nowMs = Date.UTC(2033, 0, 1)
  const before = newId('req', nowMs)
  setCell('k7')
  try {
    const ids = Array.from({ length: 50 }, () => newId('task', nowMs))
    for (const id of ids) expect(id).toMatch(/^task_[0-9a-z]{11}k7[0-9a-z]{14}$/)
    expect([...ids, idAfterAll('task')].toSorted()).toEqual([...ids, idAfterAll('task')])
    expect(randomName(32)).toMatch(/^k7[0-9A-Za-z]{30}$/)
  } finally {
    setCell(cellDefault)
  }
  expect(before.slice('req_'.length + 11)).toMatch(/^00/)
})
