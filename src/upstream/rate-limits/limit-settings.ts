// The settings of a concurrency limit, and the part of one that is for one of several instances.

/** `start` submits may be in flight at once from the beginning; the limit never exceeds `max`. */
export interface LimitSettings {
  readonly start: number
  readonly max: number
}

/** More concurrent submits than an upstream's connection pool carries, however many keys there are. */
export const inFlightMax = 256
const inFlightStart = 16

/** The limit of `submit.in_flight` for each key. */
export function limitSettings(inFlight: 'auto' | number): LimitSettings {
  return inFlight === 'auto' ? { start: inFlightStart, max: inFlightMax } : { start: inFlight, max: inFlight }
}

/** Of the instances that share a limit, counted from 0. Null: it has only just come, and the others do not know of it. */
export interface Standing {
  readonly count: number
  readonly rank: number | null
}

/** A fixed limit is divided; of one that adapts, each instance finds what it may use. */
export function partOf({ start, max }: LimitSettings, { count, rank }: Standing): number {
  if (start !== max) return Infinity
  return rank === null ? 0 : Math.floor(max / count) + (rank < max % count ? 1 : 0)
}
