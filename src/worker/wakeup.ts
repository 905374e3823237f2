// A bell for loops that sleep: rung while one is awake, it is still heard when that one lies down.
import type { Clock } from '../clock.ts'

export interface Wakeup {
  ring(): void
  /** An ear for one loop. */
  listen(): WakeupListener
}

export interface WakeupListener {
  /** Resolves when the bell has rung since this ear's last wait, or after `ms`. */
  wait(ms: number, clock: Clock): Promise<void>
  /** As if the bell had rung, for this ear alone. */
  wake(): void
}

/** A reason of our own: without one each abort would make an error, and its stack. */
const woken = 'woken'

export function createWakeup(): Wakeup {
  let rings = 0
  const sleepers = new Set<AbortController>()
  return {
    ring() {
      rings += 1
      for (const sleeper of sleepers) sleeper.abort(woken)
    },
    listen() {
      let heard = rings
      let isWoken = false
      let mine: AbortController | null = null
      return {
        async wait(ms, clock) {
          if (heard === rings && !isWoken) {
            mine = new AbortController()
            sleepers.add(mine)
            await clock.sleep(ms, mine.signal)
            sleepers.delete(mine)
            mine = null
          }
          heard = rings
          isWoken = false
        },
        wake() {
          isWoken = true
          mine?.abort(woken)
        },
      }
    },
  }
}
