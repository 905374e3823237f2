// Results to store ourselves, their stored files, and customers' uploaded images.
import { sql } from '../drizzle.ts'
import type { Columns } from '../sqlite/columns.ts'
import type { AccountTables } from './accounts.ts'
import type { TaskTables } from './tasks.ts'
import { mediaParts, mediaStates, mediaStores, oneOf } from './enums.ts'

export function defineMedia(columns: Columns, { accounts }: AccountTables, { tasks }: TaskTables) {
  /**
   * Tasks whose result is not fully stored yet: a row is deleted when all of it is, or when nothing more can
   * be done.
   */
  const keeps = columns.table(
    'keeps',
    {
      taskId: columns
        .text('task_id')
        .primaryKey()
        .references(() => tasks.id),
      /** When to try next; during a try: when the worker counts as dead. */
      dueAt: columns.integer('due_at').notNull(),
      triesMade: columns.integer('tries_made').notNull(),
      /** Until when the task waits for it in `storing`; null once it has ended. */
      waitsUntil: columns.integer('waits_until'),
      /** When the upstream deletes its files. */
      expiresAt: columns.integer('expires_at').notNull(),
      /** During a try: the instance that makes it; null if that is alone on its store. */
      holder: columns.text('holder'),
    },
    (table) => [
      columns.index('keeps_due').on(table.dueAt),
      columns
        .index('keeps_waiting')
        .on(table.waitsUntil)
        .where(sql`${table.waitsUntil} IS NOT NULL`),
      columns
        .index('keeps_held')
        .on(table.holder)
        .where(sql`${table.holder} IS NOT NULL`),
    ],
  )

  /** A row is inserted before its file is written, and deleted after it: no file is ever forgotten. */
  const media = columns.table(
    'media',
    {
      /** Its name in the store and in our URL. */
      name: columns.text('name').primaryKey(),
      taskId: columns
        .text('task_id')
        .notNull()
        .references(() => tasks.id),
      part: columns.choice('part', mediaParts).notNull(),
      store: columns.choice('store', mediaStores).notNull(),
      /** Only what is `kept` is served. */
      state: columns.choice('state', mediaStates).notNull(),
      contentType: columns.text('content_type').notNull(),
      bytes: columns.integer('bytes').notNull(),
      createdAt: columns.integer('created_at').notNull(),
      /** When its writer counts as gone, when it was kept long enough, or when to try again to remove it. */
      dueAt: columns.integer('due_at').notNull(),
    },
    (table) => [
      columns.check('media_part', oneOf(table.part, mediaParts)),
      columns.check('media_store', oneOf(table.store, mediaStores)),
      columns.check('media_state', oneOf(table.state, mediaStates)),
      columns.index('media_due').on(table.dueAt),
      columns.index('media_task').on(table.taskId),
    ],
  )

  /**
   * Images uploaded by customers and referenced in orders by our URL, always on disk; same row lifecycle as
   * in `media`.
   */
  const uploads = columns.table(
    'uploads',
    {
      name: columns.text('name').primaryKey(),
      accountId: columns
        .text('account_id')
        .notNull()
        .references(() => accounts.id),
      /** Only what is `kept` is served. */
      state: columns.choice('state', mediaStates).notNull(),
      contentType: columns.text('content_type').notNull(),
      bytes: columns.integer('bytes').notNull(),
      createdAt: columns.integer('created_at').notNull(),
      /** When its writer counts as gone, when it was kept long enough, or when to try again to remove it. */
      dueAt: columns.integer('due_at').notNull(),
    },
    (table) => [
      columns.check('uploads_state', oneOf(table.state, mediaStates)),
      columns.index('uploads_due').on(table.dueAt),
      // A covering index for all queries about an account's uploads.
      columns.index('uploads_account').on(table.accountId, table.dueAt, table.bytes),
    ],
  )

  return { keeps, media, uploads }
}
