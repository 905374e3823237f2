// Selects the ended orders that may be archived now, and reads all rows of each.
import { inArray, sql } from '../../db/drizzle.ts'
import type { SQL } from 'drizzle-orm'
import type { Context } from '../../context.ts'
import type { Connection } from '../../db/database.ts'
import { idTime, stepBackMaxMs } from '../../ids.ts'
import { tokenLifeMs } from '../callbacks/url.ts'

/** Why an order stays although it was created long enough ago. */
export type Stay =
  /** The order, or a task of it, has not ended. */
  | 'open'
  /** It ended too recently. */
  | 'recent'
  /** Its Idempotency-Key is still kept, or its client may still claim it, and is answered with it. */
  | 'key'
  /** Its callback URL is still valid, or a callback has not been resolved. */
  | 'callback'
  /** A file of its result is stored, or is still to be. */
  | 'file'
  /** A webhook of it is still to be delivered. */
  | 'delivery'
  /** Its entries contradict its tasks: it stays as evidence. */
  | 'ledger'

export interface Terms {
  /** Only orders that ended before this. */
  readonly endedBefore: number
  /** Callbacks of attempts that began after this are accepted. */
  readonly tokensAfter: number
}

/** Callbacks are accepted for a week, and for longer while the clock is not trusted. */
export function termsOf({ clock, time }: Pick<Context, 'clock' | 'time'>, olderThanMs: number): Terms {
  const nowMs = clock.now()
  return {
    endedBefore: nowMs - olderThanMs,
    tokensAfter: time.mayEnd(tokenLifeMs) ? nowMs - tokenLifeMs : -1,
  }
}

export interface Candidate {
  readonly id: string
  /** Null: it may be archived. */
  readonly stays: Exclude<Stay, 'ledger'> | null
  /** Counts of its rows: if it changes, the document in the file is out of date. */
  readonly mark: string
}

/** The next `limit` orders after `after`, oldest first, that were created before `endedBefore`. */
export async function candidatesAfter(
  read: Connection,
  terms: Terms,
  { after, limit }: { readonly after: string; readonly limit: number },
): Promise<Candidate[]> {
  // If the clock went back, ids are ahead of their creation time.
  const bound = `req_${idTime(terms.endedBefore + stepBackMaxMs)}`
  return await read.rows<Candidate>(
    candidates(
      read,
      terms,
      sql`r.id > ${after} AND r.id < ${bound} AND r.created_at < ${terms.endedBefore} ORDER BY r.id LIMIT ${limit}`,
    ),
  )
}

/** The same for given orders. */
export async function candidatesOf(
  read: Connection,
  terms: Terms,
  ids: readonly string[],
): Promise<Candidate[]> {
  return await read.rows<Candidate>(candidates(read, terms, sql`r.id IN ${ids}`))
}

function candidates({ tables }: Connection, { endedBefore, tokensAfter }: Terms, which: SQL): SQL {
  const { attempts, earlyCallbacks, idempotency, keeps, media, orphans, parkedOrders, requests, tasks } =
    tables
  const { webhookDeliveries: deliveries } = tables
  const frames = sql`${requests} f`
  const isFrame = sql`f.first_frame_of IS NOT NULL AND f.first_frame_of = r.id`
  const ofTask = (what: SQL) => sql`EXISTS (SELECT 1 FROM ${tasks} t WHERE t.request_id = r.id AND ${what})`
  // Callbacks may also be about the first frame of an order, which is archived with it.
  const ofAttempt = (what: SQL) =>
    sql`(EXISTS (SELECT 1 FROM ${attempts} a WHERE a.request_id = r.id AND ${what})
      OR EXISTS (SELECT 1 FROM ${frames} JOIN ${attempts} a ON a.request_id = f.id WHERE ${isFrame} AND ${what}))`
  return sql`SELECT r.id AS id, CASE
    WHEN r.state NOT IN ('accepted', 'failed') OR r.due_at IS NOT NULL OR ${ofTask(sql`t.finished_at IS NULL`)} THEN 'open'
    WHEN EXISTS (SELECT 1 FROM ${frames} JOIN ${tasks} t ON t.request_id = f.id WHERE ${isFrame}
      AND (t.finished_at IS NULL OR f.due_at IS NOT NULL)) THEN 'open'
    WHEN ${ofTask(sql`t.finished_at >= ${endedBefore}`)} THEN 'recent'
    WHEN EXISTS (SELECT 1 FROM ${idempotency} i WHERE i.request_id = r.id) THEN 'key'
    WHEN EXISTS (SELECT 1 FROM ${parkedOrders} p WHERE p.request_id = r.id) THEN 'key'
    WHEN ${ofAttempt(sql`(a.callback_token_hash IS NOT NULL AND a.started_at > ${tokensAfter}
      OR EXISTS (SELECT 1 FROM ${earlyCallbacks} h WHERE h.attempt_id = a.id))`)} THEN 'callback'
    WHEN ${ofTask(sql`(EXISTS (SELECT 1 FROM ${media} m WHERE m.task_id = t.id)
      OR EXISTS (SELECT 1 FROM ${keeps} k WHERE k.task_id = t.id))`)} THEN 'file'
    WHEN ${ofTask(sql`EXISTS (SELECT 1 FROM ${deliveries} d WHERE d.task_id = t.id AND d.due_at IS NOT NULL)`)} THEN 'delivery'
    END AS stays,
    (SELECT count(*) FROM ${attempts} a WHERE a.request_id = r.id) || ' '
    || (SELECT count(*) FROM ${orphans} o WHERE o.request_id = r.id
      OR o.request_id IN (SELECT f.id FROM ${frames} WHERE ${isFrame})) || ' '
    || (SELECT count(*) || ' ' || coalesce(sum(d.attempts_made), 0) FROM ${tasks} t
      JOIN ${deliveries} d ON d.task_id = t.id WHERE t.request_id = r.id) AS mark
    FROM ${requests} r WHERE r.first_frame_of IS NULL AND ${which}`
}

type Row = Readonly<Record<string, unknown>>

/** One order: its rows, with the column names of the store. */
export interface OrderDocument {
  readonly format: typeof orderFormat
  readonly request: Row
  readonly tasks: readonly Row[]
  readonly attempts: readonly Row[]
  /** A copy: entries stay in the store. */
  readonly entries: readonly Row[]
  readonly deliveries: readonly Row[]
  readonly orphans: readonly Row[]
  /** The request that made its first frame, with all its rows; left out if it needed none. */
  readonly first_frame?: Omit<OrderDocument, 'format' | 'first_frame'>
}

export const orderFormat = 'tollgate-order-1'

/** Credentials are not written to any file outside the store. */
const leftOut = new Set(['callback_token_hash'])

/** In the order of the ids. */
export async function documentsOf(read: Connection, ids: readonly string[]): Promise<OrderDocument[]> {
  const orders = await documentsAlone(read, ids)
  const framed = await read.rows<{ id: string; first_frame_of: string }>(
    sql`SELECT id, first_frame_of FROM ${read.tables.requests}
      WHERE first_frame_of IS NOT NULL AND first_frame_of IN ${ids}`,
  )
  if (framed.length === 0) return orders
  const frames = await documentsAlone(
    read,
    framed.map(({ id }) => id),
  )
  const frameOf = new Map(
    frames.map(({ format: _format, ...frame }) => [frame.request['first_frame_of'], frame]),
  )
  return orders.map((order) => {
    const frame = frameOf.get(order.request['id'])
    return frame ? { ...order, first_frame: frame } : order
  })
}

async function documentsAlone(read: Connection, ids: readonly string[]): Promise<OrderDocument[]> {
  const { attempts, entries, orphans, requests, tasks, webhookDeliveries: deliveries } = read.tables
  const rows = async (query: SQL) => await read.rows<Row>(query)
  const ofRequest = { column: 'request_id', values: ids }
  const ordered = await rows(sql`SELECT * FROM ${requests} WHERE ${inArray(requests.id, [...ids])}`)
  const made = await rows(sql`SELECT * FROM ${tasks} WHERE request_id IN ${ids} ORDER BY id`)
  const taskIds = made.map(({ id }) => String(id))
  const ofTask = { column: 'task_id', values: taskIds }
  const all = async (table: SQL | object, { column, values }: typeof ofRequest, order: string) =>
    Map.groupBy(
      await rows(
        sql`SELECT * FROM ${table} WHERE ${sql.raw(column)} IN ${values} ORDER BY ${sql.raw(order)}`,
      ),
      (row) => String(row[column]),
    )
  const tried = await all(attempts, ofRequest, 'number')
  const orphaned = await all(orphans, ofRequest, 'id')
  const charged = await all(entries, ofTask, 'id')
  const corrected = await all(entries, { column: 'for_task_id', values: taskIds }, 'id')
  const told = await all(deliveries, ofTask, 'id')
  const requestOf = new Map(ordered.map((row) => [String(row['id']), row]))
  const tasksOf = Map.groupBy(made, (row) => String(row['request_id']))
  return ids.flatMap((id) => {
    const request = requestOf.get(id)
    if (!request) return []
    const ofIt = tasksOf.get(id) ?? []
    const under = (rowsOf: ReadonlyMap<string, Row[]>) =>
      ofIt.flatMap((task) => rowsOf.get(String(task['id'])) ?? []).map(shown)
    return {
      format: orderFormat,
      request: shown(request),
      tasks: ofIt.map(shown),
      attempts: (tried.get(id) ?? []).map(shown),
      entries: [...under(charged), ...under(corrected)],
      deliveries: under(told),
      orphans: (orphaned.get(id) ?? []).map(shown),
    }
  })
}

const shown = (row: Row): Row =>
  Object.fromEntries(Object.entries(row).filter(([column]) => !leftOut.has(column)))
