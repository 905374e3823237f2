// What an older copy of the store cannot know, and what is learnt of it afterwards.
import type { Kit } from '../sqlite/columns.ts'
import { mediaStores, oneOf } from './enums.ts'

export function defineRestored(kit: Kit) {
  /** Attempts that the replaced store had made after the copy, for orders that the copy does not hold. */
  const forgottenAttempts = kit.table(
    'forgotten_attempts',
    {
      id: kit.text('id').primaryKey(),
      requestId: kit.text('request_id').notNull(),
      upstream: kit.text('upstream').notNull(),
      operation: kit.text('operation').notNull(),
      /** SHA-256 of the token in its callback URL. */
      callbackTokenHash: kit.text('callback_token_hash').notNull(),
      /** What each task of its order had been charged. */
      credits: kit.integer('credits').notNull(),
      startedAt: kit.integer('started_at').notNull(),
    },
    (table) => [kit.index('forgotten_attempts_age').on(table.startedAt)],
  )

  /** Work upstream that callbacks of such attempts told of: it may be paid for, and no task here stands for it. */
  const forgottenWorks = kit.table(
    'forgotten_works',
    {
      upstream: kit.text('upstream').notNull(),
      upstreamTaskId: kit.text('upstream_task_id').notNull(),
      attemptId: kit.text('attempt_id').notNull(),
      requestId: kit.text('request_id').notNull(),
      credits: kit.integer('credits').notNull(),
      createdAt: kit.integer('created_at').notNull(),
    },
    (table) => [
      kit.uniqueIndex('forgotten_works_once').on(table.upstream, table.upstreamTaskId),
      kit.index('forgotten_works_attempt').on(table.attemptId),
    ],
  )

  /** Files of results without a row in `media`, and when that was first seen: they are removed after a grace. */
  const strays = kit.table(
    'strays',
    {
      name: kit.text('name').primaryKey(),
      store: kit.choice('store', mediaStores).notNull(),
      seenAt: kit.integer('seen_at').notNull(),
    },
    (table) => [
      kit.check('strays_store', oneOf(table.store, mediaStores)),
      kit.index('strays_age').on(table.seenAt),
    ],
  )

  return { forgottenAttempts, forgottenWorks, strays }
}
