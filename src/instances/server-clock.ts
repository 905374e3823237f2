// The time of the store's server: instances on different machines go by one clock.
import type { Clock } from '../clock.ts'
import type { Beside } from '../db/dialect.ts'

/** Less than that may be the time that the question itself takes. */
const toleranceMs = 20

export interface ServerClock extends Clock {
  /** Asks the server for its time. Throws what the store throws; then the last answer counts. */
  adjust(): Promise<void>
}

export function createServerClock(machine: Clock, beside: Pick<Beside, 'clockAheadMs'>): ServerClock {
  let aheadMs = 0
  return {
    now: () => machine.now() + aheadMs,
    monotonic: () => machine.monotonic(),
    boot: machine.boot,
    sleep: async (ms, signal) => await machine.sleep(ms, signal),
    async adjust() {
      const foundMs = Math.round(await beside.clockAheadMs())
      if (Math.abs(foundMs - aheadMs) > toleranceMs) aheadMs = foundMs
    },
  }
}
