// What a client sends is read in small pieces, and everybody else has a turn in between.
import { Readable } from 'node:stream'
import { expect, test } from 'vitest'
import { BrokeOff, inTurns } from '../../../src/http/bodies/turn.ts'

test('each piece is small, and a turn of the event loop lies between two', async () => {
  const source = Readable.from([Buffer.alloc(1_000), Buffer.alloc(250)], { objectMode: false })
  let turns = 0
  let isOver = false
  const count = (): void => {
    turns += 1
    if (!isOver) setImmediate(count)
  }
  setImmediate(count)
  const seen: number[] = []
  let before = 0
  for await (const piece of inTurns(source, 100)) {
    if (seen.length > 0) expect(turns, 'of the others since the last piece').toBeGreaterThan(before)
    before = turns
    seen.push(piece.length)
  }
  isOver = true
  expect(seen.reduce((sum, length) => sum + length)).toBe(1_250)
  expect(Math.max(...seen)).toBe(100)
})

test('leaving it leaves the stream open, and a stream that breaks is told as such', async () => {
  const source = new Readable({ read: () => undefined })
  source.push(Buffer.alloc(10))
  for await (const piece of inTurns(source, 100)) {
    expect(piece).toHaveLength(10)
    break
  }
  expect(source.destroyed).toBe(false)
  source.destroy(new Error('reset'))
  await expect(inTurns(source, 100).next()).rejects.toThrow(BrokeOff)
})
