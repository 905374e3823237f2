// What may be said of a failure: to the customer in clean words, to the operator in full but without secrets.

/** A reason is a sentence or two; upstreams have been seen to send stack traces. */
const reasonCharactersMax = 300
const detailCharactersMax = 300
/** As much of a message as is looked at; patterns over more would cost time and say nothing new. */
const readCharactersMax = 4000

const fallbackReason = 'The generation failed.'

/** An upstream may echo the token of our callback URL without the rest; later answers are read without knowing it. */
const callbackToken = /(?<![\w-])[\w-]{43}(?![\w-])/gu

/** What would tell a customer who makes the images, where, and under which ids. Each leaves a space. */
const telling: readonly RegExp[] = [
  // URLs of any scheme, also as they stand inside escaped JSON.
  /[a-z][a-z0-9+.-]*:\\?\/\\?\/[!-~]*/giu,
  // Task ids: i2v-…, i2is-….
  /\b[a-z0-9]{1,6}2[a-z]{1,4}-[\w-]+/giu,
  // UUIDs, hashes, trace ids.
  /\b[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\b/giu,
  /\b[0-9a-f]{16,}\b/giu,
  // Long words of letters and digits mixed: keys and tokens.
  /\b(?=[\w-]*\d)(?=[\w-]*[a-z])[\w-]{24,}/giu,
  callbackToken,
  /[\w.@-]*keevx[\w.@-]*/giu,
  // Codes of its tables, with the word before them; and names of its storage and machines.
  /(?:\b(?:error|status|biz)[ _-]?)?\bcode\b[ :=#]*-?\d{3,}/giu,
  /\b53\d{4}\b/gu,
  /\b[\w-]*(?:saas|cdn|bucket|xiling)(?:[_-][\w-]+|(?<=[_-](?:saas|cdn|bucket|xiling))\b)/giu,
  // Addresses, and names with a port.
  /\b\d{1,3}(?:\.\d{1,3}){3}(?::\d+)?\b/gu,
  /\[[0-9a-f:.]*:[0-9a-f:.]*\](?::\d+)?/giu,
  /\b(?:[a-z][a-z0-9-]*\.)*[a-z][a-z0-9-]*:\d{2,5}\b/giu,
  // Host names: three labels and more, or an ending that no sentence has by accident.
  /\b(?:[a-z0-9-]+\.){2,}[a-z]{2,}\b/giu,
  /\b[a-z0-9-]+\.(?:ai|app|cloud|cn|co|com|dev|internal|io|lan|local|net|org|svc|xyz)\b/giu,
  /\blocalhost\b/giu,
]

/** Words of an upstream's failure that a customer may read; a plain sentence where nothing is left. */
export function reasonFrom(message: string | undefined, secrets: readonly string[]): string {
  let text = redact(plain(message ?? ''), secrets, ' ').slice(0, readCharactersMax)
  for (const pattern of telling) text = text.replace(pattern, ' ')
  text = tidy(text)
  return /\p{L}.*\p{L}/u.test(text) ? bounded(text, reasonCharactersMax) : fallbackReason
}

/** One line for the log: what was seen, and the upstream's own words where there are any. */
export function detailFrom(seen: string, message: string | undefined, secrets: readonly string[]): string {
  const said = message ? `: ${message}` : ''
  const text = redact(plain(seen + said), secrets, '[secret]').slice(0, readCharactersMax)
  // Of a URL the host is enough: paths and queries hold our callback token, and customers' signatures.
  const short = text.replace(/(https?:\\?\/\\?\/)(?:[^\s/@]*@)?([^\s/\\"'<>?#]*)[^\s"'<>]*/giu, '$1$2/…')
  return bounded(short.replace(callbackToken, '[secret]').replace(/\s+/gu, ' ').trim(), detailCharactersMax)
}

function redact(text: string, secrets: readonly string[], instead: string): string {
  let redacted = text
  for (const secret of secrets) {
    if (secret === '') continue
    redacted = redacted
      .replaceAll(secret, instead)
      .replaceAll(encodeURIComponent(secret.toWellFormed()), instead)
  }
  return redacted
}

/** Control characters break lines and terminals; invisible ones hide words, or reorder them. */
function plain(text: string): string {
  return text
    .toWellFormed()
    .replace(/\p{Cf}/gu, '')
    .replace(/[\p{Cc}\p{Zl}\p{Zp}\p{Co}]/gu, ' ')
}

/** Removes what is left of quotes, brackets and punctuation when the word they stood around has gone. */
function tidy(text: string): string {
  return text
    .replace(/\s+/gu, ' ')
    .replace(/\(\s*\)|\[\s*\]|\{\s*\}|"\s*"|'\s*'|<\s*>/gu, ' ')
    .replace(/\s+([,.;:!?)])/gu, '$1')
    .replace(/\s+/gu, ' ')
    .replace(/^[\s,;:.)\]}=–-]+|[\s,;:([{=–-]+$/gu, '')
}

/** By code points, so that no character is cut in two. */
function bounded(text: string, charactersMax: number): string {
  const characters = [...text]
  return characters.length <= charactersMax ? text : `${characters.slice(0, charactersMax - 1).join('')}…`
}
