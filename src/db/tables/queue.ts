// The fair queue: what decides whose order is posted next. Triggers on requests keep both tables true.
import { sql } from '../drizzle.ts'
import type { Kit } from '../sqlite/columns.ts'
import type { AccountTables } from './accounts.ts'

/**
 * How far one order moves its account on in virtual time. The submit slot is what accounts share, and every order
 * takes one, however many outputs it has: so an order costs 1000 / weight, and every account has the weight 1.
 */
const orderStride = 1_000

export function defineQueue(kit: Kit, { accounts }: AccountTables) {
  /** One row for each upstream that was ever ordered from. */
  const queues = kit.table('queues', {
    upstream: kit.text('upstream').primaryKey(),
    /** The highest start tag that was posted; it never goes back. */
    virtualTime: kit.integer('virtual_time').notNull(),
    /** Queued requests, paused ones included. */
    waiting: kit.integer('waiting').notNull(),
  })

  /** The orders of one account for one upstream: a flow, in the words of start-time fair queueing. */
  const queueFlows = kit.table(
    'queue_flows',
    {
      upstream: kit.text('upstream').notNull(),
      accountId: kit
        .text('account_id')
        .notNull()
        .references(() => accounts.id),
      /** Queued requests, paused ones included. */
      waiting: kit.integer('waiting').notNull(),
      /** The start tag of the order after the last one that was posted. */
      finishTag: kit.integer('finish_tag').notNull(),
      /** Of its next order, which the queue is sorted by; null while none may be posted. */
      startTag: kit.integer('start_tag'),
      /** When that order was made: the older goes first where tags are equal. */
      since: kit.integer('since'),
      stride: kit.integer('stride').notNull().default(orderStride),
    },
    (table) => [
      kit.check('queue_flows_stride', sql`${table.stride} > 0`),
      kit.uniqueIndex('queue_flows_account').on(table.upstream, table.accountId),
      kit
        .index('queue_flows_next')
        .on(table.upstream, table.startTag, table.since)
        .where(sql`${table.startTag} IS NOT NULL`),
    ],
  )

  return { queues, queueFlows }
}
