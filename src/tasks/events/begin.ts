// Marks a task as shown as running: stored once, and sent to accounts that chose that event.
import type { Context, TimedTx } from '../../context.ts'
import { and, eq, inArray, sql } from '../../db/drizzle.ts'
import type { Tx } from '../../db/database.ts'
import { conditionalUpdate, statement } from '../../db/statement.ts'
import { openStates } from '../../db/tables.ts'
import { mayBecome } from '../state.ts'
import { moveTasksOfRequest, moveTaskUnread, tasksOfRequest } from '../store.ts'
import type { TaskChange, TaskRow } from '../store.ts'
import { isTold, tell } from './tell.ts'

/**
 * Call it after the task has moved, so that the webhook shows the task like a query would. Null if it already
 * showed as running, or has ended.
 */
export async function begin(tx: Tx, taskId: string, nowMs: number): Promise<TaskRow | null> {
  const [running = null] = await showRunning(tx, { id: taskId })
  if (running) await tell({ tx, nowMs }, running, 'task.running')
  return running
}

/** Shows a task as running to its owner from now on; no row if the task already showed as running, or has ended. */
export const showRunning = statement<TaskRow>(
  'task_show_running',
  (tx) => {
    const { tasks } = tx.tables
    return tx
      .update(tasks)
      .set({ upstreamPending: false })
      .where(
        and(
          eq(tasks.id, sql.placeholder('id')),
          eq(tasks.upstreamPending, true),
          inArray(tasks.state, [...openStates]),
        ),
      )
      .returning()
  },
  { row: 'id' },
)

const updateTask = conditionalUpdate({ table: 'tasks', by: 'id' })

interface Start {
  readonly task: Pick<TaskRow, 'id' | 'upstreamPending'>
  /** The states that it may leave, and what else changes. */
  readonly from: readonly TaskRow['state'][]
  readonly to: TaskChange
}

interface Moved {
  readonly isMoved: boolean
  /** Null if it already showed as running. */
  readonly begun: TaskRow | null
}

/** Moves a task that shows as running from then on: like a move and `begin`, in one statement. */
export async function moveAndBegin(at: TimedTx, { task, from, to }: Start): Promise<Moved> {
  if (!task.upstreamPending) {
    return { isMoved: await moveTaskUnread(at.tx, task.id, { from, to }), begun: null }
  }
  const [running = null] = await updateTask(at.tx, task.id, { from, to: { ...to, upstreamPending: false } })
  if (running) await tell(at, running, 'task.running')
  return { isMoved: running !== null, begun: running }
}

/** It is unknown whether the order was taken, so its tasks may have begun. */
export async function becomeUnknown(tx: Tx, requestId: string, nowMs: number): Promise<(TaskRow | null)[]> {
  await moveTasksOfRequest(tx, requestId, { from: mayBecome.unknown, to: 'unknown' })
  const begun: (TaskRow | null)[] = []
  for (const { id, state } of await tasksOfRequest(tx, { requestId })) {
    if (state === 'unknown') begun.push(await begin(tx, id, nowMs))
  }
  return begun
}

/** Call it after the commit: wakes the clients that wait for the tasks, and the delivery loop. */
export function tellBegun(ctx: Context, begun: readonly (TaskRow | null)[]): void {
  for (const task of begun) if (task) ctx.changes.tell(task.requestId)
  if (begun.some(isTold)) ctx.wake('deliver')
}
