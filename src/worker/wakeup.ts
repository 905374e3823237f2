// A wakeup for polling loops that is not lost when it arrives while the loop is busy.
import type { Clock } from '../clock.ts'

export interface Wakeup {
  /** Wakes every loop that listens. */
  wakeAll(): void
  /** The listener of one loop. */
  listen(): WakeupListener
}

export interface WakeupListener {
  /** Resolves when there was a wakeup since the last wait of this loop, or after `ms`. */
  wait(ms: number, clock: Clock): Promise<void>
  /** Wakes only this loop. */
  wake(): void
}

/** An explicit reason: without one each abort would create an error with a stack. */
const woken = 'woken'

export function createWakeup(): Wakeup {
  let calls = 0
  const sleepers = new Set<AbortController>()
  return {
    wakeAll() {
      calls += 1
      for (const sleeper of sleepers) sleeper.abort(woken)
    },
    listen() {
      let heard = calls
      let isWoken = false
      let mine: AbortController | null = null
      return {
        async wait(ms, clock) {
          if (heard === calls && !isWoken) {
            mine = new AbortController()
            sleepers.add(mine)
            await clock.sleep(ms, mine.signal)
            sleepers.delete(mine)
            mine = null
          }
          heard = calls
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
