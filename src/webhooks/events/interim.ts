// Events that say how a task stands are sent no more once it has ended.
import { and, eq, inArray, isNotNull, sql } from '../../db/drizzle.ts'
import type { Connection, Tx } from '../../db/database.ts'
import { statement } from '../../db/statement.ts'
import { endedStates, eventTypes } from '../../db/tables.ts'
import { isInterim } from './types.ts'
import type { DeliveryRow } from '../store.ts'

/** What the log of deliveries says of them. */
const overtaken = 'The task ended before this was delivered, so it is not sent any more.'

const gone = { state: 'superseded', dueAt: null, claimed: false, lastError: overtaken } as const

/**
 * What waits of a task that ends now. One that is being sent at this moment cannot be called back: what comes of it is
 * written down, and if it was not taken, the claim that would try it again finds that it is over.
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

/** Reads nothing for the events of an end. */
export async function isOver(read: Connection, { type, taskId }: DeliveryRow): Promise<boolean> {
  return isInterim(type) && (await endedTask(read, { taskId })).length > 0
}

/** Whether it was over, and so is not to be sent. */
export async function supersedeIfOver(tx: Tx, delivery: DeliveryRow): Promise<boolean> {
  const over = await isOver(tx, delivery)
  if (over) await supersede(tx, { id: delivery.id })
  return over
}
