// What Keevx really sends, read without trust: generously where it can mean one thing only, and else not at all.
import type { CallbackHint } from '../adapter.ts'
import { parseJson } from './json.ts'

/** Documented ids have 36 characters; far above that is no id, and would end up in rows and paths. */
const taskIdCharactersMax = 200
/** Signed storage URLs stay below 2000 characters. */
const urlCharactersMax = 4096
/** The longest documented word has ten. */
const statusCharactersMax = 40

type Members = Readonly<Record<string, unknown>>

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

function membersOf(value: unknown): Members | null {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Members) : null
}

function codeOf(value: unknown): number | null {
  const code = typeof value === 'string' && /^\s{0,9}-?\d{1,15}\s{0,9}$/.test(value) ? Number(value) : value
  return typeof code === 'number' && Number.isSafeInteger(code) ? code : null
}

/** An object or list that was written into a text once more. */
function unfolded(value: unknown): unknown {
  if (typeof value !== 'string' || !/^\s{0,9}[[{]/.test(value)) return value
  return parseJson(value) ?? value
}

/** A list of one stands for its one. */
const single = (value: unknown): unknown =>
  Array.isArray(value) && value.length === 1 ? (value[0] as unknown) : value

/** A member by its documented name, or by the same name in another case: `task_ids`, `taskIds`. */
function member(members: Members, name: string): unknown {
  if (members[name] !== undefined) return members[name]
  return members[name.replace(/_(\w)/g, (_, letter: string) => letter.toUpperCase())]
}

/** It becomes a part of a path: nothing invisible, no half characters, and not `..`. */
const taskIdPattern = /^(?!\.+$)[^\s\p{C}]+$/u
/** As Keevx writes them: i2v-…, i2is-…. */
const documentedId = /^i2[a-z]{1,4}-[\w-]+$/i

/** An id as text; null for what is none. Whole numbers are ids by their digits. */
function taskIdIn(value: unknown): string | null {
  const one = single(value)
  if (typeof one === 'number') return Number.isSafeInteger(one) && one > 0 ? String(one) : null
  if (typeof one !== 'string' || one.length > 2 * taskIdCharactersMax) return null
  const id = one.trim()
  return id.length <= taskIdCharactersMax && taskIdPattern.test(id) ? id : null
}

export interface TaskIds {
  /** Each once. */
  readonly ids: readonly string[]
  /** Entries that were not looked at, or are more than were asked for. */
  readonly omitted: number
}

/** Entries of a list that are looked at for ids. */
const entriesReadMax = 1_000
/** A text of more than this is no list of ids. */
const listCharactersMax = 16_384

/** At most `max` ids of the answer to a submit; those that are no ids are left out. */
export function readTaskIds({ data, members }: Envelope, max: number): TaskIds {
  const inData = idEntries(data)
  const entries = inData.length > 0 ? inData : idEntries(members)
  const ids = new Set<string>()
  let looked = 0
  for (const entry of entries.slice(0, entriesReadMax)) {
    if (ids.size >= max) break
    looked += 1
    const named = membersOf(entry)
    const id = taskIdIn(named ? (member(named, 'task_id') ?? named['id']) : entry)
    if (id !== null) ids.add(id)
  }
  return { ids: [...ids], omitted: entries.length - looked }
}

/** What stands where ids are named: under `task_ids` or `task_id`, or as a list of tasks. */
function idEntries(value: unknown): readonly unknown[] {
  const members = membersOf(value)
  if (members) return listed(member(members, 'task_ids') ?? member(members, 'task_id'))
  if (!Array.isArray(value)) return []
  const entries = value as unknown[]
  const named = (entry: unknown) => {
    const task = membersOf(entry)
    return task
      ? member(task, 'task_id') !== undefined
      : typeof entry === 'string' && documentedId.test(entry)
  }
  return entries.slice(0, entriesReadMax).every(named) ? entries : []
}

function listed(value: unknown): readonly unknown[] {
  const ids = unfolded(value)
  if (ids === undefined || ids === null) return []
  if (Array.isArray(ids)) return ids as unknown[]
  if (typeof ids === 'string') return listedInText(ids)
  const members = membersOf(ids)
  if (!members) return [ids]
  // A list as some languages write it: { "0": …, "1": … }.
  const places = Object.keys(members)
  return places.every((place) => /^\d{1,6}$/.test(place)) ? Object.values(members) : [members]
}

/** Commas part ids where every part is written as Keevx writes them; else they are no list, and no id has one. */
function listedInText(text: string): readonly unknown[] {
  if (text.length > listCharactersMax) return []
  const parts = text.split(',').map((part) => part.trim())
  return parts.length === 1 || parts.every((part) => documentedId.test(part)) ? parts : []
}

/**
 * Empty strings, relative paths and other schemes are no URL that a result could be fetched from. One with a user
 * name or password is the upstream's own, which no customer may see and the guard would not fetch.
 */
function urlIn(value: unknown): string | null {
  const one = single(value)
  if (typeof one !== 'string' || one.length > 2 * urlCharactersMax) return null
  const text = one.trim()
  if (text.length > urlCharactersMax || !/^https?:\/\/[^\s\p{Cc}]+$/iu.test(text)) return null
  return URL.canParse(text) && !holdsCredentials(new URL(text)) ? text : null
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
  const status = task?.['status']
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
