// Paid work upstream that no live task stands for: written down once, counted, and never charged to a customer.
import { and, eq } from '../db/drizzle.ts'
import type { Context } from '../context.ts'
import type { Connection, Tx } from '../db/database.ts'
import type { Tables } from '../db/tables.ts'
import { newId } from '../ids.ts'
import type { TaskRow } from './store.ts'

type OrphanRow = Tables['orphans']['$inferSelect']
export type OrphanReason = OrphanRow['reason']

/** Returns the reason where this is news: a piece of work is recorded once for a request, however often it is seen. */
export async function recordOrphan(
  tx: Tx,
  orphan: Omit<OrphanRow, 'id' | 'createdAt'>,
  nowMs: number,
): Promise<OrphanReason | null> {
  const { upstream, upstreamTaskId, requestId } = orphan
  if (await isOrphan(tx, { upstream, upstreamTaskId, requestId })) return null
  await tx.insert(tx.tables.orphans).values({ ...orphan, id: newId('orph', nowMs), createdAt: nowMs })
  return orphan.reason
}

/** The task was failed and given back, and the upstream made it all the same. */
export async function recordLateSuccess(
  tx: Tx,
  task: Pick<TaskRow, 'id' | 'upstream' | 'upstreamTaskId' | 'requestId' | 'credits'>,
  nowMs: number,
  attemptId: string | null = null,
): Promise<OrphanReason | null> {
  const { id: taskId, upstream, requestId, credits } = task
  const upstreamTaskId = task.upstreamTaskId ?? ''
  const work = { upstream, upstreamTaskId, requestId, attemptId, taskId, credits }
  return await recordOrphan(tx, { ...work, reason: 'late_success' }, nowMs)
}

/** Of this request, or of any where none is named. */
export async function isOrphan(
  read: Connection,
  of: Pick<OrphanRow, 'upstream' | 'upstreamTaskId'> & Partial<Pick<OrphanRow, 'requestId'>>,
): Promise<boolean> {
  const { orphans } = read.tables
  const rows = await read
    .select({ id: orphans.id })
    .from(orphans)
    .where(
      and(
        eq(orphans.upstream, of.upstream),
        eq(orphans.upstreamTaskId, of.upstreamTaskId),
        of.requestId === undefined ? undefined : eq(orphans.requestId, of.requestId),
      ),
    )
    .limit(1)
  return rows.length > 0
}

/** To be called after the commit. */
export function countOrphans(ctx: Context, reasons: readonly (OrphanReason | null)[]): void {
  for (const reason of reasons) if (reason !== null) ctx.metrics.orphans.inc({ reason })
}
