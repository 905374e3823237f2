// Marks a task as shown as running: stored once, and sent to accounts that chose that event.
import type { Context } from '../../context.ts'
import type { Tx } from '../../db/database.ts'
import { mayBecome } from '../state.ts'
import { moveTasksOfRequest, showRunning, tasksOfRequest } from '../store.ts'
import type { TaskRow } from '../store.ts'
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
