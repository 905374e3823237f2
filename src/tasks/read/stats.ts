// Counts for the operator and for the metrics.
import type { Connection } from '../../db/database.ts'
import { statement } from '../../db/statement.ts'
import { entryKinds, openStates, orphanReasons, taskStates } from '../../db/tables.ts'
import { requestsQueuedBefore } from '../rescue/overdue.ts'

export interface QueueDepth {
  readonly waiting: number
  /** Since when the oldest of them waits. */
  readonly oldestSince: number | null
}

/** Requests that no upstream has taken yet: counters that triggers maintain, so this needs no scan. */
export async function queueDepth(read: Connection): Promise<QueueDepth> {
  const { queues } = read.tables
  let waiting = 0
  let oldestSince: number | null = null
  for (const queue of await read.select().from(queues)) {
    waiting += queue.waiting
    const createdBefore = Number.MAX_SAFE_INTEGER
    const [oldest] = await requestsQueuedBefore(read, { upstream: queue.upstream, createdBefore, limit: 1 })
    // An order whose first frame took long has not waited here for all that time.
    const since = oldest?.readyAt ?? oldest?.createdAt ?? Infinity
    oldestSince = Math.min(since, oldestSince ?? Infinity)
  }
  return { waiting, oldestSince: waiting === 0 ? null : oldestSince }
}

/** How many tasks have not ended. */
export async function openTasks(read: Connection): Promise<number> {
  const counted = await counters(read)
  return openStates.reduce((sum, state) => sum + counted(`tasks.${state}`), 0)
}

/** Totals over all accounts, from counters that triggers maintain: no rows are counted here. */
export async function stats(read: Connection) {
  const counted = await counters(read)
  // With what the operator has corrected, as reports count them.
  const charged = -counted('entries.charge') - counted('entries.recharge')
  const refunded = counted('entries.refund') + counted('entries.manual_refund')
  return {
    accounts: counted('accounts'),
    credits: {
      balance: entryKinds.reduce((sum, kind) => sum + counted(`entries.${kind}`), 0),
      charged,
      refunded,
      net: charged - refunded,
    },
    tasks: tally(taskStates, (state) => counted(`tasks.${state}`)),
    orphans: tally([...orphanReasons, 'forgotten'], (reason) => counted(`orphans.${reason}`)),
  }
}

async function counters(read: Connection): Promise<(name: string) => number> {
  const values = new Map((await allCounters(read, {})).map(({ name, value }) => [name, value]))
  return (name) => values.get(name) ?? 0
}

const allCounters = statement<{ name: string; value: number }>('all_counters', (read) =>
  read.select().from(read.tables.counters),
)

/** The counts that are not zero. */
function tally<Word extends string>(
  words: readonly Word[],
  counted: (word: Word) => number,
): Record<string, number> {
  const totals: Record<string, number> = {}
  for (const word of words) if (counted(word) !== 0) totals[word] = counted(word)
  return totals
}
