// Upstream task ids that callbacks named and that belong to no task yet, kept until it is known whose they are.
import { and, asc, count, eq, isNotNull, lte, ne, sql } from '../../db/drizzle.ts'
import type { Connection, Tx } from '../../db/database.ts'
import { statement } from '../../db/statement.ts'
import type { RequestRow } from '../store.ts'

export interface UnmatchedCallback {
  readonly attemptId: string
  readonly upstreamTaskId: string
  readonly heardAt: number
  readonly requestId: string
  readonly upstream: string
  /** The key that the attempt was made with. */
  readonly upstreamKey: string
  readonly taskType: RequestRow['taskType']
  readonly order: RequestRow['order']
}

/** An order has at most eight outputs: an upstream that names more than this for an attempt is in error. */
const unmatchedOfAttemptMax = 32

export async function keepUnmatched(
  tx: Tx,
  { attemptId, upstreamTaskId, heardAt }: Pick<UnmatchedCallback, 'attemptId' | 'upstreamTaskId' | 'heardAt'>,
): Promise<'kept' | 'repeated' | 'too_many'> {
  const [kept] = await hintCount(tx, { attemptId })
  if ((kept?.unmatched ?? 0) >= unmatchedOfAttemptMax) return 'too_many'
  const rows = await hintInsert(tx, { attemptId, upstreamTaskId, heardAt })
  return rows.length > 0 ? 'kept' : 'repeated'
}

const hintCount = statement<{ unmatched: number }>('unmatched_count', (read) => {
  const { earlyCallbacks } = read.tables
  return read
    .select({ unmatched: count() })
    .from(earlyCallbacks)
    .where(eq(earlyCallbacks.attemptId, sql.placeholder('attemptId')))
})

const hintInsert = statement<{ heardAt: number }>('unmatched_insert', (tx) => {
  const { earlyCallbacks } = tx.tables
  return tx
    .insert(earlyCallbacks)
    .values({
      attemptId: sql.placeholder('attemptId'),
      upstreamTaskId: sql.placeholder('upstreamTaskId'),
      heardAt: sql.placeholder('heardAt'),
    })
    .onConflictDoNothing()
    .returning({ heardAt: earlyCallbacks.heardAt })
})

export async function dropUnmatched(
  tx: Tx,
  { attemptId, upstreamTaskId }: Pick<UnmatchedCallback, 'attemptId' | 'upstreamTaskId'>,
): Promise<void> {
  await hintDelete(tx, { attemptId, upstreamTaskId })
}

const hintDelete = statement('unmatched_delete', (tx) => {
  const { earlyCallbacks } = tx.tables
  return tx
    .delete(earlyCallbacks)
    .where(
      and(
        eq(earlyCallbacks.attemptId, sql.placeholder('attemptId')),
        eq(earlyCallbacks.upstreamTaskId, sql.placeholder('upstreamTaskId')),
      ),
    )
})

/** The last unmatched callback that a walk over all of them has read. */
export type UnmatchedCursor = Pick<UnmatchedCallback, 'attemptId' | 'upstreamTaskId'>

/**
 * Those after the cursor, oldest attempts first, except while their request is being posted: then only the
 * answer can tell whose they are.
 */
export const unmatchedToResolve = statement<UnmatchedCallback>('unmatched_to_resolve', (read) => {
  const { earlyCallbacks, attempts, requests } = read.tables
  return read
    .select({
      attemptId: earlyCallbacks.attemptId,
      upstreamTaskId: earlyCallbacks.upstreamTaskId,
      heardAt: earlyCallbacks.heardAt,
      requestId: attempts.requestId,
      upstream: requests.upstream,
      upstreamKey: attempts.upstreamKey,
      taskType: requests.taskType,
      order: requests.order,
    })
    .from(earlyCallbacks)
    .innerJoin(attempts, eq(attempts.id, earlyCallbacks.attemptId))
    .innerJoin(requests, eq(requests.id, attempts.requestId))
    .where(
      and(
        sql`(${earlyCallbacks.attemptId}, ${earlyCallbacks.upstreamTaskId}) > (${sql.placeholder('attemptId')}, ${sql.placeholder('upstreamTaskId')})`,
        ne(requests.state, 'submitting'),
      ),
    )
    .orderBy(asc(earlyCallbacks.attemptId), asc(earlyCallbacks.upstreamTaskId))
    .limit(sql.placeholder('limit'))
})

/** Whether an order posted before the callback came still waits for its answer, which may name this work. */
export async function mayBeAnothers(
  read: Connection,
  { upstream, heardAt }: Pick<UnmatchedCallback, 'upstream' | 'heardAt'>,
  submitLeaseMs: number,
): Promise<boolean> {
  // A request is due when its lease ends, which gives the time when it was posted.
  const rows = await postedBefore(read, { upstream, dueAt: heardAt + submitLeaseMs })
  return rows.length > 0
}

/** Whether a callback has named work of this request, and it is not known yet what became of that. */
export async function isCalled(read: Connection, requestId: string): Promise<boolean> {
  return (await calledOf(read, { requestId })).length > 0
}

const calledOf = statement<{ attemptId: string }>('unmatched_of_request', (read) => {
  const { attempts, earlyCallbacks } = read.tables
  return read
    .select({ attemptId: earlyCallbacks.attemptId })
    .from(attempts)
    .innerJoin(earlyCallbacks, eq(earlyCallbacks.attemptId, attempts.id))
    .where(eq(attempts.requestId, sql.placeholder('requestId')))
    .limit(1)
})

const postedBefore = statement<{ id: string }>('unmatched_posted_before', (read) => {
  const { requests } = read.tables
  return read
    .select({ id: requests.id })
    .from(requests)
    .where(
      and(
        isNotNull(requests.dueAt),
        lte(requests.dueAt, sql.placeholder('dueAt')),
        eq(requests.state, 'submitting'),
        eq(requests.upstream, sql.placeholder('upstream')),
      ),
    )
    .limit(1)
})
