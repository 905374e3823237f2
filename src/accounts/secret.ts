// The format of an sk- key: enough randomness that it cannot be guessed, and a checksum that catches typing errors.
import { hash } from 'node:crypto'
import { crc32 } from 'node:zlib'
import { keyAlphabet, randomText } from '../ids.ts'

/** 26 letters and digits hold 154 bits. */
const randomLength = 26
const checksumLength = 6
/** Length of the part of a key that may be shown again. */
export const prefixLength = 7
const form = /^sk-[0-9A-Za-z]{32}$/

export function newSecret(): string {
  const random = randomText(randomLength)
  return `sk-${random}${checksum(random)}`
}

/** Whether this has the form of a key: most mistyped ones are refused without reading the store. */
export function looksLikeSecret(text: string): boolean {
  if (!form.test(text)) return false
  const random = text.slice('sk-'.length, 'sk-'.length + randomLength)
  return checksum(random) === text.slice(-checksumLength)
}

/** The stored form. Fast on purpose: with 154 random bits a slow hash would only help a flood of requests. */
export function hashOf(secret: string): string {
  return hash('sha256', secret, 'hex')
}

/** The part of a key that may be shown again, so that people can tell their keys apart. */
export function prefixOf(secret: string): string {
  return `${secret.slice(0, prefixLength)}…`
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
