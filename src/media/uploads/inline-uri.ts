// Reads a data: URI where it stands, as a text of JSON, and decodes it on the way, at the same cost for each byte.

/** Type and parameters; what a data: URI calls itself is not believed. */
export const headLengthMax = 200
const headForm = /^data:[^,]*(?:;|%3b)\s*base64\s*,/i

/** `data:image/png;base64,` of a text that begins so; null where it is no data: URI in base64. */
export function inlineUriHead(text: string): string | null {
  return headForm.exec(text.slice(0, headLengthMax))?.[0] ?? null
}

/** The bytes are no text of JSON, whatever follows. */
export class NotJson extends Error {}

/** Where decoded bytes are put; there must be room for as many as there are bytes of text. */
export interface Decoded {
  readonly bytes: Uint8Array
  length: number
}

export interface InlineUriReader {
  /**
   * Reads from `at` to the quote that ends the text, or to the end of the slice; returns the place after it.
   * Throws NotJson.
   */
  read(slice: Uint8Array, at: number, to: Decoded): number
  /** `broken` is what ended and was no base64. */
  state(): 'open' | 'whole' | 'broken'
}

const quote = 34
const comma = 44
const backslash = 92
const letterU = 117
const firstPrintable = 32
const groupLength = 4
const digitsOfUnit = 4
const digitsOfPercent = 2

const bad = -1
const passedOver = -2
const padding = -3
const percent = -4
const blank = -5
/** The value of each character in both alphabets, the usual one and that of URLs; or what else it is good for. */
const values = new Int8Array(256).fill(bad)
for (const alphabet of ['+/', '-_']) {
  const all = `ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789${alphabet}`
  for (let value = 0; value < all.length; value += 1) values[all.charCodeAt(value)] = value
}
// Encoders break their lines.
for (const sign of '\t\n\r') values[sign.charCodeAt(0)] = passedOver
// An indent behind a line break; elsewhere it was a + that was decoded once too often.
values[' '.charCodeAt(0)] = blank
values['='.charCodeAt(0)] = padding
values['%'.charCodeAt(0)] = percent

/** What a letter after a backslash means. */
const meanings = new Int8Array(256).fill(bad)
for (let at = 0; at < 8; at += 1) meanings['"\\/bfnrt'.charCodeAt(at)] = '"\\/\b\f\n\r\t'.charCodeAt(at)

const hexDigits = new Int8Array(256).fill(bad)
for (let digit = 0; digit < 16; digit += 1) {
  hexDigits[digit.toString(16).charCodeAt(0)] = digit
  hexDigits[digit.toString(16).toUpperCase().charCodeAt(0)] = digit
}

/** Of a code unit; the tables end where single bytes do. */
const entry = (table: Int8Array, code: number): number =>
  code < table.length ? (table[code] as number) : bad

/** `escape`: 0 outside of one, `afterBackslash`, or `afterBackslash` and the digits that are still to come. */
interface Progress {
  escape: number
  unit: number
  group: number
  inGroup: number
  /** Letters of the alphabet so far, and how many there were at the last line break. */
  signs: number
  brokeAt: number
  inHead: boolean
  padded: number
  percentDigits: number
  percentUnit: number
  isBad: boolean
  hasEnded: boolean
}

const afterBackslash = 1

/** For a text whose opening quote has been read, and whose beginning `inlineUriHead` has found good. */
export function createInlineUriReader(): InlineUriReader {
  const progress: Progress = {
    escape: 0,
    unit: 0,
    group: 0,
    inGroup: 0,
    signs: 0,
    brokeAt: -1,
    inHead: true,
    padded: 0,
    percentDigits: 0,
    percentUnit: 0,
    isBad: false,
    hasEnded: false,
  }
  return {
    read(slice, from, to) {
      const at = readText(progress, slice, from, to)
      if (progress.hasEnded) endGroup(progress, to)
      return at
    },
    state: () => (progress.hasEnded ? (progress.isBad ? 'broken' : 'whole') : 'open'),
  }
}

/** One loop over local variables: in calls from closure to closure the same takes fifteen times as long. */
function readText(progress: Progress, slice: Uint8Array, from: number, to: Decoded): number {
  let { escape, unit, group, inGroup, signs } = progress
  let at = from
  while (at < slice.length && !progress.hasEnded) {
    let code = slice[at] as number
    at += 1
    if (escape === 0) {
      if (code === backslash) {
        escape = afterBackslash
        continue
      }
      if (code === quote) {
        progress.hasEnded = true
        continue
      }
      if (code < firstPrintable) throw new NotJson()
    } else if (escape === afterBackslash) {
      escape = code === letterU ? afterBackslash + digitsOfUnit : 0
      unit = 0
      if (escape > 0) continue
      code = meanings[code] as number
      if (code < 0) throw new NotJson()
    } else {
      const digit = hexDigits[code] as number
      if (digit < 0) throw new NotJson()
      unit = unit * 16 + digit
      escape -= 1
      if (escape > afterBackslash) continue
      escape = 0
      code = unit
    }
    const value = progress.inHead || progress.percentDigits > 0 ? bad : entry(values, code)
    let sextet = value
    if (value < 0 || progress.padded > 0) {
      progress.signs = signs
      sextet = otherThanSextet(progress, code, value)
      if (sextet < 0) continue
    }
    signs += 1
    group = (group << 6) | sextet
    inGroup += 1
    if (inGroup < groupLength) continue
    to.bytes[to.length] = group >> 16
    to.bytes[to.length + 1] = group >> 8
    to.bytes[to.length + 2] = group
    to.length += 3
    group = 0
    inGroup = 0
  }
  Object.assign(progress, { escape, unit, group, inGroup, signs })
  return at
}

/** What a character is that is none of the alphabet; the sextet that ends with it, or `bad`. */
function otherThanSextet(progress: Progress, code: number, value: number): number {
  if (progress.inHead) {
    progress.inHead = code !== comma
    return bad
  }
  if (progress.percentDigits > 0) return ofPercent(progress, code)
  if (value === percent) progress.percentDigits = digitsOfPercent
  else if (value === padding) progress.padded += 1
  else if (value === passedOver) progress.brokeAt = progress.signs
  else if (value !== blank || progress.brokeAt !== progress.signs) progress.isBad = true
  return bad
}

function ofPercent(progress: Progress, code: number): number {
  const digit = entry(hexDigits, code)
  progress.percentUnit = progress.percentUnit * 16 + digit
  progress.percentDigits = digit < 0 ? 0 : progress.percentDigits - 1
  progress.isBad ||= digit < 0
  if (progress.isBad || progress.percentDigits > 0) return bad
  const value = entry(values, progress.percentUnit)
  progress.percentUnit = 0
  if (value === padding) progress.padded += 1
  else if (value === passedOver) progress.brokeAt = progress.signs
  else if (value === percent || value === blank || value === bad || (value >= 0 && progress.padded > 0))
    progress.isBad = true
  return value >= 0 && progress.padded === 0 ? value : bad
}

/** Two or three characters at the end are one or two bytes, and a few bits of nothing. */
function endGroup(progress: Progress, to: Decoded): void {
  const { group, inGroup, padded } = progress
  const isWhole = padded === 0 ? inGroup !== 1 : inGroup > 1 && inGroup + padded <= groupLength
  progress.isBad ||= progress.inHead || progress.percentDigits > 0 || !isWhole
  const last = group << (6 * (groupLength - inGroup))
  for (let byte = 0; byte < inGroup - 1; byte += 1) {
    to.bytes[to.length] = last >> (16 - 8 * byte)
    to.length += 1
  }
}
