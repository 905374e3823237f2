// Writes the webhook of a task, in the transaction that changed what its owner sees.
import type { TimedTx } from '../../context.ts'
import { announce } from '../../webhooks/outbox.ts'
import type { EventType } from '../../webhooks/events/types.ts'
import { hasEnded } from '../state.ts'
import { tasksOfRequest } from '../store.ts'
import type { TaskRow } from '../store.ts'
import { viewTask } from '../read/view.ts'

/** Rows for which a webhook was stored: the delivery loop is woken only for these. */
const told = new WeakSet<TaskRow>()

export const isTold = (task: TaskRow | null): boolean => task !== null && told.has(task)

export async function tell({ tx, nowMs }: TimedTx, task: TaskRow, type: EventType): Promise<void> {
  const { id: taskId, accountId, requestId } = task
  const view = () => viewTask(task, nowMs)
  const isLast = async () => (await tasksOfRequest(tx, { requestId })).every(hasEnded)
  if (await announce(tx, { type, accountId, requestId, taskId, nowMs, view, isLast })) told.add(task)
}
