// Which orders have lost the right to their texts: they ended long enough ago, and nothing needs the texts any more.
import { sql } from '../../db/drizzle.ts'
import type { SQL } from 'drizzle-orm'
import type { Connection } from '../../db/database.ts'

/** Why the texts of an order stay for now. */
type Stay =
  /** They are gone, or it is a first frame, which goes with its order. */
  | 'done'
  /** A task of it is open, or it may be posted again. */
  | 'open'
  /** It ended too recently. */
  | 'recent'
  /** A repeated request is still answered with it. */
  | 'key'
  /** A webhook of it is still to be delivered, and some of them show what was ordered. */
  | 'delivery'

export interface TextCandidate {
  readonly id: string
  readonly createdAt: number
  /** Null: of no task. */
  readonly finishedAt: number | null
  /** Null: its texts may go. */
  readonly stays: Stay | null
}

/** The next `limit` requests behind `after`, oldest first, below `before`. */
export const textsAfter = async (
  read: Connection,
  endedBefore: number,
  { after, before, limit }: { readonly after: string; readonly before: string; readonly limit: number },
): Promise<TextCandidate[]> =>
  await candidates(read, endedBefore, sql`r.id > ${after} AND r.id < ${before} ORDER BY r.id LIMIT ${limit}`)

/** The same of given requests. */
export const textsOf = async (
  read: Connection,
  endedBefore: number,
  ids: readonly string[],
): Promise<TextCandidate[]> =>
  ids.length === 0 ? [] : await candidates(read, endedBefore, sql`r.id IN ${ids}`)

async function candidates(read: Connection, endedBefore: number, which: SQL): Promise<TextCandidate[]> {
  const { idempotency, parkedOrders, requests, tasks, webhookDeliveries: deliveries } = read.tables
  const frames = sql`${requests} f`
  const isFrame = sql`f.first_frame_of IS NOT NULL AND f.first_frame_of = r.id`
  const ofTask = (what: SQL) => sql`EXISTS (SELECT 1 FROM ${tasks} t WHERE t.request_id = r.id AND ${what})`
  const rows = await read.rows<{
    id: string
    created_at: number | string
    finished_at: number | string | null
    stays: Stay | null
  }>(sql`SELECT r.id AS id, r.created_at AS created_at,
    (SELECT max(t.finished_at) FROM ${tasks} t WHERE t.request_id = r.id) AS finished_at, CASE
    WHEN r.text_removed_at IS NOT NULL OR r.first_frame_of IS NOT NULL THEN 'done'
    WHEN r.state NOT IN ('accepted', 'failed') OR r.due_at IS NOT NULL OR ${ofTask(sql`t.finished_at IS NULL`)} THEN 'open'
    WHEN EXISTS (SELECT 1 FROM ${frames} JOIN ${tasks} t ON t.request_id = f.id WHERE ${isFrame}
      AND (t.finished_at IS NULL OR f.due_at IS NOT NULL)) THEN 'open'
    WHEN ${ofTask(sql`t.finished_at >= ${endedBefore}`)} THEN 'recent'
    WHEN EXISTS (SELECT 1 FROM ${idempotency} i WHERE i.request_id = r.id) THEN 'key'
    WHEN EXISTS (SELECT 1 FROM ${parkedOrders} p WHERE p.request_id = r.id) THEN 'key'
    WHEN ${ofTask(sql`EXISTS (SELECT 1 FROM ${deliveries} d WHERE d.task_id = t.id AND d.due_at IS NOT NULL)`)} THEN 'delivery'
    END AS stays
    FROM ${requests} r WHERE ${which}`)
  return rows.map(({ id, created_at: createdAt, finished_at: finishedAt, stays }) => ({
    id,
    createdAt: Number(createdAt),
    finishedAt: finishedAt === null ? null : Number(finishedAt),
    stays,
  }))
}
