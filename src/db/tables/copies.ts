// When the store was last copied, so that one that nobody copies is noticed.
import type { Columns } from '../sqlite/columns.ts'

export function defineCopies(columns: Columns) {
  /** One row, once a copy was made. */
  const copies = columns.table('copies', {
    id: columns.integer('id').primaryKey(),
    madeAt: columns.integer('made_at').notNull(),
  })

  return { copies }
}
