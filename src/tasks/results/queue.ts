// Picks the results to fetch next: the longest overdue first, but no account and no host takes all slots.
import { and, asc, eq, gte, isNotNull, lte, sql } from '../../db/drizzle.ts'
import type { Connection } from '../../db/database.ts'
import { statement } from '../../db/statement.ts'
import { createShares } from '../../shares.ts'

/** Each has a connection and a file open, and shares the bandwidth with the others. */
export const downloadsMax = 32
/** One account alone gets half of all slots, one host two thirds: mostly all results come from one host. */
const perFree = { account: 1, host: 2 }
/** Rows per read, and reads per claim; the next claim continues where this one ended. */
const rowsAtOnce = 250
const looksMax = 4

export interface ResultQueue {
  /** Up to `max` due results whose account and host have slots left; each holds its slots until `release`. */
  pick(read: Connection, options: PickOptions): Promise<Picked>
  release(taskId: string): void
}

interface PickOptions {
  readonly nowMs: number
  readonly max: number
  /** `waiting`: only results that their task waits for; all by default. */
  readonly which?: 'all' | 'waiting'
}

export interface Picked {
  readonly taskIds: string[]
  /** Whether due results are left that were not read. */
  readonly more: boolean
}

interface DueRow {
  readonly taskId: string
  readonly dueAt: number
  readonly accountId: string
  readonly imageUrl: string | null
  readonly videoUrl: string | null
}

const start = { dueAt: Number.MIN_SAFE_INTEGER, skip: 0 }

export function createResultQueue(places = downloadsMax): ResultQueue {
  const accounts = createShares({ max: places, perFree: perFree.account })
  const hosts = createShares({ max: places, perFree: perFree.host })
  const taken = new Map<string, () => void>()
  /** Where the last claim ended; `skip` counts the rows with this due time that were read. */
  let from = start

  const take = (row: DueRow): boolean => {
    const host = hostOf(row)
    if (taken.has(row.taskId) || !accounts.mayTake(row.accountId) || !hosts.mayTake(host)) return false
    const leaves = [accounts.take(row.accountId), hosts.take(host)]
    taken.set(row.taskId, () => {
      for (const leave of leaves) leave()
    })
    return true
  }

  return {
    async pick(read, { nowMs, max, which = 'all' }) {
      if (which === 'waiting') {
        const waiting: string[] = []
        for (const row of await keepsDueWaiting(read, { nowMs, limit: rowsAtOnce })) {
          if (waiting.length < max && take(row)) waiting.push(row.taskId)
        }
        return { taskIds: waiting, more: false }
      }
      const taskIds: string[] = []
      const began = from
      let hasWrapped = false
      for (let looks = 0; looks < looksMax; looks += 1) {
        const rows = await keepsDue(read, { nowMs, ...from, limit: rowsAtOnce })
        for (const row of rows) {
          from = row.dueAt === from.dueAt ? { ...from, skip: from.skip + 1 } : { dueAt: row.dueAt, skip: 1 }
          if (take(row)) taskIds.push(row.taskId)
          if (taskIds.length === max) return { taskIds, more: false }
        }
        if (rows.length === rowsAtOnce) continue
        // Wrap around once: earlier claims read the rows before `began` when fewer slots were free.
        from = start
        if (began === start || hasWrapped) return { taskIds, more: false }
        hasWrapped = true
      }
      return { taskIds, more: true }
    },
    release(taskId) {
      taken.get(taskId)?.()
      taken.delete(taskId)
    },
  }
}

function keepsWithTasks(read: Connection) {
  const { keeps, tasks } = read.tables
  const { accountId, imageUrl, videoUrl } = tasks
  return read
    .select({ taskId: keeps.taskId, dueAt: keeps.dueAt, accountId, imageUrl, videoUrl })
    .from(keeps)
    .innerJoin(tasks, eq(tasks.id, keeps.taskId))
}

const keepsDue = statement<DueRow>('keeps_due', (read) => {
  const { keeps } = read.tables
  return keepsWithTasks(read)
    .where(and(gte(keeps.dueAt, sql.placeholder('dueAt')), lte(keeps.dueAt, sql.placeholder('nowMs'))))
    .orderBy(asc(keeps.dueAt))
    .limit(sql.placeholder('limit'))
    .offset(sql.placeholder('skip'))
})

const keepsDueWaiting = statement<DueRow>('keeps_due_waiting', (read) => {
  const { keeps } = read.tables
  return keepsWithTasks(read)
    .where(and(isNotNull(keeps.waitsUntil), lte(keeps.dueAt, sql.placeholder('nowMs'))))
    .limit(sql.placeholder('limit'))
})

function hostOf({ imageUrl, videoUrl }: DueRow): string {
  const url = videoUrl ?? imageUrl ?? ''
  return URL.canParse(url) ? new URL(url).host : ''
}
