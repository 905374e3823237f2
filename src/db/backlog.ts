// What waits to be written.
import type { Backlog } from './database.ts'

interface Queued {
  /** Several if they are gathered. */
  readonly items: () => number
  /** Monotonic clock. */
  readonly addedAt: number
}

export function backlogOf(queue: readonly Queued[]): Backlog {
  const [oldest] = queue
  return {
    works: queue.reduce((sum, { items }) => sum + items(), 0),
    oldestMs: oldest ? performance.now() - oldest.addedAt : 0,
  }
}
