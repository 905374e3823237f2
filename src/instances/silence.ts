// For how long the others have been silent, as far as this instance could have heard them.
import type { Clock } from '../clock.ts'
import type { InstanceRow } from './store.ts'

/**
 * Between two looks no more than that counts: while the store is away nobody can be heard, and whoever is back first
 * must not take the others for gone.
 */
const countedMaxMs = 1_500

export interface Silence {
  /** Notes what the rows say now; returns for how long each has said the same. */
  look(rows: readonly InstanceRow[]): (row: InstanceRow) => number
}

interface Heard {
  readonly beatAt: number
  readonly silentMs: number
}

/** By the time that passes here: a clock that is set forward makes nobody silent. */
export function createSilence(clock: Pick<Clock, 'monotonic'>): Silence {
  let heard: ReadonlyMap<string, Heard> = new Map()
  let lookedAt = clock.monotonic()
  return {
    look(rows) {
      const nowMs = clock.monotonic()
      const countedMs = Math.min(nowMs - lookedAt, countedMaxMs)
      lookedAt = nowMs
      heard = new Map(
        rows.map(({ id, beatAt }) => {
          const before = heard.get(id)
          return [id, { beatAt, silentMs: before?.beatAt === beatAt ? before.silentMs + countedMs : 0 }]
        }),
      )
      return ({ id }) => heard.get(id)?.silentMs ?? 0
    },
  }
}
