// Texts about a failure: sanitized for the customer, in full but without secrets for the operator.
import { reasons } from '../../reasons.ts'
import { redact } from './redact.ts'

/** A reason is a sentence or two; upstreams have been seen to send stack traces. */
const reasonCharactersMax = 300
const detailCharactersMax = 300
/** The part of a message that is read; more says nothing new. */
const readCharactersMax = 600

interface Telling {
  /** Takes a bounded number of steps from each position: no unbounded repetition that can still fail. */
  readonly pattern: RegExp
  /** Whether a match reveals something; default: always. */
  readonly tells?: (found: string) => boolean
}

/**
 * Everything that would tell a customer which provider makes the images, where, and under which ids. Each
 * match is replaced by a space.
 */
const telling: readonly Telling[] = [
  // URLs of any scheme, also inside escaped JSON.
  { pattern: /[a-z][a-z0-9+.-]{0,30}:\\?\/\\?\/[!-~]*/giu },
  // Task ids: i2v-…, i2is-….
  { pattern: /\b[a-z0-9]{1,6}2[a-z]{1,4}-[\w-]+/giu },
  // UUIDs, hashes, trace ids.
  { pattern: /\b[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\b/giu },
  { pattern: /\b[0-9a-f]{16,}\b/giu },
  // Long words of letters and digits mixed: keys and tokens.
  { pattern: /(?<![\w-])[\w-]{24,}/gu, tells: (word) => /\d/.test(word) && /[a-z]/i.test(word) },
  { pattern: /[\w.@-]{0,64}keevx[\w.@-]*/giu },
  // Keevx's error codes with the word before them, and names of its storage and machines.
  { pattern: /(?:\b(?:error|status|biz)[ _-]?)?\bcode\b[ :=#]{0,8}-?\d{3,}/giu },
  { pattern: /\b53\d{4}\b/gu },
  {
    pattern: /(?<![\w-])[\w-]+/gu,
    tells: (word) =>
      /(?:saas|cdn|bucket|xiling)[_-]./i.test(word) || /[_-](?:saas|cdn|bucket|xiling)$/i.test(word),
  },
  // Addresses, and names with a port.
  { pattern: /\b\d{1,3}(?:\.\d{1,3}){3}(?::\d{1,5})?\b/gu },
  { pattern: /\[[0-9a-f:.]{2,60}\](?::\d{1,5})?/giu, tells: (found) => found.includes(':') },
  { pattern: /(?<![\w.-])[\w.-]+:\d{2,5}\b/gu, tells: (found) => /[a-z]/i.test(found) },
  { pattern: /(?<![\w.-])[\w.-]+/gu, tells: isHostName },
  { pattern: /\blocalhost\b/giu },
]

/** Endings that no sentence has by accident. */
const endings = new Set('ai app cloud cn co com dev internal io lan local net org svc xyz'.split(' '))

/** Three labels and more, or one of the endings. */
function isHostName(found: string): boolean {
  const labels = found
    .toLowerCase()
    .replace(/\.{1,3}$/, '')
    .split('.')
  const last = labels.at(-1) ?? ''
  if (labels.length < 2 || labels.includes('')) return false
  return endings.has(last) || (labels.length > 2 && /^[a-z]{2,63}$/.test(last))
}

/** The upstream's failure message, safe for a customer; a plain sentence if nothing is left of it. */
export function reasonFrom(message: string | undefined, secrets: readonly string[]): string {
  let text = redact(message ?? '', { secrets, instead: ' ', charactersMax: readCharactersMax })
  for (const { pattern, tells = () => true } of telling) {
    text = text.replace(pattern, (found) => (tells(found) ? ' ' : found))
  }
  text = tidy(text)
  return /\p{L}.*\p{L}/u.test(text) ? bounded(text, reasonCharactersMax) : reasons.failed
}

/** One line for the log: what was received, and the upstream's own message if there is one. */
export function detailFrom(seen: string, message: string | undefined, secrets: readonly string[]): string {
  const said = message ? `: ${message}` : ''
  const text = redact(seen + said, { secrets, instead: '[secret]', charactersMax: readCharactersMax })
  // Only the host of a URL is kept: paths and queries contain our callback token and customers' signatures.
  const short = text.replace(
    /(https?:\\?\/\\?\/)(?:[^\s/@]{0,200}@)?([^\s/\\"'<>?#]*)[^\s"'<>]*/giu,
    '$1$2/…',
  )
  return bounded(short.replace(/\s+/gu, ' ').trim(), detailCharactersMax)
}

/** Removes quotes, brackets and punctuation that are left over around a removed word. */
function tidy(text: string): string {
  return text
    .replace(/\s+/gu, ' ')
    .replace(/\( ?\)|\[ ?\]|\{ ?\}|" ?"|' ?'|< ?>/gu, ' ')
    .replace(/ +/gu, ' ')
    .replace(/ ([,.;:!?)])/gu, '$1')
    .replace(/^[ ,;:.)\]}=–-]+|(?<![ ,;:([{=–-])[ ,;:([{=–-]+$/gu, '')
}

/** By code points, so that no character is cut in two. */
function bounded(text: string, charactersMax: number): string {
  const characters = [...text]
  return characters.length <= charactersMax ? text : `${characters.slice(0, charactersMax - 1).join('')}…`
}
