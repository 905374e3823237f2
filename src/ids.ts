// Ids: unguessable, sorted by creation time, revealing nothing about the upstream.
import { randomBytes } from 'node:crypto'

/** Every collation sorts digits before letters, and with a single case ids sort the same everywhere. */
const idAlphabet = '0123456789abcdefghijklmnopqrstuvwxyz'
export const keyAlphabet = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz'

/** Random bytes are drawn for many ids at once: a system call costs more than an id. */
const poolBytes = 4096
let pool = randomBytes(0)
let poolAt = 0

/** `length` letters of the alphabet, each equally likely, from a cryptographic source. */
export function randomText(length: number, alphabet: string = keyAlphabet): string {
  // Bytes at or above this would make the alphabet's first letters more likely than the rest.
  const unbiasedBelow = 256 - (256 % alphabet.length)
  let text = ''
  while (text.length < length) {
    if (poolAt >= pool.length) {
      pool = randomBytes(poolBytes)
      poolAt = 0
    }
    const byte = pool[poolAt] ?? 255
    pool[poolAt] = 0
    poolAt += 1
    if (byte < unbiasedBelow) text += alphabet[byte % alphabet.length]
  }
  return text
}

export type IdKind =
  | 'acc'
  | 'key'
  | 'req'
  | 'task'
  | 'att'
  | 'orph'
  | 'sec'
  | 'msg'
  | 'ins'
  | 'code'
  | 'batch'
  | 'alert'
  | 'am'

/** Nine digits of base 36 hold milliseconds until the year 5188. */
const timeLength = 9
const turnLength = 2
const turnsMax = 36 ** turnLength
/** Which of several installations made it: a request finds the right one by the id alone. */
export const cellDefault = '00'
const cellLength = cellDefault.length
/** 72 bits: ids cannot collide by chance or be guessed. */
const randomLength = 14

/** After the kind prefix, sorts after every id made before this time. */
export const idTime = (ms: number): string => Math.max(0, ms).toString(36).padStart(timeLength, '0')

/**
 * A clock set back by more than this was wrong before: ids follow it instead of staying at the wrong time.
 */
export const stepBackMaxMs = 60 * 60_000

/** Sorts after every id of its kind. */
export const idAfterAll = (kind: IdKind): string =>
  `${kind}_${'z'.repeat(timeLength + turnLength + cellLength + randomLength)}`

let cell = cellDefault
let lastMs = 0
let turn = 0
let lastTime = ''

/** Two digits or small letters, which every later id and name of this process bears. */
export const isCell = (text: string): boolean => /^[0-9a-z]{2}$/.test(text)

export function setCell(letters: string): void {
  cell = letters
}

/** An unguessable name of so many letters, which bears the cell as ids do. */
export const randomName = (length: number): string => `${cell}${randomText(length - cellLength)}`

/**
 * A new id. Within a process every id sorts after the one before it, even if the clock stands still or goes
 * back by up to an hour.
 */
export function newId(kind: IdKind, nowMs: number): string {
  turn += 1
  if (lastMs - nowMs > stepBackMaxMs) lastMs = 0
  if (nowMs > lastMs || turn === turnsMax) {
    lastMs = Math.max(nowMs, lastMs + 1)
    turn = 0
    lastTime = idTime(lastMs)
  }
  return `${kind}_${lastTime}${turn.toString(36).padStart(turnLength, '0')}${cell}${randomText(randomLength, idAlphabet)}`
}
