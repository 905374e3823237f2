// How things stand, in numbers: for the operator and for the metrics.
import { count, sql, sum } from '../db/drizzle.ts'
import type { Connection } from '../db/database.ts'
import { requestsQueuedBefore } from './overdue.ts'

export interface QueueDepth {
  readonly waiting: number
  readonly oldestCreatedAt: number | null
}

/** Requests that no upstream has taken yet: counted as they come and go, so it costs no scan. */
export async function queueDepth(read: Connection): Promise<QueueDepth> {
  const { queues } = read.tables
  let waiting = 0
  let oldestCreatedAt: number | null = null
  for (const queue of await read.select().from(queues)) {
    waiting += queue.waiting
    const createdBefore = Number.MAX_SAFE_INTEGER
    const [oldest] = await requestsQueuedBefore(read, { upstream: queue.upstream, createdBefore, limit: 1 })
    oldestCreatedAt = Math.min(oldest?.createdAt ?? Infinity, oldestCreatedAt ?? Infinity)
  }
  return { waiting, oldestCreatedAt: waiting === 0 ? null : oldestCreatedAt }
}

/** How many tasks have not ended; kept as a sum over accounts, so it costs no scan of tasks. */
export async function openTasks(read: Connection): Promise<number> {
  const { accounts } = read.tables
  const [row] = await read.select({ open: sum(accounts.tasksOpen).mapWith(Number) }).from(accounts)
  return row?.open ?? 0
}

export async function stats(read: Connection) {
  const { accounts, entries, tasks, orphans } = read.tables
  const [held] = await read
    .select({ accounts: count(), balance: sum(accounts.balance).mapWith(Number) })
    .from(accounts)
  const moved = await read
    .select({ kind: entries.kind, total: sum(entries.amount).mapWith(Number) })
    .from(entries)
    .groupBy(entries.kind)
  const total = (kind: string) => moved.find((row) => row.kind === kind)?.total ?? 0
  const states = await read
    .select({ state: tasks.state, count: sql`count(*)`.mapWith(Number) })
    .from(tasks)
    .groupBy(tasks.state)
  const lost = await read
    .select({ reason: orphans.reason, count: count() })
    .from(orphans)
    .groupBy(orphans.reason)
  const [charged, refunded] = [-total('charge'), total('refund')]
  return {
    accounts: held?.accounts ?? 0,
    credits: { balance: held?.balance ?? 0, charged, refunded, net: charged - refunded },
    tasks: tally(states, 'state'),
    orphans: tally(lost, 'reason'),
  }
}

function tally<Name extends string>(
  rows: readonly ({ count: number } & Record<Name, string>)[],
  name: Name,
): Record<string, number> {
  return Object.fromEntries(rows.map((row) => [row[name], row.count]))
}
