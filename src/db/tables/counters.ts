// Totals that would take a look at every row: triggers keep them, in the transaction that changes the rows.
import type { Columns } from '../sqlite/columns.ts'

export function defineCounters(columns: Columns) {
  /**
   * `accounts`; `tasks.STATE` and `orphans.REASON`: how many, those that were archived since included;
   * `entries.KIND`: the sum of their amounts.
   * A total that was never counted has no row and is 0.
   */
  const counters = columns.table('counters', {
    name: columns.text('name').primaryKey(),
    value: columns.integer('value').notNull(),
  })

  return { counters }
}
