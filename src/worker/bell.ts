// A bell for a loop that sleeps: rung while it is awake, it is still heard when it lies down.
import type { Clock } from '../clock.ts'

export interface Bell {
  ring(): void
  /** Resolves when the bell has been rung since the last wait, or after `ms`, or at the signal. */
  wait(ms: number, clock: Clock, signal: AbortSignal): Promise<void>
}

export function createBell(): Bell {
  let rung = false
  let awaken: AbortController | null = null
  return {
    ring() {
      rung = true
      awaken?.abort()
    },
    async wait(ms, clock, signal) {
      if (!rung && !signal.aborted) {
        awaken = new AbortController()
        await clock.sleep(ms, AbortSignal.any([awaken.signal, signal]))
        awaken = null
      }
      rung = false
    },
  }
}
