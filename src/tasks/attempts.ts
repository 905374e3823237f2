// The attempts to submit an order, one row each.
import { and, desc, eq, sql } from '../db/drizzle.ts'
import type { Tx } from '../db/database.ts'
import { conditionalUpdateOfIds, statement } from '../db/statement.ts'
import type { Tables } from '../db/tables.ts'

export type AttemptRow = Tables['attempts']['$inferSelect']

export const attemptById = statement<AttemptRow>('attempt_by_id', (read) =>
  read
    .select()
    .from(read.tables.attempts)
    .where(eq(read.tables.attempts.id, sql.placeholder('id'))),
)

/** The latest attempt of an order of which it is not known whether it was taken. */
export const attemptInDoubt = statement<Pick<AttemptRow, 'upstreamKey'>>('attempt_in_doubt', (read) => {
  const { attempts } = read.tables
  return read
    .select({ upstreamKey: attempts.upstreamKey })
    .from(attempts)
    .where(and(eq(attempts.requestId, sql.placeholder('requestId')), eq(attempts.state, 'ambiguous')))
    .orderBy(desc(attempts.number))
    .limit(1)
})

const updateAttempt = conditionalUpdateOfIds({ table: 'attempts', by: 'id' })
const updateAttemptsOfRequest = conditionalUpdateOfIds({ table: 'attempts', by: 'requestId' })

type NewAttempt = Omit<AttemptRow, 'holder' | 'cost'> & Partial<Pick<AttemptRow, 'holder' | 'cost'>>

export async function insertAttempt(tx: Tx, attempt: NewAttempt): Promise<void> {
  await attemptInsert(tx, { holder: null, cost: null, ...attempt })
}

const attemptInsert = statement('attempt_insert', (tx) =>
  tx.insert(tx.tables.attempts).values({
    id: sql.placeholder('id'),
    requestId: sql.placeholder('requestId'),
    number: sql.placeholder('number'),
    upstreamKey: sql.placeholder('upstreamKey'),
    callbackTokenHash: sql.placeholder('callbackTokenHash'),
    state: sql.placeholder('state'),
    detail: sql.placeholder('detail'),
    startedAt: sql.placeholder('startedAt'),
    finishedAt: sql.placeholder('finishedAt'),
    holder: sql.placeholder('holder'),
    cost: sql.placeholder('cost'),
  }),
)

export async function closeAttempt(
  tx: Tx,
  id: string,
  change: Pick<AttemptRow, 'state' | 'detail' | 'finishedAt'>,
): Promise<void> {
  await updateAttempt(tx, id, { from: ['open', 'unknown'], to: change })
}

/** Marks an attempt as accepted: its work was found although its answer did not name it. */
export async function acceptAttempt(tx: Tx, id: string, detail: string): Promise<void> {
  const from = ['ambiguous', 'not_accepted', 'unknown'] as const
  await updateAttempt(tx, id, { from, to: { state: 'accepted', detail } })
}

export async function closeAttemptsOf(
  tx: Tx,
  requestId: string,
  { detail, finishedAt }: Pick<AttemptRow, 'detail' | 'finishedAt'>,
): Promise<void> {
  const to = { state: 'unknown', detail, finishedAt } as const
  await updateAttemptsOfRequest(tx, requestId, { from: ['open'], to })
}
