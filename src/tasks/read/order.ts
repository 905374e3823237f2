// One order as its owner sees it: its tasks, and what was ordered.
import type { Connection } from '../../db/database.ts'
import { requestById, tasksOfRequest } from '../store.ts'
import type { RequestRow } from '../store.ts'
import type { TaskColumns } from './view.ts'

/** In the order of the outputs; empty if there is no such order. */
export async function tasksOfOrder(read: Connection, requestId: string): Promise<TaskColumns[]> {
  return await tasksOfRequest(read, { requestId })
}

/** As it was charged; null if there is no such order. */
export async function orderOfRequest(
  read: Connection,
  requestId: string,
): Promise<RequestRow['order'] | null> {
  const [request] = await requestById(read, { id: requestId })
  return request?.order ?? null
}
