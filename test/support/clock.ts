// A clock that stands still until a test turns it.
import type { Clock } from '../../src/clock.ts'

export interface ManualClock extends Clock {
  /** Moves time on and wakes whoever has slept long enough. */
  advance(ms: number): void
}

interface Sleeper {
  readonly wakesAt: number
  wake(): void
}

/** Some day, so that times in a failed test are told apart from real ones. */
const startMsDefault = Date.UTC(2030, 0, 1)

export function manualClock(startMs = startMsDefault): ManualClock {
  let nowMs = startMs
  const sleepers = new Set<Sleeper>()
  return {
    now: () => nowMs,
    async sleep(ms, signal) {
      if (ms <= 0 || signal?.aborted) return
      await new Promise<void>((resolve) => {
        const sleeper: Sleeper = { wakesAt: nowMs + ms, wake }
        function wake(): void {
          sleepers.delete(sleeper)
          signal?.removeEventListener('abort', wake)
          resolve()
        }
        sleepers.add(sleeper)
        signal?.addEventListener('abort', wake, { once: true })
      })
    },
    advance(ms) {
      nowMs += ms
      for (const sleeper of sleepers) if (sleeper.wakesAt <= nowMs) sleeper.wake()
    },
  }
}
