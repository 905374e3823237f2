// Writes the webhook of a task, in the transaction that changed what its owner sees.
import type { TimedTx } from '../../context.ts'
import { announce } from '../../webhooks/outbox.ts'
import type { EventType } from '../../webhooks/events/types.ts'
import { isFirstFrame } from '../first-frame/rows.ts'
import { hasEnded } from '../state.ts'
import { tasksOfRequest } from '../store.ts'
import type { TaskRow } from '../store.ts'
import { viewWithSteps } from '../read/view.ts'

/** Rows for which a webhook was stored: the delivery loop is woken only for these. */
const told = new WeakSet<TaskRow>()

export const isTold = (task: TaskRow | null): boolean => task !== null && told.has(task)

/** Of a first frame nobody is told: its order is what its owner has asked for. */
export async function tell({ tx, nowMs }: TimedTx, task: TaskRow, type: EventType): Promise<void> {
  if (isFirstFrame(task)) return
  const { id: taskId, accountId, requestId } = task
  const view = async () => await viewWithSteps(tx, task, nowMs)
  const isLast = async () => (await tasksOfRequest(tx, { requestId })).every(hasEnded)
  if (await announce(tx, { type, accountId, requestId, taskId, nowMs, view, isLast })) told.add(task)
}
