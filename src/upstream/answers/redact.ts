// Removes secrets from an upstream's text, even if percent-encoded or in base64.

export interface Redaction {
  readonly secrets: readonly string[]
  /** Replaces a secret. */
  readonly instead: string
  /** The most characters returned. */
  readonly charactersMax: number
}

/**
 * A percent-encoded secret is three times as long: one that begins within the returned part is read to its
 * end.
 */
const lookAheadCharacters = 2_400

/**
 * An upstream may echo only the token of our callback URL, even in later answers, when the token is not known
 * here.
 */
const callbackToken = /(?<![\w-])[\w-]{43}(?![\w-])/gu
/** The part of the callback URL before the token. */
const attemptId = /\batt_[0-9a-z]{20,40}\b/giu

/** Returns one line without control characters; percent-encoding is decoded once before the search. */
export function redact(text: string, { secrets, instead, charactersMax }: Redaction): string {
  const known = secrets.filter((secret) => secret !== '')
  let clean = plain(decodedPercents(text.slice(0, charactersMax + lookAheadCharacters)))
  clean = clean.replace(encodedRun, (run) => (hidesOne(run, known) ? instead : run))
  for (const secret of known) clean = clean.replaceAll(secret, instead)
  return clean
    .replace(callbackToken, instead)
    .replace(attemptId, instead)
    .slice(0, charactersMax)
    .toWellFormed()
}

function decodedPercents(text: string): string {
  return text.replace(/(?:%[0-9a-f]{2})+/giu, (run) =>
    Buffer.from(run.replaceAll('%', ''), 'hex').toString('utf8'),
  )
}

/** Long enough to contain a useful secret. */
const encodedRun = /(?<![A-Za-z0-9+/_-])[A-Za-z0-9+/_-]{16,}={0,2}/gu
const groupLetters = 4

/** The run may begin before the base64 text, so each of the four group offsets is tried. */
function hidesOne(run: string, secrets: readonly string[]): boolean {
  for (let from = 0; from < groupLetters; from += 1) {
    const decoded = Buffer.from(run.slice(from), 'base64').toString('latin1')
    if (secrets.some((secret) => decoded.includes(secret))) return true
    if (decoded.search(callbackToken) >= 0 || decoded.search(attemptId) >= 0) return true
  }
  return false
}

/** Control characters break lines and terminals; invisible ones hide words, or reorder them. */
function plain(text: string): string {
  return text
    .toWellFormed()
    .replace(/\p{Cf}/gu, '')
    .replace(/[\p{Cc}\p{Zl}\p{Zp}\p{Co}]/gu, ' ')
}
