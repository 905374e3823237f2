// The Idempotency-Keys of creates: the order that each belongs to, and how long it is kept.
import { and, asc, desc, eq, gt, gte, lt, lte, sql } from '../../db/drizzle.ts'
import type { Context } from '../../context.ts'
import type { Connection, Tx } from '../../db/database.ts'
import { statement } from '../../db/statement.ts'
import { GatewayError } from '../../errors.ts'
import { frameOf } from '../first-frame/rows.ts'
import { firstStepsOf } from '../first-frame/steps.ts'
import type { TaskRow } from '../store.ts'
import type { Created } from './created.ts'

const hourMs = 3_600_000
/** A day is promised; the extra hour covers clients that retry at its end. */
const keptForMs = 25 * hourMs

/** Older keys are gone; none while the clock is not trusted, or was set forward past their time. */
export const keysGoneBefore = ({ clock, time }: Pick<Context, 'clock' | 'time'>): number =>
  time.mayEnd(keptForMs) ? clock.now() - keptForMs : -1

/** One request with a key. */
export interface KeyUse {
  readonly accountId: string
  readonly key: string
  /** See `hashOfBody`. */
  readonly bodyHash: string
  readonly nowMs: number
  /** Keys taken before this are free again. */
  readonly goneBefore: number
}

/** The answer to the first request with a key, and the hash of its body. */
export interface Earlier extends Created {
  readonly bodyHash: string
}

/** Null if the key is free, or was used so long ago that it is free again. */
export async function orderOfKey(read: Connection, use: KeyUse): Promise<Earlier | null> {
  const rows = await tasksOfKey(read, { ...use })
  const [first] = rows
  if (!first) return null
  return {
    bodyHash: first.bodyHash,
    requestId: first.requestId,
    // Ids sort like the outputs.
    taskIds: rows.map(({ taskId }) => taskId).toSorted(),
    credits: rows.reduce((sum, { credits }) => sum + credits, 0),
    steps: await stepsOfKey(read, first),
  }
}

async function stepsOfKey(read: Connection, { requestId, modelId, step }: TaskOfKey) {
  const frame = step === 'video' ? await frameOf(read, requestId) : null
  return frame && firstStepsOf(frame.request.modelId, modelId)
}

interface TaskOfKey {
  readonly bodyHash: string
  readonly requestId: string
  readonly taskId: string
  readonly credits: number
  readonly modelId: string
  readonly step: TaskRow['step']
}

const tasksOfKey = statement<TaskOfKey>('tasks_of_key', (read) => {
  const { idempotency, tasks } = read.tables
  return read
    .select({
      bodyHash: idempotency.bodyHash,
      requestId: idempotency.requestId,
      taskId: tasks.id,
      credits: tasks.credits,
      modelId: tasks.modelId,
      step: tasks.step,
    })
    .from(idempotency)
    .innerJoin(tasks, eq(tasks.requestId, idempotency.requestId))
    .where(
      and(
        eq(idempotency.accountId, sql.placeholder('accountId')),
        eq(idempotency.key, sql.placeholder('key')),
        gt(idempotency.createdAt, sql.placeholder('goneBefore')),
      ),
    )
})

/**
 * Assigns the key to this order, which the same transaction has stored. Throws if it belongs to another
 * order: the unique index decides, even if an earlier read found nothing. An expired key is taken over.
 */
export async function takeKey(tx: Tx, use: KeyUse, requestId: string): Promise<void> {
  const order = { ...use, requestId }
  if ((await keyPut(tx, order)).length > 0) return
  if ((await keyTake(tx, order)).length === 0) throw keyIsTaken()
}

/** For a key that nobody has used, as nearly all are. */
const keyPut = statement(
  'key_put',
  (tx) => {
    const { idempotency } = tx.tables
    const [accountId, key] = [sql.placeholder('accountId'), sql.placeholder('key')]
    const [bodyHash, requestId] = [sql.placeholder('bodyHash'), sql.placeholder('requestId')]
    return tx
      .insert(idempotency)
      .values({ accountId, key, bodyHash, requestId, createdAt: sql.placeholder('nowMs') })
      .onConflictDoNothing({ target: [idempotency.accountId, idempotency.key] })
      .returning({ requestId: idempotency.requestId })
  },
  { row: 'key' },
)

const keyTake = statement('key_take', (tx) => {
  const { idempotency } = tx.tables
  const order = {
    bodyHash: sql.placeholder('bodyHash'),
    requestId: sql.placeholder('requestId'),
    createdAt: sql.placeholder('nowMs'),
  }
  return tx
    .insert(idempotency)
    .values({ accountId: sql.placeholder('accountId'), key: sql.placeholder('key'), ...order })
    .onConflictDoUpdate({
      target: [idempotency.accountId, idempotency.key],
      set: order as never,
      setWhere: lte(idempotency.createdAt, sql.placeholder('goneBefore')),
    })
    .returning({ requestId: idempotency.requestId })
})

/** Up to `limit` keys of an account from `first` to before `end`, the last of them first. */
export async function keysBetween(
  read: Connection,
  range: { accountId: string; first: string; end: string; limit: number },
): Promise<string[]> {
  return (await keyRange(read, range)).map(({ key }) => key)
}

const keyRange = statement<Pick<KeyUse, 'key'>>('keys_between', (read) => {
  const { idempotency } = read.tables
  return read
    .select({ key: idempotency.key })
    .from(idempotency)
    .where(
      and(
        eq(idempotency.accountId, sql.placeholder('accountId')),
        gte(idempotency.key, sql.placeholder('first')),
        lt(idempotency.key, sql.placeholder('end')),
      ),
    )
    .orderBy(desc(idempotency.key))
    .limit(sql.placeholder('limit'))
})

/** Up to `limit` expired keys. */
export async function expiredKeys(
  read: Connection,
  { goneBefore, limit }: { goneBefore: number; limit: number },
): Promise<Pick<KeyUse, 'accountId' | 'key'>[]> {
  return await usedBefore(read, { time: goneBefore, limit })
}

const usedBefore = statement<Pick<KeyUse, 'accountId' | 'key'>>('keys_used_before', (read) => {
  const { idempotency } = read.tables
  return read
    .select({ accountId: idempotency.accountId, key: idempotency.key })
    .from(idempotency)
    .where(lte(idempotency.createdAt, sql.placeholder('time')))
    .orderBy(asc(idempotency.createdAt))
    .limit(sql.placeholder('limit'))
})

/** Deletes an expired key, unless it has been taken over since it was found. */
export async function forgetKey(
  tx: Tx,
  { accountId, key }: Pick<KeyUse, 'accountId' | 'key'>,
  goneBefore: number,
): Promise<void> {
  await keyForget(tx, { accountId, key, goneBefore })
}

const keyForget = statement('key_forget', (tx) => {
  const { idempotency } = tx.tables
  return tx
    .delete(idempotency)
    .where(
      and(
        eq(idempotency.accountId, sql.placeholder('accountId')),
        eq(idempotency.key, sql.placeholder('key')),
        lte(idempotency.createdAt, sql.placeholder('goneBefore')),
      ),
    )
})

/** Twins on two connections may collide; the answer of the other is available a moment later. */
const keyIsTaken = () =>
  new GatewayError(
    'unavailable',
    {
      en: 'Idempotency-Key: a request with the same key is being stored right now. Nothing was charged for this one. Send it again, with the same key and body, to get the answer to the other one.',
      zh: 'Idempotency-Key:相同键的请求正在写入。本次未扣除任何积分。请用相同的键和请求体重发,以取得该请求的结果。',
    },
    { retryAfterMs: 1_000 },
  )

export const mismatch = () =>
  new GatewayError(
    'idempotency_mismatch',
    {
      en: 'Idempotency-Key: this key belongs to an earlier request with another body. Nothing was charged for this one. Send the earlier body to get its answer again, or a new key to order something else.',
      zh: 'Idempotency-Key:该键已用于请求体不同的较早请求。本次未扣除任何积分。如需取得较早请求的结果,请发送原请求体;如需新建任务,请换一个新的键。',
    },
    { field: 'Idempotency-Key' },
  )
