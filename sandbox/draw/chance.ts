// A random generator seeded with text: the same text always gives the same picture.
import { createHash } from 'node:crypto'

export interface Chance {
  /** From 0 up to 1. */
  share(): number
  between(low: number, high: number): number
  pick<T>(choices: readonly [T, ...T[]]): T
}

export function createChance(words: string): Chance {
  let state = createHash('sha256').update(words).digest().readUInt32LE(0)
  // Mulberry32: tiny, and even enough for pictures.
  function share(): number {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
  return {
    share,
    between: (low, high) => low + share() * (high - low),
    pick: (choices) => choices[Math.floor(share() * choices.length)] ?? choices[0],
  }
}
