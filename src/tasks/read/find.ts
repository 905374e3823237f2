// Looks tasks up, for their owner and for the operator.
import { and, desc, eq, exists, gt, gte, inArray, isNull, lt, or, sql } from '../../db/drizzle.ts'
import type { SQL } from 'drizzle-orm'
import type { Connection } from '../../db/database.ts'
import { filteredPage, cutPage, holds } from '../../db/page.ts'
import type { Page } from '../../db/page.ts'
import { statement } from '../../db/statement.ts'
import { GatewayError } from '../../errors.ts'
import { idAfterAll, idTime } from '../../ids.ts'
import { isOwners } from '../first-frame/rows.ts'
import { statesOf } from '../state.ts'
import type { TaskStatus } from '../state.ts'
import { requestById } from '../store.ts'
import type { TaskRow } from '../store.ts'
import type { TaskColumns } from './view.ts'

/** Throws not_found in the same words for a task that does not exist and for one of another account. */
export async function findTask(read: Connection, accountId: string, id: string): Promise<TaskColumns> {
  const [task] = await taskOfAccount(read, { accountId, id })
  if (!task) throw noSuchTask()
  return task
}

const taskOfAccount = statement<TaskColumns>('task_of_account', (read) => {
  const { tasks } = read.tables
  return read.select(columns(read)).from(tasks).where(isTheirs(read)).limit(1)
})

function isTheirs(read: Connection): SQL | undefined {
  const { tasks } = read.tables
  return and(
    eq(tasks.id, sql.placeholder('id')),
    eq(tasks.accountId, sql.placeholder('accountId')),
    isOwners(read),
  )
}

/**
 * The same, with the store's rights as they stand in the same committed state; null if there is no such task. For a
 * store that is asked for its rights with each request.
 */
export async function findTaskAndRights(
  read: Connection,
  { accountId, id }: { readonly accountId: string; readonly id: string },
): Promise<{ readonly rights: number; readonly value: TaskColumns | null }> {
  const [row] = await taskAndRights(read, { accountId, id })
  if (!row) throw new Error('the store has no row of rights')
  return { rights: row.rights, value: row.id === null ? null : row }
}

const taskAndRights = statement<{ rights: number } & (TaskColumns | { id: null })>(
  'task_and_rights',
  (read) => {
    const { rights, tasks } = read.tables
    return read
      .select({ rights: rights.version, ...columns(read) })
      .from(rights)
      .leftJoin(tasks, isTheirs(read))
      .limit(1)
  },
)

/** The name of the upstream that it was ordered from; null if there is no such task. */
export async function upstreamOfTask(read: Connection, id: string): Promise<string | null> {
  const [task] = await upstreamById(read, { id })
  return task?.upstream ?? null
}

const upstreamById = statement<Pick<TaskRow, 'upstream'>>('upstream_of_task', (read) => {
  const { tasks } = read.tables
  return read
    .select({ upstream: tasks.upstream })
    .from(tasks)
    .where(eq(tasks.id, sql.placeholder('id')))
    .limit(1)
})

export interface TaskFilter {
  readonly accountId: string | null
  readonly status: TaskStatus | null
  readonly modelId: string | null
  /** The key that ordered it. Left out, like the two below: any. */
  readonly keyId?: string | undefined
  /** When it was made: at or after the one, before the other. Null: no bound. */
  readonly sinceMs?: number | null
  readonly untilMs?: number | null
  /** What its prompt holds, in any case. */
  readonly text?: string | undefined
  /** What the reason of its failure holds, for the customer or for the operator, in any case. */
  readonly error?: string | undefined
  /** Credits of it came back, by a failure or by hand. */
  readonly isRefunded?: boolean | undefined
  /** It took longer than this from its order to its end. */
  readonly tookAboveMs?: number | undefined
  /** The `next` of the page before. */
  readonly before: string | null
  readonly limit: number
}

/** Each is in another row, which of one account's tasks hardly two share a page of. */
const promptsLookedAtMax = 1_500

/** Newest first. No index covers status and model, so a filtered page looks at a bounded number of tasks. */
export async function listTasks(read: Connection, filter: TaskFilter): Promise<Page<TaskRow>> {
  const { tasks } = read.tables
  const { limit, before } = filter
  const { sinceMs = null, untilMs = null } = filter
  const of = and(
    filter.accountId === null ? undefined : eq(tasks.accountId, filter.accountId),
    sinceMs === null ? undefined : gte(tasks.id, `task_${idTime(sinceMs)}`),
  )
  const filtered = and(
    filter.modelId === null ? undefined : eq(tasks.modelId, filter.modelId),
    filter.status === null ? undefined : hasStatus(read, filter.status),
    filter.error === undefined
      ? undefined
      : or(holds(tasks.errorMessage, filter.error), holds(tasks.errorDetail, filter.error)),
    filter.isRefunded ? or(gt(tasks.creditsRefunded, 0), gt(tasks.creditsReturned, 0)) : undefined,
    filter.tookAboveMs === undefined
      ? undefined
      : gt(sql`${tasks.finishedAt} - ${tasks.createdAt}`, filter.tookAboveMs),
    filter.keyId === undefined && filter.text === undefined ? undefined : isOrderedSo(read, filter),
  )
  // Ids sort by age.
  const until = untilMs === null ? idAfterAll('task') : `task_${idTime(untilMs)}`
  const end = before !== null && before < until ? before : until
  if (filtered !== undefined) {
    const wanted = and(filtered, isOwners(read))
    const lookedAt = filter.text === undefined ? {} : { lookedAtMax: promptsLookedAtMax }
    const terms = { table: 'tasks', of, wanted, before: end, limit, ...lookedAt } as const
    const page = await filteredPage<TaskRow>(read, terms)
    return filter.text === undefined
      ? page
      : { ...page, rows: await withPrompt(read, page.rows, filter.text) }
  }
  const rows = await read
    .select()
    .from(tasks)
    .where(and(of, isOwners(read), lt(tasks.id, end)))
    .orderBy(desc(tasks.id))
    .limit(limit + 1)
  return cutPage(rows, limit)
}

/** An account's videos, without those that it deleted; newest first. A page may be short, like a filtered one. */
export async function listVideos(
  read: Connection,
  { accountId, before, limit }: Pick<TaskFilter, 'before' | 'limit'> & { readonly accountId: string },
): Promise<Page<TaskColumns>> {
  const { tasks } = read.tables
  return await filteredPage(read, {
    table: 'tasks',
    of: eq(tasks.accountId, accountId),
    wanted: and(eq(tasks.taskType, 'video'), isNull(tasks.deletedAt)),
    before: before ?? idAfterAll('task'),
    limit,
  })
}

/** Of the task's request, which is looked up for each of the bounded number of tasks. */
function isOrderedSo(read: Connection, { keyId, text }: Pick<TaskFilter, 'keyId' | 'text'>): SQL {
  const { tasks, requests } = read.tables
  const ofKey = keyId === undefined ? undefined : eq(requests.keyId, keyId)
  // The prompt stands in the order as JSON writes it, beside other texts: `withPrompt` looks closer.
  const ofText =
    text === undefined
      ? undefined
      : holds(sql`CAST(${requests.order} AS text)`, JSON.stringify(text).slice(1, -1))
  return exists(
    read
      .select({ one: sql`1` })
      .from(requests)
      .where(and(eq(requests.id, tasks.requestId), ofKey, ofText)),
  )
}

/** Those whose prompt holds the text; so a page may be short. */
async function withPrompt(read: Connection, rows: readonly TaskRow[], text: string): Promise<TaskRow[]> {
  const wanted = text.toLowerCase()
  const isSo = await Promise.all(
    rows.map(async ({ requestId }) => {
      const [request] = await requestById(read, { id: requestId })
      const prompt = request?.order['prompt']
      return typeof prompt === 'string' && prompt.toLowerCase().includes(wanted)
    }),
  )
  return rows.filter((_row, at) => isSo[at])
}

/** The condition that matches `statusOf`. */
function hasStatus(read: Connection, status: TaskStatus): SQL | undefined {
  const { tasks } = read.tables
  const states = inArray(tasks.state, [...statesOf(status)])
  if (status === 1) return and(states, eq(tasks.upstreamPending, true))
  if (status === 2) return and(states, or(eq(tasks.state, 'storing'), eq(tasks.upstreamPending, false)))
  return states
}

function columns(read: Connection) {
  const { tasks } = read.tables
  return {
    id: tasks.id,
    requestId: tasks.requestId,
    accountId: tasks.accountId,
    state: tasks.state,
    upstreamPending: tasks.upstreamPending,
    taskType: tasks.taskType,
    modelId: tasks.modelId,
    imageUrl: tasks.imageUrl,
    videoUrl: tasks.videoUrl,
    audioUrl: tasks.audioUrl,
    thumbnailUrl: tasks.thumbnailUrl,
    credits: tasks.credits,
    creditsRefunded: tasks.creditsRefunded,
    creditsReturned: tasks.creditsReturned,
    errorMessage: tasks.errorMessage,
    width: tasks.width,
    height: tasks.height,
    durationMs: tasks.durationMs,
    createdAt: tasks.createdAt,
    finishedAt: tasks.finishedAt,
    resultExpiresAt: tasks.resultExpiresAt,
    resultRemovedAt: tasks.resultRemovedAt,
    deletedAt: tasks.deletedAt,
    upstream: tasks.upstream,
    step: tasks.step,
  }
}

export const noSuchTask = () =>
  new GatewayError(
    'not_found',
    {
      en: 'There is no task with this id among those of your account.',
      zh: '您的账户下没有这个 id 的任务。',
    },
    { field: 'task_id' },
  )
