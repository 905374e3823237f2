// Supersedes interim events: once a task has ended, they are no longer sent.
import { and, eq, inArray, isNotNull, sql } from '../../db/drizzle.ts'
import type { Connection, Tx } from '../../db/database.ts'
import { statement } from '../../db/statement.ts'
import { endedStates, eventTypes } from '../../db/tables.ts'
import { isInterim } from './types.ts'
import type { DeliveryRow } from '../store.ts'

/** Shown for them in the log of deliveries. */
const overtaken = 'The task ended before this was delivered, so it is not sent any more.'

const gone = { state: 'superseded', dueAt: null, claimed: false, lastError: overtaken } as const

/**
 * Supersedes the waiting interim events of a task that ends now. One that is being sent at this moment cannot
 * be stopped: its outcome is recorded, and if it was not delivered, the claim that would retry it supersedes
 * it.
 */
export const supersedeWaiting = statement('webhook_supersede_waiting', (tx) => {
  const { webhookDeliveries: deliveries } = tx.tables
  return tx
    .update(deliveries)
    .set(gone)
    .where(
      and(
        eq(deliveries.taskId, sql.placeholder('taskId')),
        inArray(deliveries.type, eventTypes.filter(isInterim)),
        isNotNull(deliveries.dueAt),
        eq(deliveries.claimed, false),
      ),
    )
})

const supersede = statement('webhook_supersede', (tx) => {
  const { webhookDeliveries: deliveries } = tx.tables
  return tx
    .update(deliveries)
    .set(gone)
    .where(eq(deliveries.id, sql.placeholder('id')))
})

const endedTask = statement<{ id: string }>('webhook_ended_task', (read) => {
  const { tasks } = read.tables
  return read
    .select({ id: tasks.id })
    .from(tasks)
    .where(and(eq(tasks.id, sql.placeholder('taskId')), inArray(tasks.state, [...endedStates])))
    .limit(1)
})

/** Whether an interim event is out of date. Reads nothing for other events. */
export async function isOver(read: Connection, { type, taskId }: DeliveryRow): Promise<boolean> {
  return isInterim(type) && (await endedTask(read, { taskId })).length > 0
}

/** Returns whether it was superseded, and so must not be sent. */
export async function supersedeIfOver(tx: Tx, delivery: DeliveryRow): Promise<boolean> {
  const over = await isOver(tx, delivery)
  if (over) await supersede(tx, { id: delivery.id })
  return over
}
