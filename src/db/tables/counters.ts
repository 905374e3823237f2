// Totals that would take a look at every row: triggers keep them, in the transaction that changes the rows.
import type { Kit } from '../sqlite/columns.ts'

export function defineCounters(kit: Kit) {
  /**
   * `accounts`; `tasks.STATE` and `orphans.REASON`: how many, those that were archived since included;
   * `entries.KIND`: the sum of their amounts.
   * A total that was never counted has no row and is 0.
   */
  const counters = kit.table('counters', {
    name: kit.text('name').primaryKey(),
    value: kit.integer('value').notNull(),
  })

  return { counters }
}
