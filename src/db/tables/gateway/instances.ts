// The gateways that serve the store at the same time, and what they have to agree on.
import type { Columns } from '../../sqlite/columns.ts'
import type { AccountTables } from '../accounts.ts'

export function defineInstances(columns: Columns, { accounts }: AccountTables) {
  /**
   * One row for each gateway beside which others may serve: what a gateway without a row had claimed is free. A
   * gateway that is alone on its store has none.
   */
  const instances = columns.table('instances', {
    id: columns.text('id').primaryKey(),
    /** For operators: process and host. */
    name: columns.text('name').notNull(),
    startedAt: columns.integer('started_at').notNull(),
    /** When it last said that it works. */
    beatAt: columns.integer('beat_at').notNull(),
  })

  /** Keys of upstreams that answered 429 to one instance and that all of them leave alone until then. */
  const keyPauses = columns.table('key_pauses', {
    /** The upstream, and the fingerprint of the key, which does not reveal it. */
    key: columns.text('key').primaryKey(),
    pausedUntil: columns.integer('paused_until').notNull(),
  })

  /** How many requests of an account the instances have let in, or may let in, within its present minute. */
  const requestCounts = columns.table('request_counts', {
    accountId: columns
      .text('account_id')
      .primaryKey()
      .references(() => accounts.id),
    endsAt: columns.integer('ends_at').notNull(),
    taken: columns.integer('taken').notNull(),
  })

  /** The same for keys that have a limit of their own. */
  const keyRequestCounts = columns.table('key_request_counts', {
    keyId: columns.text('key_id').primaryKey(),
    endsAt: columns.integer('ends_at').notNull(),
    taken: columns.integer('taken').notNull(),
  })

  /**
   * Who has claimed the polls that are due at that time, which is their lease: one row for each claim, where other
   * gateways may serve. In the rows of the tasks it would be written with every poll.
   */
  const pollClaims = columns.table(
    'poll_claims',
    {
      leaseEndsAt: columns.integer('lease_ends_at').notNull(),
      holder: columns.text('holder').notNull(),
    },
    (table) => [columns.uniqueIndex('poll_claims_once').on(table.leaseEndsAt, table.holder)],
  )

  return { instances, keyPauses, requestCounts, keyRequestCounts, pollClaims }
}
