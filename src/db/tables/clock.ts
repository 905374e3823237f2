// What is remembered of time from one process to the next.
import type { Kit } from '../sqlite/columns.ts'

export function defineClock(kit: Kit) {
  /** One row. */
  const clock = kit.table('clock', {
    id: kit.integer('id').primaryKey(),
    /** The last time that was believed, and what the monotonic clock said then. */
    wallMs: kit.integer('wall_ms').notNull(),
    monotonicMs: kit.integer('monotonic_ms').notNull(),
    /** Which start of the machine the monotonic clock counts from. */
    boot: kit.text('boot').notNull(),
    /** When time was last set forward, and by how much. */
    steppedAt: kit.integer('stepped_at').notNull(),
    steppedByMs: kit.integer('stepped_by_ms').notNull(),
  })
  return { clock }
}
