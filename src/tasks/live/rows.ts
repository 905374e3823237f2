// What tasks show of their state, for those who follow many of them at once.
import { and, desc, eq, gte, inArray, isNull, sql } from '../../db/drizzle.ts'
import type { Connection } from '../../db/database.ts'
import { statement } from '../../db/statement.ts'
import { idAfterAll, idTime } from '../../ids.ts'
import { isOwners } from '../first-frame/rows.ts'
import type { TaskRow } from '../store.ts'

export type LiveRow = Pick<
  TaskRow,
  'id' | 'requestId' | 'accountId' | 'state' | 'upstreamPending' | 'createdAt' | 'finishedAt'
>

/** An account's open tasks, at most: beyond it each is asked for by its id. */
const openMax = 2_000
/** Rows by age: the most that one statement reads. */
export const newestMax = 1_000
const byIdMax = 100

function columns(read: Connection) {
  const { id, requestId, accountId, state, upstreamPending, createdAt, finishedAt } = read.tables.tasks
  return { id, requestId, accountId, state, upstreamPending, createdAt, finishedAt }
}

export const openRows = statement<LiveRow>('live_open_of_account', (read) => {
  const { tasks } = read.tables
  return read
    .select(columns(read))
    .from(tasks)
    .where(and(eq(tasks.accountId, sql.placeholder('accountId')), isNull(tasks.finishedAt), isOwners(read)))
    .limit(openMax)
})

/** Made at or after the id `from`. */
const newestOfAccount = statement<LiveRow>('live_newest_of_account', (read) => {
  const { tasks } = read.tables
  return read
    .select(columns(read))
    .from(tasks)
    .where(
      and(
        eq(tasks.accountId, sql.placeholder('accountId')),
        gte(tasks.id, sql.placeholder('from')),
        isOwners(read),
      ),
    )
    .orderBy(desc(tasks.id))
    .limit(newestMax)
})

const newestOfAll = statement<LiveRow>('live_newest_of_all', (read) => {
  const { tasks } = read.tables
  return read
    .select(columns(read))
    .from(tasks)
    .where(and(gte(tasks.id, sql.placeholder('from')), isOwners(read)))
    .orderBy(desc(tasks.id))
    .limit(newestMax)
})

/** Newest first, up to `newestMax`. `accountId`: null for those of all. */
export const newestRows = (
  read: Connection,
  accountId: string | null,
  sinceMs: number,
): LiveRow[] | Promise<LiveRow[]> => {
  const from = `task_${idTime(sinceMs)}`
  return accountId === null ? newestOfAll(read, { from }) : newestOfAccount(read, { accountId, from })
}

const someById = statement<LiveRow>('live_by_id', (read) => {
  const { tasks } = read.tables
  const ids = Array.from({ length: byIdMax }, (_, at) => sql.placeholder(`id${at}`))
  return read.select(columns(read)).from(tasks).where(inArray(tasks.id, ids))
})

export async function rowsById(read: Connection, ids: readonly string[]): Promise<LiveRow[]> {
  const rows: LiveRow[] = []
  for (let at = 0; at < ids.length; at += byIdMax) {
    if (at > 0) await new Promise((resolve) => setImmediate(resolve))
    // Unused placeholders get an id that no task has.
    const some = Array.from({ length: byIdMax }, (_, n) => [`id${n}`, ids[at + n] ?? idAfterAll('task')])
    rows.push(...(await someById(read, Object.fromEntries(some) as Record<string, string>)))
  }
  return rows
}
