// Names for things: unguessable, sortable by nobody, saying nothing of the upstream.
import { randomBytes } from 'node:crypto'

const alphabet = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz'
/** Bytes at or above this would make the first letters of the alphabet likelier than the rest. */
const unbiasedBelow = 256 - (256 % alphabet.length)

/** Random bytes are drawn in one go for many ids: a call to the kernel costs more than the id. */
const poolBytes = 4096
let pool = randomBytes(0)
let poolAt = 0

/** `length` letters and digits from a cryptographic source, 5.95 bits each. */
export function randomText(length: number): string {
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

/** 22 characters hold 131 bits: nobody meets another's id by chance or by trying. */
const idLength = 22

export type IdKind = 'acc' | 'key' | 'req' | 'task' | 'att' | 'orph'

export function newId(kind: IdKind): string {
  return `${kind}_${randomText(idLength)}`
}
