// Totals that would need a full scan: triggers maintain them in the transaction that changes the rows.
import type { Columns } from '../../sqlite/columns.ts'

export function defineCounters(columns: Columns) {
  /**
   * `accounts`; `tasks.STATE` and `orphans.REASON`: the number of rows, including archived ones;
   * `entries.KIND`: the sum of their amounts. A total that was never counted has no row and is 0.
   */
  const counters = columns.table('counters', {
    name: columns.text('name').primaryKey(),
    value: columns.integer('value').notNull(),
  })

  return { counters }
}
