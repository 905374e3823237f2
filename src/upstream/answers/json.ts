// Parses an upstream's JSON, within limits that keep one answer from blocking the event loop.

/** Keevx's answers are three levels deep. */
const depthMax = 64
/**
 * An answer has a dozen members. Parsing a megabyte of members takes a tenth of a second, of list entries a
 * hundredth.
 */
const membersMax = 10_000
const containersMax = 20_000
/** Numbers of more digits lose some of them when they are parsed. */
const safeDigitsMax = 15
/** More long numbers than any order has outputs. */
const longNumbersMax = 1_000

/**
 * Undefined for invalid JSON or JSON beyond the limits. Whole numbers beyond 2^53 become strings of their
 * digits.
 */
export function parseJson(text: string): unknown {
  const longNumbers = scan(text)
  if (!longNumbers) return undefined
  try {
    return JSON.parse(longNumbers.length === 0 ? text : quoted(text, longNumbers))
  } catch {
    return undefined
  }
}

interface Span {
  readonly from: number
  readonly to: number
}

/**
 * One pass before the parser: JSON.parse takes a hundred times longer for nested brackets than for the same
 * bytes in sequence. Brackets and digits inside strings do not count. Null if a limit is exceeded.
 */
function scan(text: string): Span[] | null {
  const longNumbers: Span[] = []
  let depth = 0
  let containers = 0
  let members = 0
  let at = 0
  while (at < text.length) {
    const sign = text.charCodeAt(at)
    if (sign === signs.quote) {
      at = endOfString(text, at)
      continue
    }
    if (isDigit(sign)) {
      const to = endOfDigits(text, at)
      if (to - at > safeDigitsMax && isWhole(text, at, to) && longNumbers.length < longNumbersMax) {
        longNumbers.push({ from: at, to })
      }
      at = to
      continue
    }
    if (sign === signs.list || sign === signs.object) {
      depth += 1
      containers += 1
    } else if (sign === signs.listEnd || sign === signs.objectEnd) {
      depth -= 1
    } else if (sign === signs.colon) {
      members += 1
    }
    if (depth > depthMax || containers > containersMax || members > membersMax) return null
    at += 1
  }
  return longNumbers
}

/** The index after the closing quote. */
function endOfString(text: string, from: number): number {
  let at = from + 1
  while (at < text.length) {
    const sign = text.charCodeAt(at)
    if (sign === signs.quote) return at + 1
    at += sign === signs.backslash ? 2 : 1
  }
  return at
}

function endOfDigits(text: string, from: number): number {
  let at = from
  while (isDigit(text.charCodeAt(at))) at += 1
  return at
}

const isDigit = (sign: number): boolean => sign >= signs.zero && sign <= signs.nine

/** No sign before it, no fraction and no exponent on either side. */
const isWhole = (text: string, from: number, to: number): boolean =>
  !'.-+eE'.includes(text[from - 1] ?? ' ') && !'.eE'.includes(text[to] ?? ' ')

function quoted(text: string, spans: readonly Span[]): string {
  const parts: string[] = []
  let at = 0
  for (const { from, to } of spans) {
    parts.push(text.slice(at, from), `"${text.slice(from, to)}"`)
    at = to
  }
  return parts.join('') + text.slice(at)
}

const signs = {
  quote: 34,
  backslash: 92,
  list: 91,
  object: 123,
  listEnd: 93,
  objectEnd: 125,
  colon: 58,
  zero: 48,
  nine: 57,
} as const

const shapeDepthMax = 3
const shapeMembersMax = 8
const shapeNameMax = 24
const shapeCharactersMax = 200

/** The names and value types of an object, for the log: never a value itself. */
export function shapeOf(value: unknown): string {
  return describe(value, shapeDepthMax).slice(0, shapeCharactersMax)
}

function describe(value: unknown, depth: number): string {
  if (value === null) return 'null'
  if (Array.isArray(value)) {
    const first = value.length === 0 || depth === 0 ? '' : ` of ${describe(value[0], depth - 1)}`
    return `list of ${value.length}${first}`
  }
  if (typeof value !== 'object') return typeof value === 'string' ? 'text' : typeof value
  if (depth === 0) return 'object'
  const names = Object.keys(value)
  const members = names
    .slice(0, shapeMembersMax)
    .map((name) => `${name.slice(0, shapeNameMax)}: ${describe((value as Members)[name], depth - 1)}`)
  if (names.length > shapeMembersMax) members.push('…')
  return `{ ${members.join(', ')} }`
}

type Members = Readonly<Record<string, unknown>>
