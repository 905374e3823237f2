// The rows of the fair queue, and the statements that every claim runs.
import type { SQL } from 'drizzle-orm'
import { and, asc, count, eq, gt, isNotNull, isNull, lt, lte, ne, notInArray, sql } from '../../db/drizzle.ts'
import type { Connection } from '../../db/database.ts'
import { statement } from '../../db/statement.ts'
import type { Tables } from '../../db/tables.ts'

type FlowRow = Tables['queueFlows']['$inferSelect']
export type NextOrder = Pick<
  Tables['requests']['$inferSelect'],
  'id' | 'modelId' | 'attemptsMade' | 'startTag'
>
export type QueueRow = Tables['queues']['$inferSelect']

export type ReadyFlow = Pick<FlowRow, 'accountId' | 'finishTag' | 'stride'> & {
  readonly startTag: number
  readonly since: number
}

export const queueOf = statement<QueueRow>('queue_of', (read) => {
  const { queues } = read.tables
  return read
    .select()
    .from(queues)
    .where(eq(queues.upstream, sql.placeholder('upstream')))
    .limit(1)
})

/** Every upstream that was ever ordered from, even if it is no longer configured. */
export const queueNames = statement<{ upstream: string }>('queue_names', (read) =>
  read.select({ upstream: read.tables.queues.upstream }).from(read.tables.queues),
)

/** The columns that give an order's place in the queue; the order itself, which may be long, is not read. */
export type QueuedOrder = Pick<
  Tables['requests']['$inferSelect'],
  'id' | 'accountId' | 'upstream' | 'state' | 'startTag' | 'createdAt'
>

export const queuedOrder = statement<QueuedOrder>('queue_order', (read) => {
  const { requests } = read.tables
  return read
    .select({
      id: requests.id,
      accountId: requests.accountId,
      upstream: requests.upstream,
      state: requests.state,
      startTag: requests.startTag,
      createdAt: requests.createdAt,
    })
    .from(requests)
    .where(eq(requests.id, sql.placeholder('id')))
    .limit(1)
})

/** Accounts with an order that may be posted, sorted by when their next one is to be. */
export const readyFlows = statement<ReadyFlow>('queue_ready_flows', (read) => {
  const { queueFlows } = read.tables
  return read
    .select({
      accountId: queueFlows.accountId,
      finishTag: queueFlows.finishTag,
      stride: queueFlows.stride,
      startTag: queueFlows.startTag,
      since: queueFlows.since,
    })
    .from(queueFlows)
    .where(and(isNotNull(queueFlows.startTag), eq(queueFlows.upstream, sql.placeholder('upstream'))))
    .orderBy(asc(queueFlows.startTag), asc(queueFlows.since))
    .limit(sql.placeholder('max'))
})

/** The next orders of an account after a given one, with the places that they kept if they were posted before. */
export const nextOfAccount = statement<NextOrder>('queue_next', (read) => {
  const { requests } = read.tables
  return read
    .select({
      id: requests.id,
      modelId: requests.modelId,
      attemptsMade: requests.attemptsMade,
      startTag: requests.startTag,
    })
    .from(requests)
    .where(
      and(
        eq(requests.upstream, sql.placeholder('upstream')),
        eq(requests.accountId, sql.placeholder('accountId')),
        isQueued(read),
        isNull(requests.notBefore),
        gt(requests.id, sql.placeholder('after')),
      ),
    )
    .orderBy(asc(requests.id))
    .limit(sql.placeholder('max'))
})

/** Orders whose pause is over, earliest end first. */
export const pausesOver = statement<{ id: string }>('queue_pauses_over', (read) => {
  const { requests } = read.tables
  return read
    .select({ id: requests.id })
    .from(requests)
    .where(and(isPaused(read), lte(requests.notBefore, sql.placeholder('untilMs'))))
    .orderBy(asc(requests.notBefore))
    .limit(sql.placeholder('max'))
})

/** Orders paused for longer than any pause lasts: the clock was ahead when they were paused. */
export const pausesTooLong = statement<{ id: string }>('queue_pauses_too_long', (read) => {
  const { requests } = read.tables
  return read
    .select({ id: requests.id })
    .from(requests)
    .where(and(isPaused(read), gt(requests.notBefore, sql.placeholder('longestMs'))))
    .orderBy(asc(requests.notBefore))
    .limit(sql.placeholder('max'))
})

/** A literal, not a bound value: otherwise the store cannot use the partial indexes of queued requests. */
const isQueued = (read: Connection): SQL => sql`${read.tables.requests.state} = 'queued'`

const isPaused = (read: Connection) => {
  const { requests } = read.tables
  return and(
    eq(requests.upstream, sql.placeholder('upstream')),
    isQueued(read),
    isNotNull(requests.notBefore),
  )
}

export const endPause = statement('queue_end_pause', (tx) => {
  const { requests } = tx.tables
  return tx
    .update(requests)
    .set({ notBefore: null })
    .where(and(eq(requests.id, sql.placeholder('id')), eq(requests.state, 'queued')))
})

/** Pauses an order until a time. */
export const beginPause = statement('queue_begin_pause', (tx) => {
  const { requests } = tx.tables
  return tx
    .update(requests)
    .set({ notBefore: sql`${sql.placeholder('untilMs')}` })
    .where(and(eq(requests.id, sql.placeholder('id')), eq(requests.state, 'queued')))
})

/** One account's row in the queue of an upstream. */
export const flowOf = statement<FlowRow>('queue_flow_of', (read) => {
  const { queueFlows } = read.tables
  return read
    .select()
    .from(queueFlows)
    .where(
      and(
        eq(queueFlows.upstream, sql.placeholder('upstream')),
        eq(queueFlows.accountId, sql.placeholder('accountId')),
      ),
    )
    .limit(1)
})

/** How many orders of the same account are to be posted before one of its own; `max` at most are counted. */
export const countAhead = statement<{ ahead: number }>('queue_count_ahead', (read) => {
  const { requests } = read.tables
  const ahead = read
    .select({ id: requests.id })
    .from(requests)
    .where(
      and(
        eq(requests.upstream, sql.placeholder('upstream')),
        eq(requests.accountId, sql.placeholder('accountId')),
        isQueued(read),
        isNull(requests.notBefore),
        lt(requests.id, sql.placeholder('id')),
      ),
    )
    .limit(sql.placeholder('max'))
    .as('ahead')
  return read.select({ ahead: count() }).from(ahead)
})

/**
 * How many orders of other accounts are to be posted before a start tag. Each account that comes before it
 * has at least one, so that `max` accounts are enough to count `max` orders.
 */
export const countBefore = statement<{ before: number }>('queue_count_before', (read) => {
  const { queueFlows } = read.tables
  const before = read
    .select({
      waiting: queueFlows.waiting,
      startTag: queueFlows.startTag,
      since: queueFlows.since,
      stride: queueFlows.stride,
    })
    .from(queueFlows)
    .where(
      and(
        eq(queueFlows.upstream, sql.placeholder('upstream')),
        isNotNull(queueFlows.startTag),
        lte(queueFlows.startTag, sql.placeholder('startTag')),
        ne(queueFlows.accountId, sql.placeholder('accountId')),
      ),
    )
    .orderBy(asc(queueFlows.startTag))
    .limit(sql.placeholder('max'))
    .as('before')
  // Cast: a number beyond 32 bits would be bound as a floating-point value, and divided as one.
  const apart = sql`CAST(${sql.placeholder('startTag')} AS bigint) - ${before.startTag}`
  // Of two accounts with the same tag, the one that has waited longer goes first.
  const isOlder = sql`CASE WHEN ${before.since} < ${sql.placeholder('since')} THEN 0 ELSE 1 END`
  const steps = sql`(${apart} + ${before.stride} - ${isOlder}) / ${before.stride}`
  const ofAccount = sql`CASE WHEN ${before.waiting} < ${steps} THEN ${before.waiting} ELSE ${steps} END`
  return read.select({ before: sql`coalesce(sum(${ofAccount}), 0)`.mapWith(Number) }).from(before)
})

/** If the outcome of an attempt is not certain, the order may have been taken, and be paid for. */
export const mayBePosted = async (read: Connection, requestId: string): Promise<boolean> =>
  (await attemptsInDoubt(read, { requestId })).length > 0

const attemptsInDoubt = statement<{ id: string }>('attempts_in_doubt', (read) => {
  const { attempts } = read.tables
  return read
    .select({ id: attempts.id })
    .from(attempts)
    .where(
      and(
        eq(attempts.requestId, sql.placeholder('requestId')),
        notInArray(attempts.state, ['refused', 'not_accepted']),
      ),
    )
    .limit(1)
})
