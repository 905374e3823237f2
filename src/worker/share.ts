// Gives deferrable work a bounded share of the time: after each slice it rests in proportion.
import type { Clock } from '../clock.ts'

/** Share for deletions: a backlog of millions of rows takes hours, and customers notice nothing. */
export const forgetShare = 0.1

export interface Share {
  /** The remaining rest in milliseconds; 0 if it may go on. */
  restMs(): number
  /** Does the work, then rests for a multiple of the time that it took. */
  spend<Result>(work: () => Promise<Result>): Promise<Result>
}

/** `share` of all time, below 1. Delays, such as waiting for the writer, lengthen the rests as well. */
export function createShare(clock: Clock, share: number): Share {
  let restsUntil = -Infinity
  return {
    restMs: () => Math.max(0, restsUntil - clock.monotonic()),
    async spend(work) {
      const began = clock.monotonic()
      try {
        return await work()
      } finally {
        const ended = clock.monotonic()
        restsUntil = ended + (ended - began) * (1 / share - 1)
      }
    },
  }
}
