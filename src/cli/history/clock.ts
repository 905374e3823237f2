// The clock of a history: it stands still until it is set to the next event.
import type { Clock } from '../../clock.ts'

export interface HistoryClock extends Clock {
  /** Never back. Wakes whatever has slept long enough. */
  goTo(ms: number): void
}

export function historyClock(startMs: number): HistoryClock {
  let nowMs = startMs
  const sleepers = new Map<() => void, number>()
  return {
    now: () => nowMs,
    monotonic: () => nowMs - startMs,
    boot: 'history',
    async sleep(ms, signal) {
      if (ms <= 0 || signal?.aborted) return
      await new Promise<void>((resolve) => {
        const wake = () => {
          sleepers.delete(wake)
          signal?.removeEventListener('abort', wake)
          resolve()
        }
        sleepers.set(wake, nowMs + ms)
        signal?.addEventListener('abort', wake)
      })
    },
    goTo(at) {
      const ms = Math.floor(at)
      nowMs = Math.max(nowMs, ms)
      for (const [wake, wakesAt] of sleepers) if (wakesAt <= nowMs) wake()
    },
  }
}
