// Results that are to be kept by us, and the files that they became; pictures of customers that we keep.
import { sql } from '../drizzle.ts'
import type { Kit } from '../sqlite/columns.ts'
import type { AccountTables } from './accounts.ts'
import type { TaskTables } from './tasks.ts'
import { mediaParts, mediaStates, mediaStores, oneOf } from './enums.ts'

export function defineMedia(kit: Kit, { accounts }: AccountTables, { tasks }: TaskTables) {
  /** Tasks whose result is not kept yet: a row goes when all of it is, or when nothing more can be done. */
  const keeps = kit.table(
    'keeps',
    {
      taskId: kit
        .text('task_id')
        .primaryKey()
        .references(() => tasks.id),
      /** When to try; while somebody does, when he counts as gone. */
      dueAt: kit.integer('due_at').notNull(),
      triesMade: kit.integer('tries_made').notNull(),
      /** Until when the task waits for it in `storing`; null once it has ended. */
      waitsUntil: kit.integer('waits_until'),
      /** When the upstream forgets its files. */
      expiresAt: kit.integer('expires_at').notNull(),
    },
    (table) => [
      kit.index('keeps_due').on(table.dueAt),
      kit
        .index('keeps_waiting')
        .on(table.waitsUntil)
        .where(sql`${table.waitsUntil} IS NOT NULL`),
    ],
  )

  /** A row stands here before its file does, and goes after it: no file is ever forgotten. */
  const media = kit.table(
    'media',
    {
      /** What it is called in its store and in our URL. */
      name: kit.text('name').primaryKey(),
      taskId: kit
        .text('task_id')
        .notNull()
        .references(() => tasks.id),
      part: kit.choice('part', mediaParts).notNull(),
      store: kit.choice('store', mediaStores).notNull(),
      /** Only what is `kept` is served. */
      state: kit.choice('state', mediaStates).notNull(),
      contentType: kit.text('content_type').notNull(),
      bytes: kit.integer('bytes').notNull(),
      createdAt: kit.integer('created_at').notNull(),
      /** When its writer counts as gone, when it was kept long enough, or when to try again to remove it. */
      dueAt: kit.integer('due_at').notNull(),
    },
    (table) => [
      kit.check('media_part', oneOf(table.part, mediaParts)),
      kit.check('media_store', oneOf(table.store, mediaStores)),
      kit.check('media_state', oneOf(table.state, mediaStates)),
      kit.index('media_due').on(table.dueAt),
      kit.index('media_task').on(table.taskId),
    ],
  )

  /** Pictures that customers uploaded and that orders name by our URL, always on the disk; rows come and go as those of `media`. */
  const uploads = kit.table(
    'uploads',
    {
      name: kit.text('name').primaryKey(),
      accountId: kit
        .text('account_id')
        .notNull()
        .references(() => accounts.id),
      /** Only what is `kept` is served. */
      state: kit.choice('state', mediaStates).notNull(),
      contentType: kit.text('content_type').notNull(),
      bytes: kit.integer('bytes').notNull(),
      createdAt: kit.integer('created_at').notNull(),
      /** When its writer counts as gone, when it was kept long enough, or when to try again to remove it. */
      dueAt: kit.integer('due_at').notNull(),
    },
    (table) => [
      kit.check('uploads_state', oneOf(table.state, mediaStates)),
      kit.index('uploads_due').on(table.dueAt),
      // Holds all that is asked of an account's uploads together.
      kit.index('uploads_account').on(table.accountId, table.dueAt, table.bytes),
    ],
  )

  return { keeps, media, uploads }
}
