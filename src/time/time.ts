// The gateway's time: connects the steady clock to the log, the metrics and the store.
import type { Clock } from '../clock.ts'
import type { Database } from '../db/database.ts'
import type { Logger } from '../log.ts'
import type { Metrics } from '../metrics.ts'
import { SteadyClock } from './steady.ts'

export interface Time extends Clock, Pick<SteadyClock, 'mayEnd' | 'report' | 'memory' | 'recall'> {
  /** How far time was set back since the last call; 0 if it was not. */
  takeSetBackMs(): number
}

interface World {
  readonly clock: Clock
  readonly log: Logger
  readonly metrics: Pick<Metrics, 'gauge'>
  /** For components that keep timestamps in memory: time was moved by this much. */
  onStep(byMs: number): void
}

export function createTime({ clock, log, metrics, onStep }: World): Time {
  let setBackMs = 0
  const steady = new SteadyClock(clock, {
    onJump(aheadMs) {
      log.error(
        { aheadMs: Math.round(aheadMs) },
        'the clock of this machine has jumped: until it is right again, or has gone evenly for ten minutes, ' +
          'time is counted without it, and nothing is deleted, forgotten, given up or refunded for its age',
      )
    },
    onReturn() {
      log.warn('the clock of this machine is right again; nothing has come of its jump')
    },
    onStep(byMs) {
      setBackMs += Math.max(0, -byMs)
      onStep(byMs)
      log.warn(
        { byMs: Math.round(byMs) },
        'the clock of this machine has gone evenly since its jump and is believed now; ' +
          'what was waiting still gets the time that it had left',
      )
    },
  })
  metrics.gauge(
    'clock_plausible',
    'Whether the clock of this machine is believed; while it is not, nothing that cannot be undone is done for its age.',
    async (gauge) => {
      gauge.set(steady.report().ok ? 1 : 0)
    },
  )
  metrics.gauge(
    'clock_ahead_seconds',
    'By how much the clock of this machine is ahead of the time that the gateway goes by.',
    async (gauge) => {
      gauge.set(steady.report().aheadMs / 1000)
    },
  )
  return Object.assign(steady, {
    takeSetBackMs() {
      const taken = setBackMs
      setBackMs = 0
      return taken
    },
  })
}

const rowId = 1

/** Compares the clocks with the time in the store. Call it before any decision that depends on time. */
export async function recallTime(time: Time, db: Database): Promise<void> {
  const { clock } = db.read.tables
  const [row] = await db.read.select().from(clock)
  if (row) time.recall(row)
}

/** How often the time is stored in normal operation. */
const writeEveryMs = 30_000

/** Returns a function that stores the time when due; call it regularly. */
export function createTimeKeeper(time: Time, db: Database): () => Promise<void> {
  let written = { atMs: -Infinity, steppedAt: -1 }
  return async () => {
    const memory = time.memory()
    const isDue = memory.monotonicMs - written.atMs >= writeEveryMs || memory.steppedAt !== written.steppedAt
    if (!isDue) return
    await db.transaction(
      async (tx) => {
        const { clock } = tx.tables
        const row = { id: rowId, ...memory }
        await tx.insert(clock).values(row).onConflictDoUpdate({ target: clock.id, set: row })
      },
      { mayDelay: true },
    )
    written = { atMs: memory.monotonicMs, steppedAt: memory.steppedAt }
  }
}
