// Finds requests that have stood still for too long: abandoned, unanswered, or never taken.
import type { SQL } from 'drizzle-orm'
import { and, asc, eq, isNotNull, lte, notInArray, sql } from '../db/drizzle.ts'
import type { Connection } from '../db/database.ts'
import { statement } from '../db/statement.ts'
import { requestsToSubmit } from './store.ts'
import type { RequestRow } from './store.ts'

/** Requests left in this state past their time: by a crash, or because no answer or no callback came. */
export async function requestsOverdue(
  read: Connection,
  input: { state: 'submitting' | 'unknown' | 'accepted'; nowMs: number; limit: number },
): Promise<RequestRow[]> {
  return await overdueIn(read, input)
}

const overdueIn = statement<RequestRow>('requests_overdue', (read) => {
  const { requests } = read.tables
  return read
    .select()
    .from(requests)
    .where(
      and(
        isNotNull(requests.dueAt),
        lte(requests.dueAt, sql.placeholder('nowMs')),
        eq(requests.state, sql.placeholder('state')),
      ),
    )
    .orderBy(asc(requests.dueAt))
    .limit(sql.placeholder('limit'))
})

/** Queued requests of an upstream, or of none of those, that were made before a time. */
export async function requestsQueuedBefore(
  read: Connection,
  input: { upstream: string | { readonly notOf: readonly string[] }; createdBefore: number; limit: number },
): Promise<RequestRow[]> {
  const { upstream, createdBefore, limit } = input
  // Due before that time, they were made before it; of the rest only those tried already can have been.
  const found =
    typeof upstream === 'string'
      ? [
          ...(await requestsToSubmit(read, { upstream, nowMs: createdBefore, limit })),
          ...(await retriedLong(read, { upstream, createdBefore, limit })),
        ]
      : await strayLong(read, upstream.notOf, createdBefore, limit)
  return [...new Map(found.map((request) => [request.id, request])).values()].slice(0, limit)
}

const retriedLong = statement<RequestRow>('requests_retried_long', (read) => {
  const { requests } = read.tables
  return read
    .select()
    .from(requests)
    .where(
      and(
        isRetried(read),
        lte(requests.createdAt, sql.placeholder('createdBefore')),
        eq(requests.upstream, sql.placeholder('upstream')),
      ),
    )
    .limit(sql.placeholder('limit'))
})

async function strayLong(
  read: Connection,
  known: readonly string[],
  createdBefore: number,
  limit: number,
): Promise<RequestRow[]> {
  const { requests } = read.tables
  const isStray = notInArray(requests.upstream, [...known])
  const due = and(isNotNull(requests.dueAt), eq(requests.state, 'queued'), lte(requests.dueAt, createdBefore))
  const retried = and(isRetried(read), lte(requests.createdAt, createdBefore))
  return [
    ...(await read
      .select()
      .from(requests)
      .where(and(due, isStray))
      .orderBy(asc(requests.dueAt))
      .limit(limit)),
    ...(await read.select().from(requests).where(and(retried, isStray)).limit(limit)),
  ]
}

/** Written out, not bound: only so can SQLite tell that the index of retried requests serves. */
export const isRetried = (read: Connection): SQL =>
  sql`${read.tables.requests.state} = 'queued' AND ${read.tables.requests.attemptsMade} > 0`
