// A clock that stands still until a test turns it.
import type { Clock } from '../../src/clock.ts'

export interface ManualClock extends Clock {
  /** Moves time on and wakes whoever has slept long enough. */
  advance(ms: number): void
  /** Sets the wall clock forward, or back, while no time passes. */
  setWall(byMs: number): void
  /** The machine starts anew: its monotonic clock begins again. */
  reboot(): void
}

interface Sleeper {
  readonly wakesAt: number
  wake(): void
}

/** Some day, so that times in a failed test are told apart from real ones. */
const startMsDefault = Date.UTC(2030, 0, 1)

export function manualClock(startMs = startMsDefault): ManualClock {
  let nowMs = startMs
  let monotonicMs = 1_000_000
  let boots = 1
  const sleepers = new Set<Sleeper>()
  return {
    now: () => nowMs,
    monotonic: () => monotonicMs,
    get boot() {
      return `boot ${boots}`
    },
    async sleep(ms, signal) {
      if (ms <= 0 || signal?.aborted) return
      await new Promise<void>((resolve) => {
        const sleeper: Sleeper = { wakesAt: monotonicMs + ms, wake }
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
      monotonicMs += ms
      for (const sleeper of sleepers) if (sleeper.wakesAt <= monotonicMs) sleeper.wake()
    },
    setWall(byMs) {
      nowMs += byMs
    },
    reboot() {
      boots += 1
      monotonicMs = 0
    },
  }
}
