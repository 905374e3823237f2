// Looks for ids in an answer that the parser does not take, or that names them where nobody documented it.
import { parseJson } from './json.ts'
import { plainName } from './wire.ts'

export interface FoundIds {
  /** Each once, in the order of the text. */
  readonly ids: readonly string[]
  /** Texts that may be further ids and were not looked at. */
  readonly omitted: number
}

interface Scan {
  /** What was posted: whatever stands in it is an echo and names no work. */
  readonly sent: Sent
  /** How many are looked for: with that many under names of ids, no others are taken. */
  readonly wanted: number
  /** No more ids are taken. */
  readonly max: number
}

/** As Keevx writes them: i2v-…, i2is-…. */
export const documentedId = /^i2[a-z]{1,4}-[\w-]{1,190}$/i
/** Under a name that says nothing, an id looks like a documented one: a word such as i2v-pro is none. */
export const unnamedIdPattern = /^i2[a-z]{1,4}-(?=[\w-]{0,190}\d)[\w-]{4,190}$/i
const idCharactersMax = 200
/** Names under which ids stand, in any case and with or without underscores. */
const idNames: ReadonlySet<string> = new Set(['id', 'ids', 'taskid', 'taskids', 'task', 'tasks'])
/** Names under which something else stands, whatever it looks like. */
const otherNames =
  /^(?:trace|span|request|req|log|session|correlation|parent|model|mode|user|account|order|ref|worker|node)/
const nameCharactersMax = 20
/** Values of one list of ids that are looked at, and texts of one answer that may be ids. */
const valuesOfAListMax = 1_000
const candidatesMax = 1_000

/**
 * One pass over the text without a stack, so that neither depth nor members nor a cut matter. An id is a whole
 * string inside of a list or an object, never a part of one: no prompt or message names work.
 */
export function scanForIds(text: string, { sent, wanted, max }: Scan): FoundIds {
  const found = new Found(sent, max)
  scan(text, found, false)
  const unnamed = found.named.size >= wanted ? [] : [...found.unnamed].filter((id) => !found.named.has(id))
  const ids = [...found.named, ...unnamed]
  return { ids: ids.slice(0, max), omitted: found.omitted + Math.max(ids.length - max, 0) }
}

/** The body that was posted, to tell what an answer repeats of it. */
export class Sent {
  readonly #text: string

  constructor(body: string) {
    // JSON within a text may be escaped several times, and a prompt may escape what it likes.
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

/** `isFolded`: the text is JSON that stood in a string of JSON; no deeper one is looked into. */
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
      // Cut off in its midst, an id would be another one.
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
    // What follows a whole document is looked at only where it is another one.
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

/** The string between two quotes: an id, ids with commas between them, or JSON once more. */
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
  // A prompt could hide an id from the comparison with what was sent by escaping a letter of it.
  if (isFolded && raw.includes('\\')) return
  const value = (raw.includes('\\') ? unescaped(raw) : raw.slice(1, -1)).trim()
  if ((isNamed ? documentedId : unnamedIdPattern).test(value)) found.offer(value, { isNamed })
}

function unescaped(quoted: string): string {
  const value = parseJson(quoted)
  return typeof value === 'string' ? value : ''
}

/** The place of its closing quote; negative where it has none. */
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

/** A cut right behind a string leaves it whole. */
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

/** Also the mark that some senders put before their text. */
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
