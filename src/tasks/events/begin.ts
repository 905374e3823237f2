// The moment from which a task shows as running: stored once, and sent to those who chose that event.
import type { Context } from '../../context.ts'
import type { Tx } from '../../db/database.ts'
import { mayBecome } from '../state.ts'
import { moveTasksOfRequest, showRunning, tasksOfRequest } from '../store.ts'
import type { TaskRow } from '../store.ts'
import { isTold, tell } from './tell.ts'

/**
 * To be called after the move that goes with it, so that the webhook shows the task as a query would. Null where it
 * showed as running before, or has ended.
 */
export async function begin(tx: Tx, taskId: string, nowMs: number): Promise<TaskRow | null> {
  const [running = null] = await showRunning(tx, { id: taskId })
  if (running) await tell(tx, running, 'task.running', nowMs)
  return running
}

/** Whether an order was taken is not known, so its tasks may have begun. */
export async function becomeUnknown(tx: Tx, requestId: string, nowMs: number): Promise<(TaskRow | null)[]> {
  await moveTasksOfRequest(tx, requestId, mayBecome.unknown, 'unknown')
  const begun: (TaskRow | null)[] = []
  for (const { id, state } of await tasksOfRequest(tx, { requestId })) {
    if (state === 'unknown') begun.push(await begin(tx, id, nowMs))
  }
  return begun
}

/** To be called after the commit: wakes those who wait for a change of the tasks, and what delivers. */
export function tellBegun(ctx: Context, begun: readonly (TaskRow | null)[]): void {
  for (const task of begun) if (task) ctx.changes.tell(task.requestId)
  if (begun.some(isTold)) ctx.wake('deliver')
}
