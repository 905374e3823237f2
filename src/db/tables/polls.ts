// What changes while a task runs, apart from the task: a narrow row that every poll rewrites.
import type { Columns } from '../sqlite/columns.ts'

export function definePolls(columns: Columns) {
  /**
   * One row for each running task; a trigger deletes it when the task no longer runs. It has no foreign key: checking
   * it would lock the task's row with each insert, and only ended tasks are removed.
   */
  const polls = columns.table(
    'polls',
    {
      taskId: columns.text('task_id').primaryKey(),
      /** When to ask the upstream next; during a poll: when it may be claimed again. */
      dueAt: columns.integer('due_at').notNull(),
      pollsMade: columns.integer('polls_made').notNull(),
      /** Consecutive polls that reported the task as missing. */
      missingInRow: columns.integer('missing_in_row').notNull(),
      /** Polls past the limit that decided nothing. */
      lastLooks: columns.integer('last_looks').notNull(),
    },
    (table) => [columns.index('polls_due').on(table.dueAt)],
  )

  return { polls }
}
