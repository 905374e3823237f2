// What a restored copy of the store cannot know, and what is found out later.
import type { Columns } from '../../sqlite/columns.ts'
import { mediaStores, oneOf } from '../enums.ts'

export function defineRestored(columns: Columns) {
  /** Attempts that the replaced store made after the copy, for orders that are not in the copy. */
  const forgottenAttempts = columns.table(
    'forgotten_attempts',
    {
      id: columns.text('id').primaryKey(),
      requestId: columns.text('request_id').notNull(),
      upstream: columns.text('upstream').notNull(),
      operation: columns.text('operation').notNull(),
      /** SHA-256 of the token in its callback URL. */
      callbackTokenHash: columns.text('callback_token_hash').notNull(),
      /** Credits charged for each task of its order. */
      credits: columns.integer('credits').notNull(),
      startedAt: columns.integer('started_at').notNull(),
    },
    (table) => [columns.index('forgotten_attempts_age').on(table.startedAt)],
  )

  /**
   * Upstream work reported by callbacks of such attempts: we may have to pay for it, but no task here belongs
   * to it.
   */
  const forgottenWorks = columns.table(
    'forgotten_works',
    {
      upstream: columns.text('upstream').notNull(),
      upstreamTaskId: columns.text('upstream_task_id').notNull(),
      attemptId: columns.text('attempt_id').notNull(),
      requestId: columns.text('request_id').notNull(),
      credits: columns.integer('credits').notNull(),
      createdAt: columns.integer('created_at').notNull(),
    },
    (table) => [
      columns.uniqueIndex('forgotten_works_once').on(table.upstream, table.upstreamTaskId),
      columns.index('forgotten_works_attempt').on(table.attemptId),
    ],
  )

  /**
   * Result files without a row in `media`, and when each was first seen: they are removed after a grace
   * period.
   */
  const strays = columns.table(
    'strays',
    {
      name: columns.text('name').primaryKey(),
      store: columns.choice('store', mediaStores).notNull(),
      seenAt: columns.integer('seen_at').notNull(),
    },
    (table) => [
      columns.check('strays_store', oneOf(table.store, mediaStores)),
      columns.index('strays_age').on(table.seenAt),
    ],
  )

  return { forgottenAttempts, forgottenWorks, strays }
}
