// The rows whose id is, or begins with, what is looked for: each by an index.
import { and, asc, eq, gte, lt, sql } from '../db/drizzle.ts'
import type { SQL } from 'drizzle-orm'
import { statement } from '../db/statement.ts'
import type { Tables } from '../db/tables.ts'

type Row<Name extends keyof Tables> = Tables[Name]['$inferSelect']

export type AccountHit = Pick<Row<'accounts'>, 'id' | 'name' | 'status' | 'balance'>
export type TaskHit = Pick<Row<'tasks'>, 'id' | 'modelId' | 'state' | 'credits'> & {
  readonly accountName: string
  /** Null: it was not what was looked for. */
  readonly upstreamTaskId: string | null
}
export type KeyHit = Pick<Row<'keys'>, 'id' | 'name' | 'prefix' | 'accountId'>

/** At or behind `from`, and before `below`. */
const within = (column: Parameters<typeof gte>[0]): SQL | undefined =>
  and(gte(column, sql.placeholder('from')), lt(column, sql.placeholder('below')))

export const accountsBeginning = statement<AccountHit>('find_accounts', (read) => {
  const { accounts } = read.tables
  const { id, name, status, balance } = accounts
  return read
    .select({ id, name, status, balance })
    .from(accounts)
    .where(within(id))
    .orderBy(asc(id))
    .limit(sql.placeholder('max'))
})

export const keysBeginning = statement<KeyHit>('find_keys', (read) => {
  const { keys } = read.tables
  const { id, name, prefix, accountId } = keys
  return read
    .select({ id, name, prefix, accountId })
    .from(keys)
    .where(within(id))
    .orderBy(asc(id))
    .limit(sql.placeholder('max'))
})

export const keyWithHash = statement<KeyHit>('find_key_with_hash', (read) => {
  const { keys } = read.tables
  const { id, name, prefix, accountId } = keys
  return read
    .select({ id, name, prefix, accountId })
    .from(keys)
    .where(eq(keys.hash, sql.placeholder('hash')))
})

export const tasksBeginning = statement<TaskHit>('find_tasks', (read) => {
  const { tasks, accounts } = read.tables
  return read
    .select({ ...taskColumns(read.tables), upstreamTaskId: sql<null>`NULL`.as('upstream_task_id') })
    .from(tasks)
    .innerJoin(accounts, eq(accounts.id, tasks.accountId))
    .where(within(tasks.id))
    .orderBy(asc(tasks.id))
    .limit(sql.placeholder('max'))
})

/** By the upstream's id of the work. */
export const tasksOfWork = statement<TaskHit>('find_tasks_of_work', (read) => {
  const { tasks, accounts } = read.tables
  return read
    .select({ ...taskColumns(read.tables), upstreamTaskId: tasks.upstreamTaskId })
    .from(tasks)
    .innerJoin(accounts, eq(accounts.id, tasks.accountId))
    .where(
      and(
        eq(tasks.upstream, sql.placeholder('upstream')),
        within(tasks.upstreamTaskId),
        // The index leaves out the tasks without one.
        sql`${tasks.upstreamTaskId} IS NOT NULL`,
      ),
    )
    .orderBy(asc(tasks.upstreamTaskId))
    .limit(sql.placeholder('max'))
})

const taskColumns = ({ tasks, accounts }: Tables) => ({
  id: tasks.id,
  modelId: tasks.modelId,
  state: tasks.state,
  credits: tasks.credits,
  accountName: accounts.name,
})

type OrphanHit = Pick<Row<'orphans'>, 'id' | 'reason' | 'requestId' | 'upstreamTaskId'>

export const orphansOfWork = statement<OrphanHit>('find_orphans_of_work', (read) => {
  const { orphans } = read.tables
  const { id, reason, requestId, upstreamTaskId } = orphans
  return read
    .select({ id, reason, requestId, upstreamTaskId })
    .from(orphans)
    .where(and(eq(orphans.upstream, sql.placeholder('upstream')), within(upstreamTaskId)))
    .orderBy(asc(upstreamTaskId))
    .limit(sql.placeholder('max'))
})

export const requestsBeginning = statement<Pick<Row<'requests'>, 'id' | 'modelId' | 'state'>>(
  'find_requests',
  (read) => {
    const { requests } = read.tables
    const { id, modelId, state } = requests
    return read
      .select({ id, modelId, state })
      .from(requests)
      .where(within(id))
      .orderBy(asc(id))
      .limit(sql.placeholder('max'))
  },
)

export const firstTaskOf = statement<Pick<Row<'tasks'>, 'id'>>('find_first_task', (read) => {
  const { tasks } = read.tables
  return read
    .select({ id: tasks.id })
    .from(tasks)
    .where(eq(tasks.requestId, sql.placeholder('requestId')))
    .orderBy(asc(tasks.id))
    .limit(1)
})

export const attemptsBeginning = statement<Pick<Row<'attempts'>, 'id' | 'requestId' | 'state'>>(
  'find_attempts',
  (read) => {
    const { attempts } = read.tables
    const { id, requestId, state } = attempts
    return read
      .select({ id, requestId, state })
      .from(attempts)
      .where(within(id))
      .orderBy(asc(id))
      .limit(sql.placeholder('max'))
  },
)

export const deliveriesBeginning = statement<
  Pick<Row<'webhookDeliveries'>, 'id' | 'type' | 'state' | 'taskId'>
>('find_deliveries', (read) => {
  const { webhookDeliveries: deliveries } = read.tables
  const { id, type, state, taskId } = deliveries
  return read
    .select({ id, type, state, taskId })
    .from(deliveries)
    .where(within(id))
    .orderBy(asc(id))
    .limit(sql.placeholder('max'))
})

export type CodeHit = Pick<Row<'codes'>, 'id' | 'prefix' | 'credits' | 'batchId' | 'redeemedBy' | 'voidedAt'>

const codeColumns = ({ codes }: Tables) => ({
  id: codes.id,
  prefix: codes.prefix,
  credits: codes.credits,
  batchId: codes.batchId,
  redeemedBy: codes.redeemedBy,
  voidedAt: codes.voidedAt,
})

export const codesBeginning = statement<CodeHit>('find_codes', (read) => {
  const { codes } = read.tables
  return read
    .select(codeColumns(read.tables))
    .from(codes)
    .where(within(codes.id))
    .orderBy(asc(codes.id))
    .limit(sql.placeholder('max'))
})

export const codesOfBatch = statement<CodeHit>('find_codes_of_batch', (read) => {
  const { codes } = read.tables
  return read
    .select(codeColumns(read.tables))
    .from(codes)
    .where(eq(codes.batchId, sql.placeholder('from')))
    .orderBy(asc(codes.id))
    .limit(sql.placeholder('max'))
})

export const codeWithHash = statement<CodeHit>('find_code_with_hash', (read) => {
  const { codes } = read.tables
  return read
    .select(codeColumns(read.tables))
    .from(codes)
    .where(eq(codes.hash, sql.placeholder('hash')))
})
