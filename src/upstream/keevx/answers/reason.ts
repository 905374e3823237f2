// What may be said of a failure: to the customer in clean words, to the operator in full but without secrets.
import { reasons } from '../../../reasons.ts'
import { redact } from './redact.ts'

/** A reason is a sentence or two; upstreams have been seen to send stack traces. */
const reasonCharactersMax = 300
const detailCharactersMax = 300
/** As much of a message as is looked at; more says nothing new. */
const readCharactersMax = 600

interface Telling {
  /** Never more than a bounded number of steps from each place: nothing in it repeats without end before it can fail. */
  readonly pattern: RegExp
  /** Whether what the pattern found tells something; always, where it is left out. */
  readonly tells?: (found: string) => boolean
}

/** What would tell a customer who makes the images, where, and under which ids. Each leaves a space. */
const telling: readonly Telling[] = [
  // URLs of any scheme, also as they stand inside escaped JSON.
  { pattern: /[a-z][a-z0-9+.-]{0,30}:\\?\/\\?\/[!-~]*/giu },
  // Task ids: i2v-…, i2is-….
  { pattern: /\b[a-z0-9]{1,6}2[a-z]{1,4}-[\w-]+/giu },
  // UUIDs, hashes, trace ids.
  { pattern: /\b[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\b/giu },
  { pattern: /\b[0-9a-f]{16,}\b/giu },
  // Long words of letters and digits mixed: keys and tokens.
  { pattern: /(?<![\w-])[\w-]{24,}/gu, tells: (word) => /\d/.test(word) && /[a-z]/i.test(word) },
  { pattern: /[\w.@-]{0,64}keevx[\w.@-]*/giu },
  // Codes of its tables, with the word before them; and names of its storage and machines.
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

/** Words of an upstream's failure that a customer may read; a plain sentence where nothing is left. */
export function reasonFrom(message: string | undefined, secrets: readonly string[]): string {
  let text = redact(message ?? '', { secrets, instead: ' ', charactersMax: readCharactersMax })
  for (const { pattern, tells = () => true } of telling) {
    text = text.replace(pattern, (found) => (tells(found) ? ' ' : found))
  }
  text = tidy(text)
  return /\p{L}.*\p{L}/u.test(text) ? bounded(text, reasonCharactersMax) : reasons.failed
}

/** One line for the log: what was seen, and the upstream's own words where there are any. */
export function detailFrom(seen: string, message: string | undefined, secrets: readonly string[]): string {
  const said = message ? `: ${message}` : ''
  const text = redact(seen + said, { secrets, instead: '[secret]', charactersMax: readCharactersMax })
  // Of a URL the host is enough: paths and queries hold our callback token, and customers' signatures.
  const short = text.replace(
    /(https?:\\?\/\\?\/)(?:[^\s/@]{0,200}@)?([^\s/\\"'<>?#]*)[^\s"'<>]*/giu,
    '$1$2/…',
  )
  return bounded(short.replace(/\s+/gu, ' ').trim(), detailCharactersMax)
}

/** Removes what is left of quotes, brackets and punctuation when the word they stood around has gone. */
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
