// The rows of polls: one for each running task, which a trigger deletes when it no longer runs.
import { and, asc, eq, exists, getTableColumns, gt, inArray, lte, sql } from '../../db/drizzle.ts'
import type { SQL } from 'drizzle-orm'
import type { Connection } from '../../db/database.ts'
import { statement } from '../../db/statement.ts'
import type { Tables } from '../../db/tables.ts'
import type { PollRow, TaskRow } from '../store.ts'

/** A running task, with what its polls have found so far. */
export type PolledTask = TaskRow & Omit<PollRow, 'taskId'>

/** Call it once the task has moved to `running`, in the same transaction. */
export const insertPoll = statement<never>('poll_insert', (tx) =>
  tx.insert(tx.tables.polls).values({
    taskId: sql.placeholder('taskId'),
    dueAt: sql.placeholder('dueAt'),
    pollsMade: sql.placeholder('pollsMade'),
    missingInRow: 0,
    lastLooks: 0,
  }),
)

/** The longest overdue first. */
export const pollsDue = statement<PolledTask>('polls_due', (read) => {
  const { polls, tasks } = read.tables
  const { dueAt, pollsMade, missingInRow, lastLooks } = polls
  return read
    .select({ ...getTableColumns(tasks), dueAt, pollsMade, missingInRow, lastLooks })
    .from(polls)
    .innerJoin(tasks, eq(tasks.id, polls.taskId))
    .where(lte(polls.dueAt, sql.placeholder('nowMs')))
    .orderBy(asc(polls.dueAt))
    .limit(sql.placeholder('limit'))
})

/**
 * Claims a poll that is due as it was read, until its lease ends. One statement per task: one for any number of tasks
 * would be built and prepared anew for every claim.
 */
export const claimPoll = statement<Pick<PollRow, 'taskId'>>(
  'poll_claim',
  (tx) => {
    const { polls } = tx.tables
    return tx
      .update(polls)
      .set({ dueAt: sql`${sql.placeholder('leaseEndsAt')}` })
      .where(and(eq(polls.taskId, sql.placeholder('id')), eq(polls.dueAt, sql.placeholder('dueAt'))))
      .returning({ taskId: polls.taskId })
  },
  { row: 'id' },
)

/** Changes a poll for whoever claimed it, or not at all. */
export const underLease = statement(
  'poll_under_lease',
  (tx) => {
    const { polls } = tx.tables
    return tx
      .update(polls)
      .set({
        dueAt: sql`${sql.placeholder('dueAt')}`,
        pollsMade: sql`${sql.placeholder('pollsMade')}`,
        missingInRow: sql`${sql.placeholder('missingInRow')}`,
        lastLooks: sql`${sql.placeholder('lastLooks')}`,
      })
      .where(and(eq(polls.taskId, sql.placeholder('id')), eq(polls.dueAt, sql.placeholder('leaseEndsAt'))))
  },
  { row: 'id' },
)

/** Brings the limit of a task forward for whoever claimed its poll, or not at all. */
export const endSooner = statement('end_sooner', (tx) => {
  const { polls, tasks } = tx.tables
  const claimed = tx
    .select({ id: polls.taskId })
    .from(polls)
    .where(and(eq(polls.taskId, sql.placeholder('id')), eq(polls.dueAt, sql.placeholder('leaseEndsAt'))))
  return tx
    .update(tasks)
    .set({ giveUpAt: sql`${sql.placeholder('giveUpAt')}` })
    .where(and(eq(tasks.id, sql.placeholder('id')), exists(claimed)))
})

export const dueSooner = statement('due_sooner', (tx) => {
  const { polls } = tx.tables
  return tx
    .update(polls)
    .set({ dueAt: sql`${sql.placeholder('dueAt')}` })
    .where(and(eq(polls.taskId, sql.placeholder('taskId')), gt(polls.dueAt, sql.placeholder('dueAt'))))
})

/** By the id of their task, of those that run. */
export async function pollsOf(
  read: Connection,
  taskIds: readonly string[],
): Promise<ReadonlyMap<string, PollRow>> {
  if (taskIds.length === 0) return new Map()
  const { polls } = read.tables
  const rows = await read
    .select()
    .from(polls)
    .where(inArray(polls.taskId, [...taskIds]))
  return new Map(rows.map((row) => [row.taskId, row]))
}

/** Of those, whose task is as the condition says. */
export function isOfTask(
  connection: Connection,
  condition: (tasks: Tables['tasks']) => SQL | undefined,
): SQL {
  const { polls, tasks } = connection.tables
  return exists(
    connection
      .select({ id: tasks.id })
      .from(tasks)
      .where(and(eq(tasks.id, polls.taskId), condition(tasks))),
  )
}
