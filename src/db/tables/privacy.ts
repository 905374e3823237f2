// What is known of texts that were removed: how far, which stay for now, and which accounts were erased.
import { sql } from '../drizzle.ts'
import type { Columns } from '../sqlite/columns.ts'

export function definePrivacy(columns: Columns) {
  /** One row, once texts were removed: every older request was looked at. */
  const textRemovals = columns.table('text_removals', {
    id: columns.integer('id').primaryKey(),
    /** The last request that was looked at. */
    after: columns.text('after').notNull(),
  })

  /** Requests that were looked at while something still needed their texts, and when to look again. */
  const heldTexts = columns.table(
    'held_texts',
    {
      requestId: columns.text('request_id').primaryKey(),
      dueAt: columns.integer('due_at').notNull(),
    },
    (table) => [columns.index('held_texts_due').on(table.dueAt)],
  )

  /**
   * The accounts that were erased, for ever; also those that a restored copy lacks, so there is no reference. A loop
   * goes through what they left, stage by stage.
   */
  const erasures = columns.table(
    'erasures',
    {
      accountId: columns.text('account_id').primaryKey(),
      begunAt: columns.integer('begun_at').notNull(),
      /** The number of the stage that is under way. */
      stage: columns.integer('stage').notNull(),
      /** How far it has come: the last id. */
      after: columns.text('after').notNull(),
      /** Null: something is left. */
      finishedAt: columns.integer('finished_at'),
    },
    (table) => [
      columns.index('erasures_begun').on(table.begunAt, table.accountId),
      columns
        .index('erasures_open')
        .on(table.begunAt)
        .where(sql`${table.finishedAt} IS NULL`),
    ],
  )

  return { textRemovals, heldTexts, erasures }
}
