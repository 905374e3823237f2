// Finds ids in an answer that cannot be parsed, or that has them under undocumented names.
import { parseJson } from './json.ts'
import { plainName } from './wire.ts'

export interface FoundIds {
  /** Without duplicates, in the order of the text. */
  readonly ids: readonly string[]
  /** Possible further ids that were not checked. */
  readonly omitted: number
}

interface Scan {
  /** The body that was posted: an id that occurs in it is an echo and names no work. */
  readonly sent: Sent
  /** How many ids are wanted: with that many under id names, no others are taken. */
  readonly wanted: number
  /** The most ids to take. */
  readonly max: number
}

/** Keevx's id format: i2v-…, i2is-…. */
export const documentedId = /^i2[a-z]{1,4}-[\w-]{1,190}$/i
/** Stricter, for values under a neutral name: a word such as i2v-pro is not an id. */
export const unnamedIdPattern = /^i2[a-z]{1,4}-(?=[\w-]{0,190}\d)[\w-]{4,190}$/i
const idCharactersMax = 200
/** Names of id fields, in any case and with or without underscores. */
const idNames: ReadonlySet<string> = new Set(['id', 'ids', 'taskid', 'taskids', 'task', 'tasks'])
/** Names of fields that are never task ids, whatever their values look like. */
const otherNames =
  /^(?:trace|span|request|req|log|session|correlation|parent|model|mode|user|account|order|ref|worker|node)/
const nameCharactersMax = 20
/** Values read from one id list, and possible ids checked in one answer. */
const valuesOfAListMax = 1_000
const candidatesMax = 1_000

/**
 * One pass over the text without a stack, so depth, member count and truncation do not matter. An id is a
 * whole string inside a list or an object, never part of one: prompts and messages cannot name work.
 */
export function scanForIds(text: string, { sent, wanted, max }: Scan): FoundIds {
  const found = new Found(sent, max)
  scan(text, found, false)
  const unnamed = found.named.size >= wanted ? [] : [...found.unnamed].filter((id) => !found.named.has(id))
  const ids = [...found.named, ...unnamed]
  return { ids: ids.slice(0, max), omitted: found.omitted + Math.max(ids.length - max, 0) }
}

/** The body that was posted, to recognize what an answer echoes. */
export class Sent {
  readonly #text: string

  constructor(body: string) {
    // JSON inside a string may be escaped several times, and a prompt may contain any escapes.
    const plain = body.replaceAll(/(?<!\\)\\+u([0-9a-f]{4})/gi, (_whole, code: string) =>
      String.fromCodePoint(Number.parseInt(code, 16)),
    )
    this.#text = `${body}\n${plain}`.toLowerCase()
  }

  has(id: string): boolean {
    return this.#text.includes(id.toLowerCase())
  }
}

class Found {
  readonly named = new Set<string>()
  readonly unnamed = new Set<string>()
  omitted = 0
  private looked = 0
  private readonly sent: Sent
  private readonly max: number

  constructor(sent: Sent, max: number) {
    this.sent = sent
    this.max = max
  }

  offer(id: string, { isNamed }: { readonly isNamed: boolean }): void {
    const ids = isNamed ? this.named : this.unnamed
    if (ids.has(id)) return
    if (ids.size >= this.max || this.looked >= candidatesMax) {
      this.omitted += 1
      return
    }
    this.looked += 1
    if (!this.sent.has(id)) ids.add(id)
  }
}

/** `isFolded`: the text is JSON from inside a JSON string; deeper nesting is not searched. */
function scan(text: string, found: Found, isFolded: boolean): void {
  let at = afterSpace(text, 0)
  if (!isOpening(text.charCodeAt(at))) return
  let depth = 0
  let name: 'id' | 'other' | null = null
  let values = 0
  while (at < text.length) {
    const sign = text.charCodeAt(at)
    if (sign === signs.quote) {
      const end = endOfString(text, at)
      // An id that is cut off in the middle would be a different id.
      if (end < 0) return
      const next = afterSpace(text, end + 1)
      if (text.charCodeAt(next) === signs.colon) {
        name = end - at > nameCharactersMax ? null : kindOfName(plainName(text.slice(at + 1, end)))
        values = 0
      } else if (depth > 0 && name !== 'other' && isEndOfValue(text, next)) {
        const isNamed = name === 'id' && values < valuesOfAListMax
        look(text, { from: at, to: end }, { found, isFolded, isNamed })
      }
      at = next
      continue
    }
    if (isOpening(sign)) depth += 1
    else if (sign === signs.listEnd || sign === signs.objectEnd) depth -= 1
    else if (sign === signs.comma) values += 1
    // Text after a complete document is read only if it is another document.
    if (depth < 0) return
    at += 1
    if (depth === 0) {
      at = afterSeparators(text, at)
      if (!isOpening(text.charCodeAt(at))) return
    }
  }
}

function kindOfName(name: string): 'id' | 'other' | null {
  if (idNames.has(name)) return 'id'
  return otherNames.test(name) ? 'other' : null
}

interface Look {
  readonly found: Found
  readonly isFolded: boolean
  readonly isNamed: boolean
}

function look(text: string, { from, to }: { from: number; to: number }, { found, isFolded, isNamed }: Look) {
  const first = text.charCodeAt(afterSpace(text, from + 1))
  if (isOpening(first)) {
    if (!isFolded) scan(unescaped(text.slice(from, to + 1)), found, true)
    return
  }
  // Most strings are no ids, and long ones are not even copied.
  if (first !== signs.i && first !== signs.I && first !== signs.backslash) return
  if (to - from > 6 * idCharactersMax) return
  const raw = text.slice(from, to + 1)
  // An upstream may decode a prompt once more than we did, so an escaped id in its echo may be the prompt's.
  if (isFolded && raw.includes('\\')) return
  const value = (raw.includes('\\') ? unescaped(raw) : raw.slice(1, -1)).trim()
  if ((isNamed ? documentedId : unnamedIdPattern).test(value)) found.offer(value, { isNamed })
}

function unescaped(quoted: string): string {
  const value = parseJson(quoted)
  return typeof value === 'string' ? value : ''
}

/** The index of the closing quote; negative if there is none. */
function endOfString(text: string, from: number): number {
  let at = from + 1
  while (at < text.length) {
    const sign = text.charCodeAt(at)
    if (sign === signs.quote) return at
    at += sign === signs.backslash ? 2 : 1
  }
  return -1
}

const isOpening = (sign: number): boolean => sign === signs.list || sign === signs.object

/** Truncation right after a string leaves it whole. */
function isEndOfValue(text: string, at: number): boolean {
  const sign = text.charCodeAt(at)
  return at >= text.length || sign === signs.comma || sign === signs.listEnd || sign === signs.objectEnd
}

function afterSpace(text: string, from: number): number {
  let at = from
  while (at < text.length && isSpace(text.charCodeAt(at))) at += 1
  return at
}

function afterSeparators(text: string, from: number): number {
  let at = from
  while (at < text.length && (isSpace(text.charCodeAt(at)) || text.charCodeAt(at) === signs.comma)) at += 1
  return at
}

/** Includes the byte order mark that some senders put before their text. */
const isSpace = (sign: number): boolean =>
  sign === 32 || (sign >= 9 && sign <= 13) || sign === signs.byteOrderMark

const signs = {
  quote: 34,
  comma: 44,
  colon: 58,
  I: 73,
  list: 91,
  backslash: 92,
  listEnd: 93,
  i: 105,
  object: 123,
  objectEnd: 125,
  byteOrderMark: 0xfeff,
} as const
