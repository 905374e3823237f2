// What is remembered of time from one process to the next.
import type { Columns } from '../sqlite/columns.ts'

export function defineClock(columns: Columns) {
  /** One row. */
  const clock = columns.table('clock', {
    id: columns.integer('id').primaryKey(),
    /** The last time that was believed, and what the monotonic clock said then. */
    wallMs: columns.integer('wall_ms').notNull(),
    monotonicMs: columns.integer('monotonic_ms').notNull(),
    /** Which start of the machine the monotonic clock counts from. */
    boot: columns.text('boot').notNull(),
    /** When time was last set forward, and by how much. */
    steppedAt: columns.integer('stepped_at').notNull(),
    steppedByMs: columns.integer('stepped_by_ms').notNull(),
  })
  return { clock }
}
