// The format of an sk- key: enough randomness that it cannot be guessed, and a checksum that catches typing errors.
import { hash } from 'node:crypto'
import { crc32 } from 'node:zlib'
import { keyAlphabet, randomText } from '../ids.ts'

/** 26 letters and digits hold 154 bits. */
const randomLength = 26
const checksumLength = 6
/** Length of the part of a key that may be shown again, behind what all keys of its kind begin with. */
const shownLength = 4

/** `test`: of play credits and the sandbox. Neither kind has the form of the other. */
export type KeyKind = 'real' | 'test'

const beginnings: Readonly<Record<KeyKind, string>> = { real: 'sk-', test: 'sk-test-' }
const afterBeginning = /^[0-9A-Za-z]{32}$/

export function newSecret(kind: KeyKind = 'real'): string {
  const random = randomText(randomLength)
  return `${beginnings[kind]}${random}${checksum(random)}`
}

/** Whether this has the form of a real key: most mistyped ones are refused without reading the store. */
export const looksLikeSecret = (text: string): boolean => hasForm(text, 'real')

/** The same for a test key. */
export const looksLikeTestSecret = (text: string): boolean => hasForm(text, 'test')

function hasForm(text: string, kind: KeyKind): boolean {
  const rest = text.startsWith(beginnings[kind]) ? text.slice(beginnings[kind].length) : ''
  return afterBeginning.test(rest) && checksum(rest.slice(0, randomLength)) === rest.slice(-checksumLength)
}

/** Whether it means a test key, well-formed or not. No real key begins so: it has no second dash. */
export const beginsAsTest = (text: string): boolean => text.startsWith(beginnings.test)

/** Whether a test key is written anywhere in it. */
export const namesTestKey = (text: string): boolean => text.includes(beginnings.test)

/** The stored form. Fast on purpose: with 154 random bits a slow hash would only help a flood of requests. */
export function hashOf(secret: string): string {
  return hash('sha256', secret, 'hex')
}

/** The part of a key that may be shown again, so that people can tell their keys apart. */
export function prefixOf(secret: string): string {
  return `${secret.slice(0, prefixLengthOf(secret))}…`
}

export function prefixLengthOf(text: string): number {
  return beginnings[beginsAsTest(text) ? 'test' : 'real'].length + shownLength
}

/** Six digits of base 62 hold the 32 bits of a CRC, which detects every error in one character. */
function checksum(random: string): string {
  let rest = crc32(random)
  let text = ''
  for (let at = 0; at < checksumLength; at += 1) {
    text = `${keyAlphabet[rest % keyAlphabet.length]}${text}`
    rest = Math.floor(rest / keyAlphabet.length)
  }
  return text
}
