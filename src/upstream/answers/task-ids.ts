// Reads the ids in the answer to a submit: first where they are documented, then where they are unambiguous.
import { documentedId, scanForIds, Sent } from './id-scan.ts'
import { parseJson } from './json.ts'
import { member, membersOf, taskIdIn, unfolded, type Envelope } from './wire.ts'

export interface TaskIds {
  /** Without duplicates. */
  readonly ids: readonly string[]
  /** Entries that were not read, or exceed `max`. */
  readonly omitted: number
}

interface Wanted {
  /** How many outputs were ordered. */
  readonly ordered: number
  /** The most ids to read. */
  readonly max: number
  /** The body that was posted. */
  readonly sent: string
  /**
   * The order was certainly not accepted: only values under an id name count, not others that look like ids.
   */
  readonly isRefused: boolean
}

/** Shorter matches do not prove an echo: numbers and short words appear in every order. */
const echoCharactersMin = 6

/** Entries of a list that are looked at for ids. */
const entriesReadMax = 1_000
/** A longer text is not a list of ids. */
const listCharactersMax = 16_384
/** Names that other APIs put between `data` and the ids, and how deep they nest. */
const wrappers = ['data', 'result', 'results', 'task', 'tasks', 'output', 'response'] as const
const wrappersDeep = 2

/** At most `max` ids; invalid ones are left out. */
export function readTaskIds(
  { envelope, text }: { readonly envelope: Envelope | null; readonly text: string },
  { ordered, max, sent: body, isRefused }: Wanted,
): TaskIds {
  const sent = new Sent(body)
  const isEcho = (id: string): boolean => id.length >= echoCharactersMin && sent.has(id)
  const named = idsInPlaces(placesIn(envelope, text), { max, isEcho })
  if (named.ids.length >= ordered) return named
  const wanted = isRefused ? 0 : ordered - named.ids.length
  const found = scanForIds(text, { sent, wanted, max })
  const ids = [...new Set([...named.ids, ...found.ids])]
  return { ids: ids.slice(0, max), omitted: named.omitted + found.omitted + Math.max(ids.length - max, 0) }
}

/** Places where ids are looked up by name, the documented place first; the others are mostly not needed. */
function* placesIn(envelope: Envelope | null, text: string): Generator {
  if (!envelope) {
    const value = /^\s{0,9}\[/.test(text) ? parseJson(text) : undefined
    if (Array.isArray(value)) yield value
    return
  }
  yield envelope.data
  yield envelope.members
  const places: unknown[] = [envelope.data, envelope.members]
  let level: readonly unknown[] = places
  for (let deep = 0; deep < wrappersDeep; deep += 1) {
    level = level.flatMap((place) => {
      const members = membersOf(place)
      return members ? wrappers.map((name) => unfolded(member(members, name))) : []
    })
    level = level.filter((place) => typeof place === 'object' && place !== null && !places.includes(place))
    places.push(...level)
    yield* level
  }
}

interface Taken {
  readonly max: number
  readonly isEcho: (id: string) => boolean
}

function idsInPlaces(places: Iterable<unknown>, taken: Taken): TaskIds {
  for (const place of places) {
    const found = idsIn(idEntries(place), taken)
    if (found.ids.length > 0) return found
  }
  return { ids: [], omitted: 0 }
}

function idsIn(entries: readonly unknown[], { max, isEcho }: Taken): TaskIds {
  const ids = new Set<string>()
  let looked = 0
  for (const entry of entries.slice(0, entriesReadMax)) {
    if (ids.size >= max) break
    looked += 1
    const named = membersOf(entry)
    const id = taskIdIn(named ? (member(named, 'task_id') ?? named['id']) : entry)
    if (id !== null && !isEcho(id)) ids.add(id)
  }
  return { ids: [...ids], omitted: entries.length - looked }
}

/** The values under `task_ids` or `task_id`, or a list of tasks. */
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

/**
 * Commas separate ids if every part has Keevx's id format; otherwise the text is not a list, and no id has a
 * comma.
 */
function listedInText(text: string): readonly unknown[] {
  if (text.length > listCharactersMax) return []
  const parts = text.split(',').map((part) => part.trim())
  return parts.length === 1 || parts.every((part) => documentedId.test(part)) ? parts : []
}
