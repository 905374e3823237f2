// The rows of queued orders that change their route.
import { and, asc, eq, gte, sql } from '../../db/drizzle.ts'
import type { Tx } from '../../db/database.ts'
import { statement } from '../../db/statement.ts'
import type { RequestRow } from '../store.ts'

export type Waiting = Pick<RequestRow, 'id' | 'modelId' | 'order' | 'firstFrameUrl' | 'dueAt' | 'notBefore'>

/** Queued orders of an upstream, paused or not, those that have waited longest first. */
export const waitingSince = statement<Waiting>('queue_waiting_since', (read) => {
  const { requests } = read.tables
  return read
    .select({
      id: requests.id,
      modelId: requests.modelId,
      order: requests.order,
      firstFrameUrl: requests.firstFrameUrl,
      dueAt: requests.dueAt,
      notBefore: requests.notBefore,
    })
    .from(requests)
    .where(
      and(
        sql`${requests.state} = 'queued'`,
        eq(requests.upstream, sql.placeholder('upstream')),
        gte(requests.dueAt, sql.placeholder('sinceMs')),
      ),
    )
    .orderBy(asc(requests.dueAt))
    .limit(sql.placeholder('max'))
})

interface Route extends Pick<RequestRow, 'upstream' | 'order'> {
  readonly operation: string
  readonly cost: number | null
}

/** A queued order enters the other upstream's queue, without its pause. False if it is not queued any more. */
export async function changeRoute(
  tx: Tx,
  id: string,
  { operation, cost, ...route }: Route,
): Promise<boolean> {
  const { requests, tasks } = tx.tables
  const moved = await tx
    .update(requests)
    .set({ ...route, notBefore: null, startTag: null })
    .where(and(eq(requests.id, id), eq(requests.state, 'queued')))
    .returning({ id: requests.id })
  if (moved.length === 0) return false
  await tx
    .update(tasks)
    .set({ upstream: route.upstream, operation, cost })
    .where(and(eq(tasks.requestId, id), eq(tasks.state, 'queued')))
  return true
}
