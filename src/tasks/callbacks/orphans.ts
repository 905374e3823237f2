// Orphans: upstream work that may be paid for but has no live task; recorded once, counted, never charged to a customer.
import { and, eq, sql } from '../../db/drizzle.ts'
import type { Context, TimedTx } from '../../context.ts'
import type { Connection, Tx } from '../../db/database.ts'
import { statement } from '../../db/statement.ts'
import type { Tables } from '../../db/tables.ts'
import { newId } from '../../ids.ts'
import { orderOfFrame } from '../first-frame/rows.ts'
import { attemptById } from '../attempts.ts'
import { tasksOfRequest } from '../store.ts'
import type { TaskRow } from '../store.ts'

type OrphanRow = Tables['orphans']['$inferSelect']
export type OrphanReason = OrphanRow['reason']

/** `cost`: where it is known to be another than that of the attempt, or of the task. */
type NewOrphan = Omit<OrphanRow, 'id' | 'createdAt' | 'cost'> & { readonly cost?: number }

/** Returns the reason if this is new: a piece of work is recorded only once for a request. */
export async function recordOrphan({ tx, nowMs }: TimedTx, orphan: NewOrphan): Promise<OrphanReason | null> {
  const { orphans } = tx.tables
  const { upstream, upstreamTaskId, requestId } = orphan
  // Recorded for another reason; for the same reason the index decides.
  if (await isOrphan(tx, { upstream, upstreamTaskId, requestId })) return null
  const credits = orphan.credits + (await frameCredits(tx, orphan))
  const cost = orphan.cost ?? (await costOf(tx, orphan))
  const row = { ...orphan, credits, cost, id: newId('orph', nowMs), createdAt: nowMs }
  const recorded = await tx.insert(orphans).values(row).onConflictDoNothing().returning({ id: orphans.id })
  return recorded.length > 0 ? orphan.reason : null
}

/** In millionths, as it was when the work was ordered; null: unknown. All tasks of a request cost the same. */
async function costOf(
  tx: Tx,
  { attemptId, requestId }: Pick<OrphanRow, 'attemptId' | 'requestId'>,
): Promise<number | null> {
  const [ordered] =
    attemptId === null ? await tasksOfRequest(tx, { requestId }) : await attemptById(tx, { id: attemptId })
  return ordered?.cost ?? null
}

/** A first frame was charged with its order, and its own task says nothing of the price. */
async function frameCredits(
  tx: Tx,
  { reason, requestId }: Pick<OrphanRow, 'reason' | 'requestId'>,
): Promise<number> {
  if (reason === 'extra_id' || reason === 'repeated_id') return 0
  const [made] = await orderOfFrame(tx, { requestId })
  return made?.firstFrameCredits ?? 0
}

/** The task failed and was refunded, but the upstream has made its work. */
export async function recordLateSuccess(
  at: TimedTx,
  task: Work,
  attemptId: string | null = null,
): Promise<OrphanReason | null> {
  return await recordOrphan(at, { ...workOf(task), attemptId, reason: 'late_success' })
}

/** The task is refunded while the fate of its work is unknown: it may have been made, and be paid for. */
export async function recordUnanswered(at: TimedTx, task: Work): Promise<OrphanReason | null> {
  return await recordOrphan(at, { ...workOf(task), attemptId: null, reason: 'unanswered' })
}

/** An order is refunded while nobody knows whether it was taken: there may be work of it, with an id that we never heard. */
export async function recordUnknown(
  { tx, nowMs }: TimedTx,
  requestId: string,
  refunded: readonly (TaskRow | null)[],
): Promise<void> {
  const tasks = refunded.filter((task) => task !== null)
  const [first] = tasks
  if (!first) return
  const frame = await frameCredits(tx, { reason: 'unanswered', requestId })
  const credits = tasks.reduce((sum, task) => sum + task.credits, frame)
  const { id: taskId, accountId, upstream } = first
  const id = newId('orph', nowMs)
  const row = { id, requestId, taskId, accountId, upstream, credits, createdAt: nowMs }
  await tx.insert(tx.tables.unknownSubmits).values(row).onConflictDoNothing()
}

type Work = Pick<TaskRow, 'id' | 'upstream' | 'upstreamTaskId' | 'requestId' | 'credits'>

const workOf = ({ id: taskId, upstream, upstreamTaskId, requestId, credits }: Work) => ({
  taskId,
  upstream,
  upstreamTaskId: upstreamTaskId ?? '',
  requestId,
  credits,
})

/** Of this request, or of any request if none is given. */
export async function isOrphan(
  read: Connection,
  of: Pick<OrphanRow, 'upstream' | 'upstreamTaskId'> & Partial<Pick<OrphanRow, 'requestId'>>,
): Promise<boolean> {
  const { requestId, ...work } = of
  const rows =
    requestId === undefined ? await orphanOfAny(read, work) : await orphanOf(read, { ...work, requestId })
  return rows.length > 0
}

const isSameWork = ({ tables: { orphans } }: Connection) =>
  and(
    eq(orphans.upstream, sql.placeholder('upstream')),
    eq(orphans.upstreamTaskId, sql.placeholder('upstreamTaskId')),
  )

const orphanOfAny = statement<{ id: string }>('orphan_of_any', (read) =>
  read.select({ id: read.tables.orphans.id }).from(read.tables.orphans).where(isSameWork(read)).limit(1),
)

const orphanOf = statement<{ id: string }>('orphan_of', (read) => {
  const { orphans } = read.tables
  return read
    .select({ id: orphans.id })
    .from(orphans)
    .where(and(isSameWork(read), eq(orphans.requestId, sql.placeholder('requestId'))))
    .limit(1)
})

/** To be called after the commit. `forgotten`: of an order that this copy of the store does not know. */
export function countOrphans(ctx: Context, reasons: readonly (OrphanReason | 'forgotten' | null)[]): void {
  for (const reason of reasons) if (reason !== null) ctx.metrics.orphans.inc({ reason })
}
