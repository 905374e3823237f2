// The rows of first frames: an order that needs one waits for a request of its own, which its owner sees as a step.
import { and, eq, sql } from '../../db/drizzle.ts'
import type { Connection, Tx } from '../../db/database.ts'
import type { SQL } from 'drizzle-orm'
import { statement } from '../../db/statement.ts'
import type { Observation } from '../../upstream/adapter.ts'
import type { RequestRow, TaskRow } from '../store.ts'

/** Lists, counts and webhooks leave it out. */
export const isFirstFrame = ({ step }: Pick<TaskRow, 'step'>): boolean => step === 'first_frame'

/** The upstream reports success for a first frame, and names no image. */
export const successWithoutFrame: Observation = {
  kind: 'unclear',
  isNoResult: true,
  detail: 'success without an image for the first frame',
}

/** The same as a condition: the tasks that their owner has asked for. */
export const isOwners = ({ tables: { tasks } }: Connection): SQL =>
  sql`coalesce(${tasks.step}, '') <> 'first_frame'`

export interface FrameRow {
  readonly request: RequestRow
  readonly task: TaskRow
}

/** The request and the task that make the first frame of an order; null if it needs none. */
export async function frameOf(read: Connection, orderId: string): Promise<FrameRow | null> {
  const [request] = await requestForFrame(read, { orderId })
  if (!request) return null
  const [task] = await taskForFrame(read, { requestId: request.id })
  return task ? { request, task } : null
}

const requestForFrame = statement<RequestRow>('first_frame_request', (read) => {
  const { requests } = read.tables
  return read
    .select()
    .from(requests)
    .where(
      // The second condition alone lets the store use the partial index.
      and(eq(requests.firstFrameOf, sql.placeholder('orderId')), sql`${requests.firstFrameOf} IS NOT NULL`),
    )
    .limit(1)
})

const taskForFrame = statement<TaskRow>('first_frame_task', (read) => {
  const { tasks } = read.tables
  return read
    .select()
    .from(tasks)
    .where(eq(tasks.requestId, sql.placeholder('requestId')))
    .limit(1)
})

type FrameOf = Pick<RequestRow, 'firstFrameOf' | 'firstFrameCredits'>

/** The order that a request makes the first frame of, and what of its price that is. */
export const orderOfFrame = statement<FrameOf>('first_frame_order', (read) => {
  const { requests } = read.tables
  return read
    .select({ firstFrameOf: requests.firstFrameOf, firstFrameCredits: requests.firstFrameCredits })
    .from(requests)
    .where(eq(requests.id, sql.placeholder('requestId')))
    .limit(1)
})

/** Its first frame is made: the order is queued with it. False if it waits no more. */
export async function queueWithFrame(
  tx: Tx,
  orderId: string,
  { url, nowMs }: { readonly url: string; readonly nowMs: number },
): Promise<boolean> {
  const { requests } = tx.tables
  const moved = await tx
    .update(requests)
    .set({ state: 'queued', firstFrameUrl: url, dueAt: nowMs, readyAt: nowMs })
    .where(and(eq(requests.id, orderId), eq(requests.state, 'waiting')))
    .returning({ id: requests.id })
  return moved.length > 0
}
