// The instances of a gateway on one store: which there are, which of them have gone, and which does what one does for all.
import { hostname } from 'node:os'
import type { Clock } from '../clock.ts'
import type { Instances } from '../context.ts'
import type { Database, Tx } from '../db/database.ts'
import type { Beside } from '../db/dialect.ts'
import { createSilence } from './silence.ts'
import { allInstances, beatOf, instanceInsert, removeInstance, removeSilent } from './store.ts'
import type { InstanceRow } from './store.ts'

/** How often each says that it works. */
export const beatEveryMs = 1_000
/** An instance that is silent and has lost its connection to the store has ended. */
const silentMs = 3_000
/** One that is silent for so long stands still: what it had claimed is taken from it. */
const goneAfterMs = 15_000
/** A new instance counts once every other one has had the time to see it. */
const joinsAfterMs = 2 * beatEveryMs

/** The only gateway of its store. */
export const alone: Instances = {
  id: null,
  standing: () => ({ count: 1, rank: 0 }),
  isFirst: () => true,
}

export interface Beat {
  /** Others had taken this instance for gone, and what it had claimed is theirs. */
  readonly wasRemoved: boolean
  /** Instances that are gone now, with their names. */
  readonly gone: readonly string[]
}

export interface LivingInstances extends Instances {
  readonly id: string
  /**
   * Says that this instance works, and removes those that do not; `onBeat` joins the transaction. Throws what the
   * store throws: then this one looks silent to the others.
   */
  beat(db: Database, onBeat: (tx: Tx, gone: readonly string[]) => Promise<void>): Promise<Beat>
  /** Says that this instance ends: what it had claimed must have been recorded, or is free. */
  leave(db: Database): Promise<void>
}

interface Outside {
  readonly id: string
  /** The same time on all instances. */
  readonly clock: Pick<Clock, 'now' | 'monotonic'>
  readonly beside: Beside
}

export function createInstances({ id, clock, beside }: Outside): LivingInstances {
  const startedAt = clock.now()
  const name = `process ${process.pid} on the host ${hostname()}`
  let present: readonly InstanceRow[] = []
  let hasBeaten = false
  const silence = createSilence(clock)

  const standing = () => {
    const nowMs = clock.now()
    // Where there is no other, none has to see it first: one that comes now finds its row.
    const isAlone = present.length === 1
    const joined = present.filter((row) => isAlone || Math.abs(nowMs - row.startedAt) >= joinsAfterMs)
    const rank = joined.findIndex((row) => row.id === id)
    const count = Math.max(1, present.length)
    return { count, rank: rank === -1 ? null : rank }
  }

  return {
    id,
    standing,
    isFirst: () => standing().rank === 0,
    async beat(db, onBeat) {
      const nowMs = clock.now()
      const rows = await allInstances(db.read, {})
      const others = rows.filter((row) => row.id !== id)
      const silentFor = silence.look(others)
      // Who starts has not listened yet, and goes by what the rows say.
      const isSilent = (row: InstanceRow): boolean =>
        hasBeaten ? silentFor(row) >= silentMs : nowMs - row.beatAt >= silentMs
      const silent = others.filter(isSilent)
      const connected = silent.length === 0 ? new Set() : await beside.connected(silent.map((row) => row.id))
      const suspects = silent.filter((row) => !connected.has(row.id) || silentFor(row) >= goneAfterMs)
      const { wasRemoved, gone } = await db.transaction(
        async (tx) => {
          const removed: InstanceRow[] = []
          for (const row of suspects) if ((await removeSilent(tx, row)).length > 0) removed.push(row)
          const isThere = (await beatOf(tx, { id, nowMs })).length > 0
          if (!isThere) await instanceInsert(tx, { id, name, startedAt, nowMs })
          const ids = removed.map((row) => row.id)
          await onBeat(tx, ids)
          present = await allInstances(tx, {})
          return { wasRemoved: hasBeaten && !isThere, gone: removed.map((row) => row.name) }
        },
        { mayDelay: true },
      )
      hasBeaten = true
      return { wasRemoved, gone }
    },
    async leave(db) {
      await db.transaction(async (tx) => void (await removeInstance(tx, { id })))
    },
  }
}
