// Finds whatever an operator has at hand: an id or its beginning, a key, a name, a piece of a prompt.
import { setImmediate } from 'node:timers/promises'
import { and, desc, isNull, lt, sql } from '../db/drizzle.ts'
import type { Connection } from '../db/database.ts'
import { filteredPage, holds, rowsOfSlice } from '../db/page.ts'
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
import { firstTaskOf, orphansOfWork, requestsBeginning, tasksBeginning, tasksOfWork } from './ids.ts'
import { codesBeginning, codesOfBatch, codeWithHash } from './ids.ts'
import type { AccountHit, CodeHit, KeyHit, TaskHit } from './ids.ts'

export type FoundType = 'account' | 'key' | 'task' | 'request' | 'attempt' | 'delivery' | 'orphan' | 'code'

export interface Found {
  readonly type: FoundType
  readonly id: string
  /** One line for people; names and prompts in it are other people's text. */
  readonly label: string
  /** The task that it is, or belongs to: of an order its first. Null: it belongs to none. */
  readonly taskId: string | null
}

/** Before its task is looked up. */
type Hit = Omit<Found, 'taskId'> & { readonly taskId?: string | null; readonly requestId?: string }

const foundMax = 20
/** A word of Chinese has two characters. */
export const textLengthMin = 2
/** The newest requests and keys whose texts are looked at, in slices between which other work runs. */
const textsLookedAtMax = 5_000
/** Of some thousand accounts each. */
const namePagesMax = 3
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
  // An id or a key is in no name and no prompt.
  else if (!isId.test(text) && !found.isFull()) {
    const [names, prompts] = await Promise.all([byName(read, text), byPrompt(read, text)])
    for (const hit of [...names, ...prompts]) found.add(hit)
  }
  return await Promise.all(found.list().map(async (hit) => await withTask(read, hit)))
}

async function withTask(read: Connection, { requestId, taskId = null, ...hit }: Hit): Promise<Found> {
  if (taskId !== null || requestId === undefined) return { ...hit, taskId }
  const [task] = await firstTaskOf(read, { requestId })
  return { ...hit, taskId: task?.id ?? null }
}

const isId = /^(?:acc|key|req|task|att|msg|orph|code|batch)_[0-9a-z]*$/

class Hits {
  #hits: Hit[] = []

  add(hit: Hit): void {
    const isNew = !this.#hits.some(({ type, id }) => type === hit.type && id === hit.id)
    if (isNew && !this.isFull()) this.#hits.push(hit)
  }

  isFull(): boolean {
    return this.#hits.length >= foundMax
  }

  exactFirst(text: string): void {
    const isExact = ({ id }: Hit): boolean => id === text
    this.#hits = [...this.#hits.filter(isExact), ...this.#hits.filter((hit) => !isExact(hit))]
  }

  list(): Hit[] {
    return this.#hits
  }
}

async function byId(read: Connection, text: string, upstreams: readonly string[]): Promise<Hit[]> {
  if (looksLikeSecret(text) || looksLikeTestSecret(text)) {
    return (await keyWithHash(read, { hash: hashOf(text) })).map(keyHit)
  }
  const hash = hashOfCode(text)
  if (hash !== null) return (await codeWithHash(read, { hash })).map(codeHit)
  // The values are compared by their bytes, and no id holds a sign behind this one.
  const range = { from: text, below: `${text}\uFFFF`, max: foundMax }
  const works = upstreams.map((upstream) => ({ ...range, upstream }))
  const lists: Hit[][] = [
    (await tasksBeginning(read, range)).map(taskHit),
    (await requestsBeginning(read, range)).map(({ id, modelId, state }) => ({
      type: 'request',
      id,
      label: `${modelId}, ${state}`,
      requestId: id,
    })),
    (await accountsBeginning(read, range)).map(accountHit),
    (await keysBeginning(read, range)).map(keyHit),
    (await attemptsBeginning(read, range)).map(({ id, requestId, state }) => ({
      type: 'attempt',
      id,
      label: `${state}, of ${requestId}`,
      requestId,
    })),
    (await deliveriesBeginning(read, range)).map(({ id, type, state, taskId }) => ({
      type: 'delivery',
      id,
      label: `${type}, ${state}`,
      taskId,
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
        requestId,
      })),
    )
  }
  return lists.flat()
}

const taskHit = ({ id, modelId, state, credits, accountName, upstreamTaskId }: TaskHit): Hit => ({
  type: 'task',
  id,
  taskId: id,
  label: [modelId, state, `${credits} credits`, accountName, upstreamTaskId].filter(Boolean).join(', '),
})

const codeHit = ({ id, prefix, credits, batchId, redeemedBy, voidedAt }: CodeHit): Hit => {
  const state =
    redeemedBy === null ? (voidedAt === null ? 'not redeemed' : 'void') : `redeemed by ${redeemedBy}`
  return { type: 'code', id, label: `${prefix}, ${credits} credits, ${state}, of ${batchId}` }
}

const accountHit = ({ id, name, status, balance }: AccountHit): Hit => ({
  type: 'account',
  id,
  label: `${name}, ${status}, ${balance} credits`,
})

const keyHit = ({ id, name, prefix, accountId }: KeyHit): Hit => ({
  type: 'key',
  id,
  label: `${prefix}, ${name}, of ${accountId}`,
})

/** By the first characters of a key, which are all that is kept of it. */
async function byShownKey(read: Connection, text: string, found: Hits): Promise<void> {
  const beginning = text.replace(/(?:…|\.\.\.)$/, '')
  const max = rowsOfSlice(read)
  await inSlices(
    async (before) => await keysBefore(read, { before, max }),
    { first: idAfterAll('key'), max },
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
async function byName(read: Connection, text: string): Promise<Hit[]> {
  const hits: Hit[] = []
  let before: string | null = null
  for (let page = 0; page < namePagesMax; page += 1) {
    const { rows, next }: Page<Account> = await listAccounts(read, { query: text, before, limit: foundMax })
    hits.push(...rows.map(accountHit))
    if (next === null || hits.length >= foundMax) break
    before = next
  }
  return hits
}

/** The store looks for the text in the whole order, as JSON writes it; here it is looked for in the prompt. */
async function byPrompt(read: Connection, text: string): Promise<Hit[]> {
  const { requests } = read.tables
  const wanted = text.toLowerCase()
  // Without the hidden ones that make a first frame: they have the prompt of their order.
  const ofOwners = isNull(requests.firstFrameOf)
  const written = holds(sql`CAST(${requests.order} AS text)`, JSON.stringify(text).slice(1, -1))
  const { rows } = await filteredPage<Pick<Tables['requests']['$inferSelect'], 'id' | 'order'>>(read, {
    table: 'requests',
    of: undefined,
    wanted: hasOtherCases(text) ? ofOwners : and(ofOwners, written),
    before: idAfterAll('req'),
    limit: hasOtherCases(text) ? textsLookedAtMax : promptsMax,
  })
  return rows.flatMap(({ id, order }): Hit[] => {
    const { prompt } = order
    const at = typeof prompt === 'string' ? prompt.toLowerCase().indexOf(wanted) : -1
    return at < 0 ? [] : [{ type: 'request', id, label: around(String(prompt), at), requestId: id }]
  })
}

/** Some of them may hold the text elsewhere than in the prompt. */
const promptsMax = 10 * foundMax

/** Whether it has letters of two cases that a store does not know, as É. */
const hasOtherCases = (text: string): boolean => {
  const others = text.replaceAll(/[a-z]/gi, '')
  return others.toLowerCase() !== others.toUpperCase()
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
  { first, max }: { readonly first: string; readonly max: number },
  each: (row: Row) => boolean,
): Promise<void> {
  let before = first
  for (let looked = 0; looked < textsLookedAtMax; looked += max) {
    if (looked > 0) await setImmediate()
    const rows = await slice(before)
    for (const row of rows) if (!each(row)) return
    const last = rows.at(-1)
    if (!last || rows.length < max) return
    before = last.id
  }
}
