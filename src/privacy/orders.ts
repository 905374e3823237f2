// Of an erased account: what its orders hold, a few in each step.
import { and, asc, eq, gt, inArray, isNotNull, sql } from '../db/drizzle.ts'
import type { TimedTx } from '../context.ts'
import type { Connection, Tx } from '../db/database.ts'
import { endRetention } from '../media/rows.ts'
import { removeTexts } from '../tasks/texts/remove.ts'
import { withoutTextsOf } from './acts.ts'
import { removed } from './begin.ts'

const tasksOfStep = 10

export interface OrdersOf {
  readonly accountId: string
  /** The last task that was looked at. */
  readonly after: string
}

export interface OrdersErased {
  /** The last task of this step; null: there was none left. */
  readonly last: string | null
  /** Something of them is not over yet: a task, or a file that is to be removed. */
  readonly isLeft: boolean
}

/** Of orders that have ended; the others are left for the last stage, which waits for them. */
export async function eraseOrders(at: TimedTx, { accountId, after }: OrdersOf): Promise<OrdersErased> {
  const { tx } = at
  const { tasks } = tx.tables
  const found = await tx
    .select({ id: tasks.id, requestId: tasks.requestId })
    .from(tasks)
    .where(and(eq(tasks.accountId, accountId), gt(tasks.id, after)))
    .orderBy(asc(tasks.id))
    .limit(tasksOfStep)
  const ids = [...new Set(found.map(({ requestId }) => requestId))]
  const ended = await endedOf(tx, ids)
  const areFilesLeft = await erase(at, ended)
  return { last: found.at(-1)?.id ?? null, isLeft: areFilesLeft || ended.length < ids.length }
}

/** Those of these requests all of which has ended, with their first frames. */
async function endedOf(read: Connection, ids: readonly string[]): Promise<string[]> {
  if (ids.length === 0) return []
  const { requests, tasks } = read.tables
  const isOpen = sql`EXISTS (SELECT 1 FROM ${tasks} t WHERE t.request_id = r.id AND t.finished_at IS NULL)`
  const isFrameOpen = sql`EXISTS (SELECT 1 FROM ${requests} f JOIN ${tasks} t ON t.request_id = f.id
    WHERE f.first_frame_of IS NOT NULL AND f.first_frame_of = r.id AND t.finished_at IS NULL)`
  const rows = await read.rows<{ id: string }>(
    sql`SELECT r.id AS id FROM ${requests} r WHERE r.id IN ${[...ids]}
      AND r.state IN ('accepted', 'failed') AND NOT ${isOpen} AND NOT ${isFrameOpen}`,
  )
  return rows.map(({ id }) => id)
}

/** Returns whether files of them are still there. */
async function erase(at: TimedTx, requestIds: readonly string[]): Promise<boolean> {
  if (requestIds.length === 0) return false
  const { tx, nowMs } = at
  const { idempotency, keeps, media, orphans, parkedOrders, tasks, unknownSubmits } = tx.tables
  const { webhookDeliveries } = tx.tables
  const ofThem = [...requestIds]
  await tx.delete(idempotency).where(inArray(idempotency.requestId, ofThem))
  await tx.delete(parkedOrders).where(inArray(parkedOrders.requestId, ofThem))
  const made = await tx.select({ id: tasks.id }).from(tasks).where(inArray(tasks.requestId, ofThem))
  const taskIds = made.map(({ id }) => id)
  await tx.delete(webhookDeliveries).where(inArray(webhookDeliveries.taskId, taskIds))
  await tx.delete(keeps).where(inArray(keeps.taskId, taskIds))
  await removeTexts(at, ofThem)
  await removeUrls(at, taskIds)
  for (const id of taskIds) await endRetention(tx, id, nowMs)
  const [left] = await tx
    .select({ name: media.name })
    .from(media)
    .where(inArray(media.taskId, taskIds))
    .limit(1)
  const worksOf = await tx.select({ id: orphans.id }).from(orphans).where(inArray(orphans.requestId, ofThem))
  const submits = await tx
    .select({ id: unknownSubmits.id })
    .from(unknownSubmits)
    .where(inArray(unknownSubmits.requestId, ofThem))
  const works = [...worksOf, ...submits].map(({ id }) => id)
  await removeReasons(tx, works)
  await withoutTextsOf(tx, [...taskIds, ...works])
  return left !== undefined
}

/** A success must have a URL, so a word stands there; the view shows none of a removed result. */
async function removeUrls({ tx, nowMs }: TimedTx, taskIds: readonly string[]): Promise<void> {
  const { tasks } = tx.tables
  const gone = (column: typeof tasks.imageUrl) =>
    sql`CASE WHEN ${column} IS NULL THEN NULL ELSE ${removed} END`
  await tx
    .update(tasks)
    .set({
      imageUrl: gone(tasks.imageUrl),
      videoUrl: gone(tasks.videoUrl),
      audioUrl: gone(tasks.audioUrl),
      thumbnailUrl: null,
      resultRemovedAt: sql`coalesce(${tasks.resultRemovedAt}, ${nowMs})`,
    })
    .where(
      and(
        inArray(tasks.id, [...taskIds]),
        sql`coalesce(${tasks.imageUrl}, ${tasks.videoUrl}, ${tasks.audioUrl}, ${tasks.thumbnailUrl}) IS NOT NULL`,
      ),
    )
}

async function removeReasons(tx: Tx, ids: readonly string[]): Promise<void> {
  const { orphanDecisions } = tx.tables
  if (ids.length === 0) return
  await tx
    .update(orphanDecisions)
    .set({ reason: removed })
    .where(and(inArray(orphanDecisions.orphanId, [...ids]), isNotNull(orphanDecisions.reason)))
}
