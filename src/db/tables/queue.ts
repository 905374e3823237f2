// The fair queue: decides which account's order is posted next. Triggers on requests maintain both tables.
import { sql } from '../drizzle.ts'
import type { Columns } from '../sqlite/columns.ts'
import type { AccountTables } from './accounts.ts'

/**
 * How far one order advances its account in virtual time. Accounts share the submit slots, and every order
 * takes one slot, however many outputs it has: so an order costs 1000 / weight, and every account has weight
 * 1.
 */
const orderStride = 1_000

export function defineQueue(columns: Columns, { accounts }: AccountTables) {
  /** One row for each upstream that ever got an order. */
  const queues = columns.table('queues', {
    upstream: columns.text('upstream').primaryKey(),
    /** The highest start tag that was posted; it never decreases. */
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
      /** The start tag of its next order, by which the queue is sorted; null while none may be posted. */
      startTag: columns.integer('start_tag'),
      /** When that order was made: with equal tags the older goes first. */
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
