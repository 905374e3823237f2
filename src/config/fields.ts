// The value types of a configuration, each with its own error message.
import ipaddr from 'ipaddr.js'
import { z } from 'zod'

import { isBlank, isOneLine } from '../characters.ts'
import { nearest } from './nearest.ts'
import { isQuoted, quotedWords, trimmed } from './environment/plain.ts'
import { parseDuration, parseSize } from './quantities.ts'
import { listOf, showValue, WrongValue } from './wording.ts'

/** A schema out of a reader that throws WrongValue. */
export function reads<T>(read: (value: unknown) => T) {
  return z.unknown().transform((value, context): T => {
    try {
      return read(value)
    } catch (error) {
      if (!(error instanceof WrongValue)) throw error
      context.addIssue({ code: 'custom', message: value === undefined ? 'is missing' : error.message })
      return z.NEVER
    }
  })
}

/** A map with exactly these keys; each unknown one gets its own error, with a did-you-mean. */
export function section<Shape extends z.core.$ZodLooseShape>(shape: Shape) {
  const known = Object.keys(shape)
  return z.strictObject(shape, {
    error(issue) {
      if (issue.code !== 'unrecognized_keys') return undefined
      return issue.keys.map((key) => unknownKey(key, known)).join('\n')
    },
  })
}

function unknownKey(key: string, known: readonly string[]): string {
  const meant = nearest(key, known)
  return meant === null
    ? `unknown key; known here are ${known.join(', ')}`
    : `unknown key; did you mean ${meant}?`
}

export const duration = () => reads(parseDuration)
export const durationFrom = (atLeast: string) =>
  reads((value) => {
    const ms = parseDuration(value)
    if (ms >= parseDuration(atLeast)) return ms
    throw new WrongValue(`must be at least ${atLeast}, not ${showValue(value)}`)
  })
/** A duration of at least `atLeast`, or `word`, which becomes null. */
export const durationOr = (word: 'off' | 'keep', atLeast: string) =>
  reads((value) => {
    if (value === word) return null
    const ms = parseDuration(value)
    if (ms >= parseDuration(atLeast)) return ms
    throw new WrongValue(`must be at least ${atLeast}, or ${word}, not ${showValue(value)}`)
  })
export const size = () => reads(parseSize)

/** Longer names, headers and the like are typos, and would break listings. */
const textLengthMax = 200

export function text() {
  return reads((value) => {
    if (typeof value !== 'string') throw new WrongValue(`must be text, not ${showValue(value)}; quote it`)
    if (isBlank(value)) throw new WrongValue('must not be empty')
    if (value.length > textLengthMax) throw new WrongValue(`must have at most ${textLengthMax} characters`)
    if (!isOneLine(value)) throw new WrongValue('must be one line without control characters')
    return value
  })
}

/** The name of a model or an upstream, as a key of its section. */
export function name() {
  return z
    .string()
    .regex(
      /^[a-z0-9][a-z0-9._-]{0,63}$/,
      'must be 1 to 64 lower-case letters, digits, dots, dashes or underscores, the first a letter or digit',
    )
}

/** Text that is sent in an HTTP header unchanged. */
export function headerText() {
  return text().refine(isHeaderSafe, 'must be plain letters, digits and signs, without spaces')
}

/** Any other character would be refused, or cut, in a header. */
export function isHeaderSafe(value: string): boolean {
  return /^[\x21-\x7e]+$/.test(value)
}

/** A secret out of the file: never shown in a message. */
export function secretText() {
  return reads((value) => {
    const secret = typeof value === 'string' ? trimmed(value) : ''
    if (isQuoted(secret)) throw new WrongValue(quotedWords)
    if (isHeaderSafe(secret)) return secret
    throw new WrongValue('must be text without spaces; quote it')
  })
}

/** One secret, several separated by commas, or a list; returned as comma-separated text. */
export function secretList() {
  return reads((value) => {
    const secrets = [value].flat().map((one) => (typeof one === 'string' ? trimmed(one) : ''))
    if (secrets.some(isQuoted)) throw new WrongValue(quotedWords)
    if (secrets.length > 0 && secrets.every(isHeaderSafe)) return secrets.join(',')
    throw new WrongValue('must be text without spaces, or a list of such texts; quote it')
  })
}

/** The name of an environment variable. */
export function variableName() {
  return text().refine(
    (value) => /^[A-Za-z_][A-Za-z0-9_]{0,127}$/.test(value),
    'must be the name of an environment variable',
  )
}

export function filePath() {
  return text().refine((value) => value !== '' && !value.includes('\0'), 'must be the path of a file')
}

export function oneOf<const T extends string>(values: readonly T[]) {
  return reads((value): T => {
    const found = values.find((known) => known === value)
    if (found !== undefined) return found
    throw new WrongValue(`must be ${listOf(values)}, not ${showValue(value)}`)
  })
}

export function wholeNumber(min: number, max: number) {
  return reads((value) => {
    if (typeof value === 'number' && Number.isSafeInteger(value) && value >= min && value <= max) return value
    throw new WrongValue(`must be a whole number from ${min} to ${max}, not ${showValue(value)}`)
  })
}

/** A whole number, or `auto`. */
export function autoOr(min: number, max: number) {
  return reads((value): number | 'auto' => {
    if (value === 'auto') return value
    if (typeof value === 'number' && Number.isSafeInteger(value) && value >= min && value <= max) return value
    throw new WrongValue(`must be auto or a whole number from ${min} to ${max}, not ${showValue(value)}`)
  })
}

/** Six decimals are exact in the arithmetic of prices, and finer than any price needs. */
const decimalsMax = 6

export function decimal(max: number) {
  return reads((value) => {
    const isDecimal = typeof value === 'number' && Number.isFinite(value) && value >= 0 && value <= max
    if (!isDecimal) throw new WrongValue(`must be a number from 0 to ${max}, not ${showValue(value)}`)
    if (/^\d+(\.\d{1,6})?$/.test(String(value))) return value
    throw new WrongValue(`must have at most ${decimalsMax} decimals, not ${showValue(value)}`)
  })
}

export function flag() {
  return reads((value) => {
    if (typeof value === 'boolean') return value
    throw new WrongValue(`must be true or false, not ${showValue(value)}`)
  })
}

/** A higher limit has no effect. */
const limitMax = 1_000_000_000

/** A whole number, or `off`, which is null. */
export function limit() {
  return reads((value) => {
    if (value === 'off') return null
    if (typeof value === 'number' && Number.isSafeInteger(value) && value >= 1 && value <= limitMax)
      return value
    throw new WrongValue(`must be a whole number of at least 1, or off, not ${showValue(value)}`)
  })
}

export const httpUrl = () => reads(readHttpUrl)

/** An http(s) URL without its trailing slashes. A refused one is not shown: it may contain a password. */
export function readHttpUrl(value: unknown): string {
  const isWritten = typeof value === 'string' && /^https?:\/\/[^\s/\\]/i.test(value) && !/[\s\\]/.test(value)
  const url = isWritten && URL.canParse(value) ? new URL(value) : null
  if (!url) throw new WrongValue('must be a URL that starts with http:// or https://')
  if (url.username !== '' || url.password !== '')
    throw new WrongValue('must not hold a user name or password')
  if (url.href.includes('?')) throw new WrongValue('must not have a query (?…)')
  if (url.href.includes('#')) throw new WrongValue('must not have a fragment (#…)')
  return url.href.replace(/(?<!\/)\/+$/, '')
}

/** Longer ones do not fit into what shows them. */
const linkLengthMax = 500

/** An http(s) URL that people open; it may have a query and a fragment. */
export const link = () => reads(readLink)

export function readLink(value: unknown): string {
  const isWritten = typeof value === 'string' && /^https?:\/\/[^\s/\\"'<>]/i.test(value)
  if (!isWritten || !URL.canParse(value) || /[\s\\"'<>]/.test(value))
    throw new WrongValue('must be a URL that starts with http:// or https://')
  const url = new URL(value)
  if (url.username !== '' || url.password !== '')
    throw new WrongValue('must not hold a user name or password')
  if (url.href.length > linkLengthMax) throw new WrongValue(`must have at most ${linkLengthMax} characters`)
  return url.href
}

export const receiverUrl = () => reads(readReceiverUrl)

/** Of a chat's webhook: with a query, where the chat has one. Never shown: who knows it may write there. */
export function readReceiverUrl(value: unknown): string {
  const isWritten = typeof value === 'string' && /^https?:\/\/[^\s/\\]/i.test(value) && !/[\s\\]/.test(value)
  const url = isWritten && URL.canParse(value) ? new URL(value) : null
  if (!url) throw new WrongValue('must be a URL that starts with http:// or https://')
  if (url.username !== '' || url.password !== '')
    throw new WrongValue('must not hold a user name or password')
  return url.href
}

export const hostName = () => reads(readHostName)

/** A host name or an address, lower case, without scheme, port or path; IPv6 without brackets. */
export function readHostName(value: unknown): string {
  const host = typeof value === 'string' ? value.toLowerCase().replace(/^\[(.*)\]$/, '$1') : ''
  const label = '[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?'
  const isName = host.length <= 253 && new RegExp(`^${label}(\\.${label})*$`).test(host)
  if (isName || ipaddr.IPv6.isValid(host)) return host
  throw new WrongValue(`must be a host name alone, without scheme, port or path, not ${showValue(value)}`)
}

/** An address or an address range such as `10.0.0.0/8`. */
export function addressRange() {
  return reads((value) => {
    if (typeof value === 'string' && isAddressRange(value)) return value
    throw new WrongValue(`must be an IP address or a range such as 10.0.0.0/8, not ${showValue(value)}`)
  })
}

/** An address, or a network in CIDR notation. */
export function isAddressRange(value: string): boolean {
  const address = value.split('/')[0] ?? ''
  // The parser also accepts 127.1 and 0x7f.1, which no proxy uses.
  const isWhole = ipaddr.IPv4.isValidFourPartDecimal(address) || ipaddr.IPv6.isValid(address)
  return isWhole && (ipaddr.isValid(value) || ipaddr.isValidCIDR(value))
}

/**
 * A page's origin in the browser's form: `https://shop.example.com`, with the port unless it is the default.
 */
export function webOrigin() {
  return reads((value) => {
    if (value === '*')
      throw new WrongValue('must name each origin; * would open the API to every page there is')
    const parts = typeof value === 'string' ? /^([a-z][a-z0-9+.-]*):\/\/[^\s/\\?#@]+$/i.exec(value) : null
    const url = parts && URL.canParse(value as string) ? new URL(value as string) : null
    if (!url || url.host === '' || url.host.includes('*')) {
      const form = 'scheme://host or scheme://host:port, without a path or a slash at the end'
      // Not shown: it may contain a password.
      throw new WrongValue(`must be an origin, ${form}`)
    }
    return `${url.protocol}//${url.host}`
  })
}
