// Decodes a data: URI inside a JSON string in one pass, at constant cost per byte.

/** Type and parameters; the declared type is ignored. */
export const headLengthMax = 200
const headForm = /^data:[^,]*(?:;|%3b)\s*base64\s*,/i

/** The head of a base64 data: URI, such as `data:image/png;base64,`; null if the text has none. */
export function inlineUriHead(text: string): string | null {
  return headForm.exec(text.slice(0, headLengthMax))?.[0] ?? null
}

/** The bytes are not a valid JSON string, whatever follows. */
export class NotJson extends Error {}

/** Output buffer; it must have room for as many bytes as the text has. */
export interface Decoded {
  readonly bytes: Uint8Array
  length: number
}

export interface InlineUriReader {
  /**
   * Reads from `at` to the text's closing quote or the end of the slice; returns the position after it.
   * Throws NotJson.
   */
  read(slice: Uint8Array, at: number, to: Decoded): number
  /** `broken`: the text has ended and was not base64. */
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
/** Each character's value in both alphabets, standard and URL-safe; or a negative code for its other role. */
const values = new Int8Array(256).fill(bad)
for (const alphabet of ['+/', '-_']) {
  const all = `ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789${alphabet}`
  for (let value = 0; value < all.length; value += 1) values[all.charCodeAt(value)] = value
}
// Encoders insert line breaks.
for (const sign of '\t\n\r') values[sign.charCodeAt(0)] = passedOver
// Allowed as an indent after a line break; elsewhere it was a + that was decoded once too often.
values[' '.charCodeAt(0)] = blank
values['='.charCodeAt(0)] = padding
values['%'.charCodeAt(0)] = percent

/** The character that an escape (backslash and letter) stands for. */
const meanings = new Int8Array(256).fill(bad)
for (let at = 0; at < 8; at += 1) meanings['"\\/bfnrt'.charCodeAt(at)] = '"\\/\b\f\n\r\t'.charCodeAt(at)

const hexDigits = new Int8Array(256).fill(bad)
for (let digit = 0; digit < 16; digit += 1) {
  hexDigits[digit.toString(16).charCodeAt(0)] = digit
  hexDigits[digit.toString(16).toUpperCase().charCodeAt(0)] = digit
}

/** Looks up a UTF-16 code unit; the tables cover single bytes only. */
const entry = (table: Int8Array, code: number): number =>
  code < table.length ? (table[code] as number) : bad

/** `escape`: 0 outside an escape, `afterBackslash`, or `afterBackslash` plus the number of digits to come. */
interface Progress {
  escape: number
  unit: number
  group: number
  inGroup: number
  /** Base64 characters so far, and that count at the last line break. */
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

/** For a text after its opening quote, whose start `inlineUriHead` has accepted. */
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
      const at = readText(progress, { slice, from }, to)
      if (progress.hasEnded) endGroup(progress, to)
      return at
    },
    state: () => (progress.hasEnded ? (progress.isBad ? 'broken' : 'whole') : 'open'),
  }
}

interface Input {
  readonly slice: Uint8Array
  readonly from: number
}

/** One loop over local variables: closures take fifteen times as long. */
function readText(progress: Progress, { slice, from }: Input, to: Decoded): number {
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

/** Handles a character outside the alphabet; returns the sextet that it completes, or `bad`. */
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

/** Two or three final characters encode one or two bytes; the remaining bits are ignored. */
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
