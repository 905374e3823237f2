// What one process remembers of the time for the next.
import type { Columns } from '../../sqlite/columns.ts'

export function defineClock(columns: Columns) {
  /** One row. */
  const clock = columns.table('clock', {
    id: columns.integer('id').primaryKey(),
    /** The last trusted time, and the monotonic clock at that moment. */
    wallMs: columns.integer('wall_ms').notNull(),
    monotonicMs: columns.integer('monotonic_ms').notNull(),
    /** The machine boot from which the monotonic clock counts. */
    boot: columns.text('boot').notNull(),
    /** When time was last set forward, and by how much. */
    steppedAt: columns.integer('stepped_at').notNull(),
    steppedByMs: columns.integer('stepped_by_ms').notNull(),
  })
  return { clock }
}
