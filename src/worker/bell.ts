// A bell for loops that sleep: rung while one is awake, it is still heard when that one lies down.
import type { Clock } from '../clock.ts'

export interface Bell {
  ring(): void
  /** An ear for one loop. */
  listen(): Ear
}

export interface Ear {
  /** Resolves when the bell has rung since this ear's last wait, or after `ms`. */
  wait(ms: number, clock: Clock): Promise<void>
}

export function createBell(): Bell {
  let rings = 0
  const sleepers = new Set<AbortController>()
  return {
    ring() {
      rings += 1
      for (const sleeper of sleepers) sleeper.abort()
    },
    listen() {
      let heard = rings
      return {
        async wait(ms, clock) {
          if (heard === rings) {
            const sleeper = new AbortController()
            sleepers.add(sleeper)
            await clock.sleep(ms, sleeper.signal)
            sleepers.delete(sleeper)
          }
          heard = rings
        },
      }
    },
  }
}
