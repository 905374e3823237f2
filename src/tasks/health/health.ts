// The health of each upstream over 24 hours, from what is stored: it is the same at every gateway and after a restart.
import { setImmediate } from 'node:timers/promises'
import { configuredUpstreams } from '../../context.ts'
import type { Context } from '../../context.ts'
import type { Connection, Database } from '../../db/database.ts'
import { quarterMs } from '../../db/tables/bounds.ts'
import { standingOf } from './causes.ts'
import type { Cause } from './causes.ts'
import { attemptDetails, readQuarter } from './quarter.ts'
import type { Quarter } from './quarter.ts'
import { Durations } from './durations.ts'

const quartersShown = 96
/** A quarter is read again when its reading is older than this part of its age: old ones hardly change. */
const staleShare = 1 / 16
const staleMinMs = 2_000

/** Orders by what was answered, and how long the works took that were ordered then. */
export interface Answers {
  readonly accepted: number
  /** For what the order asks: that is the customer's fault, and no sign of ill health. */
  readonly refused: number
  readonly rateLimited: number
  /** 5xx, no answer, no connection, a refused key, or nothing that can be understood. */
  readonly failing: number
  readonly medianSeconds: number | null
}

/** What became of works, and how long those took that succeeded. */
export interface Works {
  readonly succeeded: number
  readonly failed: number
  readonly medianSeconds: number | null
  readonly p95Seconds: number | null
}

export interface UpstreamHealth extends Answers, Works {
  readonly name: string
  /** By quarter of an hour, the oldest first. */
  readonly quarters: readonly Answers[]
  /** What went wrong, the newest first. */
  readonly troubles: readonly Trouble[]
}

interface Trouble {
  readonly cause: Cause
  readonly orders: number
  readonly lastAtMs: number
  readonly detail: string | null
}

export interface Health {
  /** When the first quarter began. */
  readonly sinceMs: number
  readonly upstreams: readonly UpstreamHealth[]
  /** Of each model that was ordered. */
  readonly models: readonly (Works & { readonly modelId: string })[]
}

interface Reading {
  readonly atMs: number
  readonly quarter: Quarter
}

/** What was read of each store, by quarter. */
const readings = new WeakMap<Database, Map<number, Reading>>()

export async function upstreamHealth({ db, clock, upstreams }: Context): Promise<Health> {
  const nowMs = clock.now()
  const last = Math.floor(nowMs / quarterMs)
  const first = last - quartersShown + 1
  const known = readings.get(db) ?? new Map<number, Reading>()
  readings.set(db, known)
  for (const quarter of known.keys()) if (quarter < first || quarter > last) known.delete(quarter)
  const quarters: Quarter[] = []
  for (let number = first; number <= last; number += 1) {
    let reading = known.get(number)
    if (!reading || isStale(reading, number, nowMs)) {
      reading = { atMs: nowMs, quarter: await readQuarter(db.read, number) }
      known.set(number, reading)
      // A busy day has many attempts: others have their turn between its quarters.
      await setImmediate()
    }
    quarters.push(reading.quarter)
  }
  const found = quarters.flatMap(({ attempts, works }) => [...attempts, ...works].map((row) => row.upstream))
  const names = new Set([...configuredUpstreams(upstreams).map(({ name }) => name), ...found])
  const shown = [...names].map(async (name) => await healthOf(db.read, name, quarters))
  return {
    sinceMs: first * quarterMs,
    upstreams: await Promise.all(shown),
    models: modelsOf(quarters.flatMap(({ works }) => works)),
  }
}

function isStale({ atMs }: Reading, quarter: number, nowMs: number): boolean {
  const age = nowMs - (quarter + 1) * quarterMs
  return Math.abs(nowMs - atMs) > Math.max(staleMinMs, age * staleShare)
}

async function healthOf(read: Connection, name: string, all: readonly Quarter[]): Promise<UpstreamHealth> {
  const quarters = all.map((quarter) => ofUpstream(quarter, name))
  const works = quarters.flatMap((quarter) => quarter.works)
  return {
    name,
    ...answersOf({ attempts: quarters.flatMap(({ attempts }) => attempts), works }),
    ...worksOf(works),
    quarters: quarters.map(answersOf),
    troubles: await troublesOf(read, quarters),
  }
}

function modelsOf(works: Quarter['works']) {
  const byModel = new Map<string, Quarter['works'][number][]>()
  for (const row of works) {
    const rows = byModel.get(row.modelId) ?? []
    rows.push(row)
    byModel.set(row.modelId, rows)
  }
  return [...byModel].map(([modelId, rows]) => ({ modelId, ...worksOf(rows) }))
}

function worksOf(works: Quarter['works']): Works {
  const durations = new Durations()
  durations.add(works)
  const sum = (state: string) =>
    works.filter((row) => row.state === state).reduce((total, row) => total + row.works, 0)
  return {
    succeeded: sum('succeeded'),
    failed: sum('failed'),
    medianSeconds: durations.at(0.5),
    p95Seconds: durations.at(0.95),
  }
}

const ofUpstream = ({ attempts, works }: Quarter, name: string): Quarter => ({
  attempts: attempts.filter(({ upstream }) => upstream === name),
  works: works.filter(({ upstream }) => upstream === name),
})

function answersOf({ attempts, works }: Quarter): Answers {
  const counted = { accepted: 0, refused: 0, rateLimited: 0, failing: 0 }
  for (const { state, seen, attempts: orders } of attempts) {
    const standing = standingOf(state, seen)
    if (standing === 'open') continue
    if (standing === 'accepted' || standing === 'refused') counted[standing] += orders
    else counted[standing === 'rate_limited' ? 'rateLimited' : 'failing'] += orders
  }
  const durations = new Durations()
  durations.add(works)
  return { ...counted, medianSeconds: durations.at(0.5) }
}

async function troublesOf(read: Connection, quarters: readonly Quarter[]): Promise<Trouble[]> {
  const byCause = new Map<Cause, { orders: number; last: string }>()
  for (const { state, seen, attempts, last } of quarters.flatMap((quarter) => quarter.attempts)) {
    const cause = standingOf(state, seen)
    if (cause === 'open' || cause === 'accepted' || cause === 'refused') continue
    const known = byCause.get(cause) ?? { orders: 0, last: '' }
    byCause.set(cause, {
      orders: known.orders + attempts,
      last: last > known.last ? last : known.last,
    })
  }
  const newest = [...byCause].toSorted(([, one], [, other]) => (one.last < other.last ? 1 : -1))
  const troubles = newest.map(async ([cause, { orders, last }]) => {
    const [attempt] = await attemptDetails(read, { id: last })
    return { cause, orders, lastAtMs: attempt?.startedAt ?? 0, detail: attempt?.detail ?? null }
  })
  return await Promise.all(troubles)
}
