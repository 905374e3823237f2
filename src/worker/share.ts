// Gives deferrable work a bounded share of the time: after each slice it rests in proportion.
import type { Clock } from '../clock.ts'

/** Of all time, for taking away what is kept no longer: a backlog of millions takes hours, and customers notice nothing. */
export const forgetShare = 0.1

export interface Share {
  /** Until when it rests, in milliseconds from now; 0 where it may go on. */
  restMs(): number
  /** Does the work, and lets the rest after it be as long as the work took, several times. */
  spend<Result>(work: () => Promise<Result>): Promise<Result>
}

/** `share` of all time, below 1. What holds up the work, as other works of the writer do, makes its rests longer as well. */
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
