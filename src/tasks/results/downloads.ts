// The rows of results that are still to be stored: their leases, and when each is tried again.
import { and, eq, inArray, isNotNull, isNull, lte, sql } from '../../db/drizzle.ts'
import type { Context } from '../../context.ts'
import type { Connection, Tx } from '../../db/database.ts'
import { statement } from '../../db/statement.ts'
import type { Tables } from '../../db/tables.ts'
import { createResultQueue } from './queue.ts'
import type { Picked, ResultQueue } from './queue.ts'

export type KeepRow = Tables['keeps']['$inferSelect']

/** Longer than the longest try: after it, the process that tried is gone. */
export const keepLeaseMs = 12 * 60_000
/** The longest pause between two tries. */
export const keepPauseMaxMs = 12 * 60 * 60_000

export async function insertKeep(tx: Tx, keep: Omit<KeepRow, 'holder'>): Promise<void> {
  await keepInsert(tx, { ...keep })
}

const keepInsert = statement('keep_insert', (tx) =>
  tx.insert(tx.tables.keeps).values({
    taskId: sql.placeholder('taskId'),
    dueAt: sql.placeholder('dueAt'),
    triesMade: sql.placeholder('triesMade'),
    waitsUntil: sql.placeholder('waitsUntil'),
    expiresAt: sql.placeholder('expiresAt'),
  }),
)

/** Claims up to `max` results to store now, as the queue picks them; the worker shares one queue. */
export async function claimKeeps(
  ctx: Context,
  max: number,
  queue: ResultQueue = createResultQueue(),
): Promise<KeepRow[]> {
  const nowMs = ctx.clock.now()
  const { taskIds, more } = await pick(ctx, max, queue)
  if (more) ctx.wake('store')
  if (taskIds.length === 0) return []
  const claimed = new Set<string>()
  try {
    const rows = await ctx.db.transaction(
      async (tx) => {
        const { keeps } = tx.tables
        return await tx
          .update(keeps)
          .set({ dueAt: nowMs + keepLeaseMs, holder: ctx.instances.id })
          .where(and(inArray(keeps.taskId, taskIds), lte(keeps.dueAt, nowMs)))
          .returning()
      },
      { mayDelay: true },
    )
    for (const { taskId } of rows) claimed.add(taskId)
    return rows
  } finally {
    for (const taskId of taskIds) if (!claimed.has(taskId)) queue.release(taskId)
  }
}

/** While the store is down, only results that a task waits for are taken; while it is on trial, one. */
async function pick(ctx: Context, max: number, queue: ResultQueue): Promise<Picked> {
  const nowMs = ctx.clock.now()
  const state = ctx.resultStore.state()
  const few = state === 'trial' ? 1 : max
  return await queue.pick(ctx.db.read, { nowMs, max: few, which: state === 'down' ? 'waiting' : 'all' })
}

/** Whether the try that was claimed as this row is still the only one. */
export async function isLeased(tx: Tx, { taskId, dueAt }: KeepRow): Promise<boolean> {
  return (await keepLeased(tx, { taskId, dueAt })).length > 0
}

const keepLeased = statement<{ taskId: string }>('keep_leased', (tx) => {
  const { keeps } = tx.tables
  return tx
    .select({ taskId: keeps.taskId })
    .from(keeps)
    .where(and(eq(keeps.taskId, sql.placeholder('taskId')), eq(keeps.dueAt, sql.placeholder('dueAt'))))
})

export async function updateKeep(
  tx: Tx,
  taskId: string,
  change: Partial<Omit<KeepRow, 'taskId'>>,
): Promise<void> {
  const { keeps } = tx.tables
  await tx.update(keeps).set(change).where(eq(keeps.taskId, taskId))
}

export async function deleteKeep(tx: Tx, taskId: string): Promise<void> {
  const { keeps } = tx.tables
  await tx.delete(keeps).where(eq(keeps.taskId, taskId))
}

/** Results whose task has waited long enough. */
export async function keepsOverdue(
  read: Connection,
  { nowMs, limit, doubtful }: Overdue,
): Promise<Pick<KeepRow, 'taskId'>[]> {
  return await (doubtful === 'too' ? waitedLong : waitedUndoubted)(read, { nowMs, limit })
}

interface Overdue {
  readonly nowMs: number
  readonly limit: number
  /** Whether to include results whose fetched file was no valid result. */
  readonly doubtful: 'too' | 'not'
}

const waitedLong = statement<Pick<KeepRow, 'taskId'>>('keeps_overdue', (read) => {
  const { keeps } = read.tables
  return read
    .select({ taskId: keeps.taskId })
    .from(keeps)
    .where(and(isNotNull(keeps.waitsUntil), lte(keeps.waitsUntil, sql.placeholder('nowMs'))))
    .limit(sql.placeholder('limit'))
})

const waitedUndoubted = statement<Pick<KeepRow, 'taskId'>>('keeps_overdue_undoubted', (read) => {
  const { keeps, tasks } = read.tables
  return read
    .select({ taskId: keeps.taskId })
    .from(keeps)
    .innerJoin(tasks, eq(tasks.id, keeps.taskId))
    .where(
      and(
        isNotNull(keeps.waitsUntil),
        lte(keeps.waitsUntil, sql.placeholder('nowMs')),
        isNull(tasks.errorDetail),
      ),
    )
    .limit(sql.placeholder('limit'))
})

/** Results whose task waits are due now. */
export async function releaseWaiting(tx: Tx, nowMs: number): Promise<void> {
  const { keeps } = tx.tables
  await tx.update(keeps).set({ dueAt: nowMs }).where(isNotNull(keeps.waitsUntil))
}
