// Removes archived orders from the store, with all their rows except ledger entries.
import { eq, sql } from '../../db/drizzle.ts'
import type { Tx } from '../../db/database.ts'
import { statement } from '../../db/statement.ts'
import { closeTasks } from '../../ledger/closing.ts'
import { keepFigures } from '../../ledger/reports/figures.ts'
import { forgetDeliveriesOf } from '../../webhooks/deliveries.ts'
import { forgetKnownSubmits } from '../corrections/items.ts'
import { frameOf } from '../first-frame/rows.ts'
import { tasksOfRequest } from '../store.ts'
import { candidatesOf } from './orders.ts'
import type { Candidate, Stay, Terms } from './orders.ts'

/** An order that is in a file on the disk. */
export type Written = Pick<Candidate, 'id' | 'mark'>

export interface Removal {
  readonly orders: number
  readonly tasks: number
  readonly stay: readonly Stay[]
}

/** Removes orders that have not changed since they were written; a later round rewrites the others. */
export async function removeOrders(tx: Tx, terms: Terms, written: readonly Written[]): Promise<Removal> {
  const found = await candidatesOf(
    tx,
    terms,
    written.map(({ id }) => id),
  )
  const now = new Map(found.map((candidate) => [candidate.id, candidate]))
  const stay: Stay[] = []
  let [orders, tasksRemoved] = [0, 0]
  for (const { id, mark } of written) {
    const order = now.get(id)
    // Another process has removed it, and closed its entries.
    if (!order) continue
    if (order.stays !== null || order.mark !== mark) {
      stay.push(order.stays ?? 'recent')
      continue
    }
    const tasks = await tasksOfRequest(tx, { requestId: id })
    const frame = await frameOf(tx, id)
    if (!(await closeTasks(tx, frame ? [...tasks, frame.task] : tasks))) {
      stay.push('ledger')
      continue
    }
    await forgetDeliveriesOf(
      tx,
      tasks.map((task) => task.id),
    )
    const requestIds = frame ? [frame.request.id, id] : [id]
    await keepFigures(tx, requestIds)
    for (const each of requestIds) {
      for (const remove of removals) await remove(tx, { id: each })
    }
    orders += 1
    tasksRemoved += tasks.length
  }
  return { orders, tasks: tasksRemoved, stay }
}

const orphansDelete = statement('archive_orphans', (tx) =>
  tx.delete(tx.tables.orphans).where(eq(tx.tables.orphans.requestId, sql.placeholder('id'))),
)
const attemptsDelete = statement('archive_attempts', (tx) =>
  tx.delete(tx.tables.attempts).where(eq(tx.tables.attempts.requestId, sql.placeholder('id'))),
)
const tasksDelete = statement('archive_tasks', (tx) =>
  tx.delete(tx.tables.tasks).where(eq(tx.tables.tasks.requestId, sql.placeholder('id'))),
)
const requestDelete = statement('archive_request', (tx) =>
  tx.delete(tx.tables.requests).where(eq(tx.tables.requests.id, sql.placeholder('id'))),
)

/** In this order: later rows are named by those before them. */
const removals = [forgetKnownSubmits, orphansDelete, attemptsDelete, tasksDelete, requestDelete]
