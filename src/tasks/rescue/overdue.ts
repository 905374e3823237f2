// Finds requests that have not moved for too long: abandoned, unanswered, or never posted.
import { and, asc, eq, isNotNull, lte, sql } from '../../db/drizzle.ts'
import type { Connection } from '../../db/database.ts'
import { statement } from '../../db/statement.ts'
import { queueNames } from '../queue/store.ts'
import type { RequestRow } from '../store.ts'

/** Requests left in this state past their time: by a crash, or because no answer or no callback came. */
export async function requestsOverdue(
  read: Connection,
  input: { state: 'submitting' | 'unknown' | 'accepted'; nowMs: number; limit: number },
): Promise<RequestRow[]> {
  const { state, nowMs: dueUntil, limit } = input
  const overdue: RequestRow[] = []
  for (const { upstream } of await queueNames(read, {})) {
    overdue.push(...(await dueIn(read, { state, upstream, dueUntil, limit: limit - overdue.length })))
    if (overdue.length >= limit) break
  }
  return overdue
}

/** Queued requests of an upstream that were made before a time, the oldest first. */
export async function requestsQueuedBefore(
  read: Connection,
  { upstream, createdBefore, limit }: { upstream: string; createdBefore: number; limit: number },
): Promise<RequestRow[]> {
  return await dueIn(read, { state: 'queued', upstream, dueUntil: createdBefore, limit })
}

/** Queued requests are due since their creation. */
const dueIn = statement<RequestRow>('requests_due_in', (read) => {
  const { requests } = read.tables
  return read
    .select()
    .from(requests)
    .where(
      and(
        isNotNull(requests.dueAt),
        eq(requests.state, sql.placeholder('state')),
        eq(requests.upstream, sql.placeholder('upstream')),
        lte(requests.dueAt, sql.placeholder('dueUntil')),
      ),
    )
    .orderBy(asc(requests.dueAt))
    .limit(sql.placeholder('limit'))
})
