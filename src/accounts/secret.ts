// The form of an sk- key: enough randomness that nobody guesses it, and a checksum that catches a slip of the hand.
import { hash } from 'node:crypto'
import { crc32 } from 'node:zlib'
import { keyAlphabet, randomText } from '../ids.ts'

/** 26 letters and digits hold 154 bits. */
const randomLength = 26
const checksumLength = 6
/** Of the part of a key that may be shown again. */
export const prefixLength = 7
const form = /^sk-[0-9A-Za-z]{32}$/

export function newSecret(): string {
  const random = randomText(randomLength)
  return `sk-${random}${checksum(random)}`
}

/** Whether this could be one of our keys at all; a mistyped one is told apart without asking the store. */
export function looksLikeSecret(text: string): boolean {
  if (!form.test(text)) return false
  const random = text.slice('sk-'.length, 'sk-'.length + randomLength)
  return checksum(random) === text.slice(-checksumLength)
}

/** What is stored. Fast on purpose: behind 154 random bits a slow hash would only help whoever floods us. */
export function hashOf(secret: string): string {
  return hash('sha256', secret, 'hex')
}

/** The part of a key that may be shown again, for people to tell their keys apart. */
export function prefixOf(secret: string): string {
  return `${secret.slice(0, prefixLength)}…`
}

/** Six digits of base 62 hold the 32 bits of a CRC, which notices every slip in one character. */
function checksum(random: string): string {
  let rest = crc32(random)
  let text = ''
  for (let at = 0; at < checksumLength; at += 1) {
    text = `${keyAlphabet[rest % keyAlphabet.length]}${text}`
    rest = Math.floor(rest / keyAlphabet.length)
  }
  return text
}
