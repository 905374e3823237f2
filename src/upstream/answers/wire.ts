// Parses Keevx's real answers without trust: generously if the meaning is unambiguous, otherwise not at all.
import { parseJson } from './json.ts'

/** Documented ids have 36 characters; far above that is no id, and would end up in rows and paths. */
const taskIdCharactersMax = 200
/** Signed storage URLs stay below 2000 characters. */
const urlCharactersMax = 4096
/** The longest documented word has ten. */
const statusCharactersMax = 40

export type Members = Readonly<Record<string, unknown>>

/** A JSON object that may be an answer of Keevx's, which documents `code`, `msg` and `data`. */
export interface Envelope {
  /** Null if missing or not a whole number. */
  readonly code: number | null
  readonly msg: string | undefined
  readonly data: unknown
  /** All members of the object. */
  readonly members: Members
}

export function readEnvelope(body: string): Envelope | null {
  const members = membersOf(parseJson(body))
  if (!members) return null
  const msg = members['msg']
  return {
    code: codeOf(members['code']),
    msg: typeof msg === 'string' ? msg : undefined,
    data: unfolded(members['data']),
    members,
  }
}

export function membersOf(value: unknown): Members | null {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Members) : null
}

function codeOf(value: unknown): number | null {
  const code = typeof value === 'string' && /^\s{0,9}-?\d{1,15}\s{0,9}$/.test(value) ? Number(value) : value
  return typeof code === 'number' && Number.isSafeInteger(code) ? code : null
}

/** Parses an object or list that was serialized into a string. */
export function unfolded(value: unknown): unknown {
  if (typeof value !== 'string' || !/^\s{0,9}[[{]/.test(value)) return value
  return parseJson(value) ?? value
}

/** A list with one entry means that entry. */
export const single = (value: unknown): unknown =>
  Array.isArray(value) && value.length === 1 ? (value[0] as unknown) : value

/** A member by its documented name, or by that name in another case: `task_ids`, `taskIds`, `TASK_IDS`. */
export function member(members: Members, name: string): unknown {
  if (members[name] !== undefined) return members[name]
  const plain = plainNames.get(name) ?? plainName(name)
  for (const key in members) {
    // Most names are told apart by their length.
    if (key.length < plain.length || key.length > 2 * name.length) continue
    if (plainName(key) === plain && members[key] !== undefined) return members[key]
  }
  return undefined
}

/** Names of the documents, converted once. */
const plainNames: ReadonlyMap<string, string> = new Map(
  ['task_id', 'task_ids', 'status', 'image_url', 'video_url', 'thumbnail_url', 'error_message'].map(
    (name) => [name, plainName(name)],
  ),
)

/** In lower case, without separators. */
export function plainName(name: string): string {
  return name.replaceAll(/[_\s-]/g, '').toLowerCase()
}

/** Becomes part of a path: no invisible characters, no lone surrogates, and not `..`. */
const taskIdPattern = /^(?!\.+$)[^\s\p{C}]+$/u

/** An id as text; null if it is not valid. Whole numbers become their digits. */
export function taskIdIn(value: unknown): string | null {
  const one = single(value)
  if (typeof one === 'number') return Number.isSafeInteger(one) && one > 0 ? String(one) : null
  if (typeof one !== 'string' || one.length > 2 * taskIdCharactersMax) return null
  const id = one.trim()
  return id.length <= taskIdCharactersMax && taskIdPattern.test(id) && !isPlaceholder(id) ? id : null
}

/** Values used in place of an id to say that there is none. */
const placeholders: ReadonlySet<string> = new Set([
  'none',
  'null',
  'nil',
  'nan',
  'undefined',
  'false',
  'n/a',
  'na',
])

/** Also zero, negative numbers, and anything without a letter or digit. */
const isPlaceholder = (id: string): boolean =>
  placeholders.has(id.toLowerCase()) ||
  !/[\p{L}\p{N}]/u.test(id) ||
  /^-?0*(?:\.0*)?$/.test(id) ||
  /^-\d+$/.test(id)

/**
 * Empty strings, relative paths and other schemes are not URLs a result can be fetched from. A URL with a
 * user name or password belongs to the upstream: no customer may see it, and the fetch guard would refuse it.
 */
export function urlIn(value: unknown): string | null {
  const one = single(value)
  if (typeof one !== 'string' || one.length > 2 * urlCharactersMax) return null
  const text = one.trim()
  if (text.length > urlCharactersMax || !/^https?:\/\/[^\s\p{Cc}]+$/iu.test(text)) return null
  if (!URL.canParse(text)) return null
  const url = new URL(text)
  // The normalized form contains no characters that reorder or end the text around it.
  return holdsCredentials(url) ? null : url.href
}

const holdsCredentials = ({ username, password }: URL): boolean => username !== '' || password !== ''

const measureIn = (value: unknown): number | null => (typeof value === 'number' && value > 0 ? value : null)

/** One task in the format of both query endpoints; fields that one of them never sends are null. */
export interface WireTask {
  /** Null if missing; undefined if the value is not a valid id. */
  readonly task_id: string | null | undefined
  /** In capitals, like the documents. */
  readonly status: string
  readonly image_url: string | null
  readonly video_url: string | null
  readonly thumbnail_url: string | null
  readonly error_message: string | undefined
  readonly width: number | null
  readonly height: number | null
  readonly duration: number | null
}

export function readTask({ data, members }: Envelope): WireTask | null {
  const task = membersOf(single(data ?? members))
  const status = task ? member(task, 'status') : undefined
  if (!task || typeof status !== 'string' || status.length > statusCharactersMax) return null
  const message = member(task, 'error_message')
  return {
    task_id: idOfTask(member(task, 'task_id')),
    status: status.trim().toUpperCase(),
    image_url: urlIn(member(task, 'image_url')),
    video_url: urlIn(member(task, 'video_url')),
    thumbnail_url: urlIn(member(task, 'thumbnail_url')),
    error_message: typeof message === 'string' ? message : undefined,
    width: measureIn(task['width']),
    height: measureIn(task['height']),
    duration: measureIn(task['duration']),
  }
}

const idOfTask = (value: unknown): string | null | undefined =>
  value === undefined || value === null || value === '' ? null : (taskIdIn(value) ?? undefined)

/** The URL of a stored file, or null if the answer is not the documented success. */
export function readUploadUrl({ code, members }: Envelope): string | null {
  if (!claimsSuccess(code) || (members['success'] ?? true) !== true) return null
  return urlIn(membersOf(members['result'])?.['url'])
}

/** 0 is documented; other APIs use 200 or another 2xx. */
export const claimsSuccess = (code: number | null): boolean =>
  code === 0 || (code !== null && code >= 200 && code < 300)
