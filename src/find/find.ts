// Finds whatever an operator has at hand: an id or its beginning, a key, a name, a piece of a prompt.
import { setImmediate } from 'node:timers/promises'
import { and, desc, isNull, lt, sql } from '../db/drizzle.ts'
import type { Connection } from '../db/database.ts'
import type { Page } from '../db/page.ts'
import { statement } from '../db/statement.ts'
import type { Tables } from '../db/tables.ts'
import { hashOfCode } from '../credits/codes/form.ts'
import { listAccounts } from '../accounts/accounts.ts'
import type { Account } from '../accounts/accounts.ts'
import { hashOf, looksLikeSecret, looksLikeTestSecret } from '../accounts/secret.ts'
import { idAfterAll } from '../ids.ts'
import {
  accountsBeginning,
  attemptsBeginning,
  deliveriesBeginning,
  keysBeginning,
  keyWithHash,
} from './ids.ts'
import { orphansOfWork, requestsBeginning, tasksBeginning, tasksOfWork } from './ids.ts'
import { codesBeginning, codesOfBatch, codeWithHash } from './ids.ts'
import type { AccountHit, CodeHit, KeyHit, TaskHit } from './ids.ts'

export type FoundType = 'account' | 'key' | 'task' | 'request' | 'attempt' | 'delivery' | 'orphan' | 'code'

export interface Found {
  readonly type: FoundType
  readonly id: string
  /** One line for people; names and prompts in it are other people's text. */
  readonly label: string
}

const foundMax = 20
/** A word of Chinese has two characters. */
export const textLengthMin = 2
/** The newest requests and keys whose texts are looked at, in slices between which other work runs. */
const textsLookedAtMax = 5_000
const rowsOfSlice = 250
/** Of some thousand accounts each. */
const namePagesMax = 4
const promptShownMax = 80

/**
 * What is exactly it comes first, then what begins so, then accounts whose name holds it, then the newest orders whose
 * prompt does. At most `foundMax`; by indexes alone, but for a bounded number of names and prompts.
 */
export async function find(read: Connection, given: string, upstreams: readonly string[]): Promise<Found[]> {
  const text = given.trim()
  if (text.length < textLengthMin) return []
  const found = new Hits()
  for (const hit of await byId(read, text, upstreams)) found.add(hit)
  found.exactFirst(text)
  if (text.startsWith('sk-')) await byShownKey(read, text, found)
  if (!found.isFull()) await byName(read, text, found)
  // An id is in no prompt.
  if (!found.isFull() && !isId.test(text)) await byPrompt(read, text, found)
  return found.list()
}

const isId = /^(?:acc|key|req|task|att|msg|orph|code|batch)_[0-9a-z]*$/

class Hits {
  #hits: Found[] = []

  add(hit: Found): void {
    const isNew = !this.#hits.some(({ type, id }) => type === hit.type && id === hit.id)
    if (isNew && !this.isFull()) this.#hits.push(hit)
  }

  isFull(): boolean {
    return this.#hits.length >= foundMax
  }

  exactFirst(text: string): void {
    const isExact = ({ id }: Found): boolean => id === text
    this.#hits = [...this.#hits.filter(isExact), ...this.#hits.filter((hit) => !isExact(hit))]
  }

  list(): Found[] {
    return this.#hits
  }
}

async function byId(read: Connection, text: string, upstreams: readonly string[]): Promise<Found[]> {
  if (looksLikeSecret(text) || looksLikeTestSecret(text)) {
    return (await keyWithHash(read, { hash: hashOf(text) })).map(keyHit)
  }
  const hash = hashOfCode(text)
  if (hash !== null) return (await codeWithHash(read, { hash })).map(codeHit)
  // The values are compared by their bytes, and no id holds a sign behind this one.
  const range = { from: text, below: `${text}\uFFFF`, max: foundMax }
  const works = upstreams.map((upstream) => ({ ...range, upstream }))
  const lists: Found[][] = [
    (await tasksBeginning(read, range)).map(taskHit),
    (await requestsBeginning(read, range)).map(({ id, modelId, state }) => ({
      type: 'request',
      id,
      label: `${modelId}, ${state}`,
    })),
    (await accountsBeginning(read, range)).map(accountHit),
    (await keysBeginning(read, range)).map(keyHit),
    (await attemptsBeginning(read, range)).map(({ id, requestId, state }) => ({
      type: 'attempt',
      id,
      label: `${state}, of ${requestId}`,
    })),
    (await deliveriesBeginning(read, range)).map(({ id, type, state }) => ({
      type: 'delivery',
      id,
      label: `${type}, ${state}`,
    })),
  ]
  lists.push((await codesBeginning(read, range)).map(codeHit))
  lists.push((await codesOfBatch(read, range)).map(codeHit))
  for (const work of works) {
    lists.push((await tasksOfWork(read, work)).map(taskHit))
    lists.push(
      (await orphansOfWork(read, work)).map(({ id, reason, requestId, upstreamTaskId }) => ({
        type: 'orphan',
        id,
        label: `${reason}, ${upstreamTaskId}, of ${requestId}`,
      })),
    )
  }
  return lists.flat()
}

const taskHit = ({ id, modelId, state, credits, accountName, upstreamTaskId }: TaskHit): Found => ({
  type: 'task',
  id,
  label: [modelId, state, `${credits} credits`, accountName, upstreamTaskId].filter(Boolean).join(', '),
})

const codeHit = ({ id, prefix, credits, batchId, redeemedBy, voidedAt }: CodeHit): Found => {
  const state =
    redeemedBy === null ? (voidedAt === null ? 'not redeemed' : 'void') : `redeemed by ${redeemedBy}`
  return { type: 'code', id, label: `${prefix}, ${credits} credits, ${state}, of ${batchId}` }
}

const accountHit = ({ id, name, status, balance }: AccountHit): Found => ({
  type: 'account',
  id,
  label: `${name}, ${status}, ${balance} credits`,
})

const keyHit = ({ id, name, prefix, accountId }: KeyHit): Found => ({
  type: 'key',
  id,
  label: `${prefix}, ${name}, of ${accountId}`,
})

/** By the first characters of a key, which are all that is kept of it. */
async function byShownKey(read: Connection, text: string, found: Hits): Promise<void> {
  const beginning = text.replace(/(?:…|\.\.\.)$/, '')
  await inSlices(
    async (before) => await keysBefore(read, { before, max: rowsOfSlice }),
    idAfterAll('key'),
    (key) => {
      if (key.prefix.startsWith(beginning)) found.add(keyHit(key))
      return !found.isFull()
    },
  )
}

const keysBefore = statement<KeyHit>('find_keys_before', (read) => {
  const { keys } = read.tables
  const { id, name, prefix, accountId } = keys
  return read
    .select({ id, name, prefix, accountId })
    .from(keys)
    .where(lt(id, sql.placeholder('before')))
    .orderBy(desc(id))
    .limit(sql.placeholder('max'))
})

/** Newest first. The store looks through the names, which takes it a millisecond for thousands. */
async function byName(read: Connection, text: string, found: Hits): Promise<void> {
  let before: string | null = null
  for (let page = 0; page < namePagesMax; page += 1) {
    const { rows, next }: Page<Account> = await listAccounts(read, { query: text, before, limit: foundMax })
    for (const account of rows) found.add(accountHit(account))
    if (next === null || found.isFull()) return
    before = next
  }
}

async function byPrompt(read: Connection, text: string, found: Hits): Promise<void> {
  const wanted = text.toLowerCase()
  await inSlices(
    async (before) => await ordersBefore(read, { before, max: rowsOfSlice }),
    idAfterAll('req'),
    ({ id, order }) => {
      const { prompt } = order
      const at = typeof prompt === 'string' ? prompt.toLowerCase().indexOf(wanted) : -1
      if (at >= 0) found.add({ type: 'request', id, label: around(String(prompt), at) })
      return !found.isFull()
    },
  )
}

/** A piece of the prompt that holds what was found. */
function around(prompt: string, at: number): string {
  const from = Math.max(0, at - promptShownMax / 2)
  const piece = prompt.slice(from, from + promptShownMax).toWellFormed()
  return `${from > 0 ? '…' : ''}${piece}${from + promptShownMax < prompt.length ? '…' : ''}`
}

/** Until `each` answers false, or so many were looked at. */
async function inSlices<Row extends { readonly id: string }>(
  slice: (before: string) => Promise<readonly Row[]>,
  first: string,
  each: (row: Row) => boolean,
): Promise<void> {
  let before = first
  for (let looked = 0; looked < textsLookedAtMax; looked += rowsOfSlice) {
    if (looked > 0) await setImmediate()
    const rows = await slice(before)
    for (const row of rows) if (!each(row)) return
    const last = rows.at(-1)
    if (!last || rows.length < rowsOfSlice) return
    before = last.id
  }
}

/** Without the hidden ones that make a first frame: they have the prompt of their order. */
const ordersBefore = statement<Pick<Tables['requests']['$inferSelect'], 'id' | 'order'>>(
  'find_orders_before',
  (read) => {
    const { requests } = read.tables
    return read
      .select({ id: requests.id, order: requests.order })
      .from(requests)
      .where(and(lt(requests.id, sql.placeholder('before')), isNull(requests.firstFrameOf)))
      .orderBy(desc(requests.id))
      .limit(sql.placeholder('max'))
  },
)
