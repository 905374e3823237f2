// What Keevx really sends, read without trust: generously where it can mean one thing only, and else not at all.
import type { CallbackHint } from '../../adapter.ts'
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
  /** Null where there is none, or one that is no whole number. */
  readonly code: number | null
  readonly msg: string | undefined
  readonly data: unknown
  /** All of it. */
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

/** An object or list that was written into a text once more. */
export function unfolded(value: unknown): unknown {
  if (typeof value !== 'string' || !/^\s{0,9}[[{]/.test(value)) return value
  return parseJson(value) ?? value
}

/** A list of one stands for its one. */
const single = (value: unknown): unknown =>
  Array.isArray(value) && value.length === 1 ? (value[0] as unknown) : value

/** A member by its documented name, or by the same name in another case: `task_ids`, `taskIds`, `TASK_IDS`. */
export function member(members: Members, name: string): unknown {
  if (members[name] !== undefined) return members[name]
  const plain = plainName(name)
  const another = Object.keys(members).find(
    (key) => key.length <= 2 * name.length && plainName(key) === plain && members[key] !== undefined,
  )
  return another === undefined ? undefined : members[another]
}

/** In small letters and without what parts its words. */
export const plainName = (name: string): string => name.replaceAll(/[_\s-]/g, '').toLowerCase()

/** It becomes a part of a path: nothing invisible, no half characters, and not `..`. */
const taskIdPattern = /^(?!\.+$)[^\s\p{C}]+$/u

/** An id as text; null for what is none. Whole numbers are ids by their digits. */
export function taskIdIn(value: unknown): string | null {
  const one = single(value)
  if (typeof one === 'number') return Number.isSafeInteger(one) && one > 0 ? String(one) : null
  if (typeof one !== 'string' || one.length > 2 * taskIdCharactersMax) return null
  const id = one.trim()
  return id.length <= taskIdCharactersMax && taskIdPattern.test(id) && !isPlaceholder(id) ? id : null
}

/** What stands where an id would, and says that there is none. */
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

/** Also zero and whatever has neither letter nor digit. */
const isPlaceholder = (id: string): boolean =>
  placeholders.has(id.toLowerCase()) ||
  !/[\p{L}\p{N}]/u.test(id) ||
  /^-?0*(?:\.0*)?$/.test(id) ||
  /^-\d+$/.test(id)

/**
 * Empty strings, relative paths and other schemes are no URL that a result could be fetched from. One with a user
 * name or password is the upstream's own, which no customer may see and the guard would not fetch.
 */
function urlIn(value: unknown): string | null {
  const one = single(value)
  if (typeof one !== 'string' || one.length > 2 * urlCharactersMax) return null
  const text = one.trim()
  if (text.length > urlCharactersMax || !/^https?:\/\/[^\s\p{Cc}]+$/iu.test(text)) return null
  if (!URL.canParse(text)) return null
  const url = new URL(text)
  // In its normal form nothing stands that reorders or ends the text around it.
  return holdsCredentials(url) ? null : url.href
}

const holdsCredentials = ({ username, password }: URL): boolean => username !== '' || password !== ''

const measureIn = (value: unknown): number | null => (typeof value === 'number' && value > 0 ? value : null)

/** One task, as both query endpoints show it; fields that one of them never sends are null. */
export interface WireTask {
  /** Null where it is left out; undefined where what is there is no id. */
  readonly task_id: string | null | undefined
  /** In capitals, as the documents have it. */
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

/** The URL of a stored file, or null where the answer is not the documented success. */
export function readUploadUrl({ code, members }: Envelope): string | null {
  if (!claimsSuccess(code) || (members['success'] ?? true) !== true) return null
  return urlIn(membersOf(members['result'])?.['url'])
}

/** 0 as documented; 200 is what others mean by it. */
export const claimsSuccess = (code: number | null): boolean =>
  code === 0 || (code !== null && code >= 200 && code < 300)

const operations: readonly string[] = ['image_generate', 'image_to_video']

/** Which task a callback speaks of. Keevx does not sign callbacks, so nothing else in it is read. */
export function readCallback(body: unknown): CallbackHint | null {
  const members = membersOf(body)
  const type = members && member(members, 'task_type')
  const operation = typeof type === 'string' ? type.trim().toLowerCase() : ''
  const data = members && membersOf(single(unfolded(members['data'])))
  const upstreamTaskId = data ? taskIdIn(member(data, 'task_id')) : null
  return operations.includes(operation) && upstreamTaskId !== null ? { operation, upstreamTaskId } : null
}
