// What became of the orders that were sent to upstreams in one quarter of an hour, from the attempts of that time.
import { and, count, eq, gte, lt, sql } from '../../db/drizzle.ts'
import type { Connection } from '../../db/database.ts'
import { statement } from '../../db/statement.ts'
import { quarterMs } from '../../db/tables/bounds.ts'
import { idTime } from '../../ids.ts'
import { seenLetters } from './causes.ts'

interface AttemptCount {
  readonly upstream: string
  readonly state: string
  /** How its detail begins. */
  readonly seen: string
  readonly attempts: number
  /** Its newest attempt. */
  readonly last: string
}

interface WorkCount {
  readonly upstream: string
  readonly modelId: string
  readonly state: string
  /** From the order to the end; -1: it has not succeeded. */
  readonly seconds: number
  readonly works: number
}

export interface Quarter {
  readonly attempts: readonly AttemptCount[]
  readonly works: readonly WorkCount[]
}

/** Ids sort by age, so the attempts of a time are a range of the primary key. */
export async function readQuarter(read: Connection, quarter: number): Promise<Quarter> {
  const values = {
    since: `att_${idTime(quarter * quarterMs)}`,
    until: `att_${idTime((quarter + 1) * quarterMs)}`,
  }
  return { attempts: await attemptsOfTime(read, values), works: await worksOfTime(read, values) }
}

const attemptsOfTime = statement<AttemptCount>('attempts_of_time', (read) => {
  const { attempts, requests } = read.tables
  const seen = sql<string>`substr(coalesce(${attempts.detail}, ''), 1, ${sql.raw(String(seenLetters))})`
  return read
    .select({
      upstream: requests.upstream,
      state: attempts.state,
      seen: seen.as('seen'),
      attempts: count().as('attempts'),
      last: sql<string>`max(${attempts.id})`.as('last'),
    })
    .from(attempts)
    .innerJoin(requests, eq(requests.id, attempts.requestId))
    .where(and(gte(attempts.id, sql.placeholder('since')), lt(attempts.id, sql.placeholder('until'))))
    .groupBy(requests.upstream, attempts.state, seen)
})

/** Works of accepted orders, by the seconds that they took: few rows, from which medians are read. */
const worksOfTime = statement<WorkCount>('works_of_time', (read) => {
  const { attempts, tasks } = read.tables
  const seconds = sql`CASE WHEN ${tasks.state} = 'succeeded'
    THEN (${tasks.finishedAt} - ${attempts.startedAt}) / 1000 ELSE -1 END`.mapWith(Number)
  return read
    .select({
      upstream: tasks.upstream,
      modelId: tasks.modelId,
      state: tasks.state,
      seconds: seconds.as('seconds'),
      works: count().as('works'),
    })
    .from(attempts)
    .innerJoin(tasks, eq(tasks.requestId, attempts.requestId))
    .where(
      and(
        gte(attempts.id, sql.placeholder('since')),
        lt(attempts.id, sql.placeholder('until')),
        eq(attempts.state, 'accepted'),
        eq(tasks.cancelled, false),
      ),
    )
    .groupBy(tasks.upstream, tasks.modelId, tasks.state, seconds)
})

/** The newest attempts of causes, to say what was answered. */
export const attemptDetails = statement<{ detail: string | null; startedAt: number }>(
  'attempt_detail',
  (read) => {
    const { attempts } = read.tables
    return read
      .select({ detail: attempts.detail, startedAt: attempts.startedAt })
      .from(attempts)
      .where(eq(attempts.id, sql.placeholder('id')))
  },
)
