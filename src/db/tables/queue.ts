// The fair queue: what decides whose order is posted next. Triggers on requests keep both tables true.
import { sql } from '../drizzle.ts'
import type { Columns } from '../sqlite/columns.ts'
import type { AccountTables } from './accounts.ts'

/**
 * How far one order moves its account on in virtual time. The submit slot is what accounts share, and every order
 * takes one, however many outputs it has: so an order costs 1000 / weight, and every account has the weight 1.
 */
const orderStride = 1_000

export function defineQueue(columns: Columns, { accounts }: AccountTables) {
  /** One row for each upstream that was ever ordered from. */
  const queues = columns.table('queues', {
    upstream: columns.text('upstream').primaryKey(),
    /** The highest start tag that was posted; it never goes back. */
    virtualTime: columns.integer('virtual_time').notNull(),
    /** Queued requests, paused ones included. */
    waiting: columns.integer('waiting').notNull(),
  })

  /** The orders of one account for one upstream: a flow, in the words of start-time fair queueing. */
  const queueFlows = columns.table(
    'queue_flows',
    {
      upstream: columns.text('upstream').notNull(),
      accountId: columns
        .text('account_id')
        .notNull()
        .references(() => accounts.id),
      /** Queued requests, paused ones included. */
      waiting: columns.integer('waiting').notNull(),
      /** The start tag of the order after the last one that was posted. */
      finishTag: columns.integer('finish_tag').notNull(),
      /** Of its next order, which the queue is sorted by; null while none may be posted. */
      startTag: columns.integer('start_tag'),
      /** When that order was made: the older goes first where tags are equal. */
      since: columns.integer('since'),
      stride: columns.integer('stride').notNull().default(orderStride),
    },
    (table) => [
      columns.check('queue_flows_stride', sql`${table.stride} > 0`),
      columns.uniqueIndex('queue_flows_account').on(table.upstream, table.accountId),
      columns
        .index('queue_flows_next')
        .on(table.upstream, table.startTag, table.since)
        .where(sql`${table.startTag} IS NOT NULL`),
    ],
  )

  return { queues, queueFlows }
}
