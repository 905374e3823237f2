// When the orders of a customer come: by day and night, weekdays, and growth over the history.
import type { Part, Hours } from './cast.ts'
import type { Chance } from './chance.ts'

export const hourMs = 60 * 60_000
export const dayMs = 24 * hourMs

/** Wherever the customers are, a history ends on their afternoon: so the last day has something to show. */
const endsAtHour = 15.5

/** The share of each hour of their day, from midnight on. */
const profiles: Readonly<Record<Hours, readonly number[]>> = {
  office: [0, 0, 0, 0, 0, 1, 2, 5, 9, 11, 11, 8, 5, 8, 10, 10, 8, 6, 3, 2, 1, 1, 0, 0],
  shop: [0, 0, 0, 0, 1, 2, 4, 6, 7, 8, 8, 7, 7, 7, 7, 8, 8, 7, 5, 4, 2, 1, 1, 0],
  evening: [3, 1, 1, 0, 0, 0, 1, 2, 2, 2, 3, 3, 4, 3, 3, 4, 5, 7, 9, 11, 12, 10, 8, 5],
}
/** From Sunday on. */
const weekdays: Readonly<Record<Hours, readonly number[]>> = {
  office: [0.1, 1, 1.1, 1.1, 1, 0.9, 0.2],
  shop: [0.8, 0.9, 0.9, 1, 1, 1.2, 1.2],
  evening: [1.4, 0.8, 0.8, 0.9, 0.9, 1, 1.3],
}
/** Of the orders of the end, what there are in the beginning. */
const beginsWith = 0.45
/** People who order once often order again at once, with the prompt changed a little. */
const againShare = 0.3
const againWithinMs = { least: 40_000, most: 240_000 }

export interface Span {
  readonly startMs: number
  readonly endMs: number
}

/** Sorted. */
export function orderTimes(chance: Chance, part: Part, { startMs, endMs }: Span): number[] {
  const times: number[] = []
  const offsetMs = (endMs % dayMs) - endsAtHour * hourMs
  const firstDay = Math.floor((startMs - offsetMs) / dayMs)
  for (let day = firstDay; day * dayMs + offsetMs < endMs; day += 1) {
    const grown =
      beginsWith + (1 - beginsWith) * Math.min(1, Math.max(0, (day * dayMs - startMs) / (endMs - startMs)))
    const weekday = weekdays[part.hours][new Date(day * dayMs).getUTCDay()] ?? 1
    const count = chance.times((part.ordersPerDay * grown * weekday) / (1 + againShare))
    for (let order = 0; order < count; order += 1) {
      const atMs = day * dayMs + offsetMs + timeOfDay(chance, part.hours)
      times.push(atMs)
      if (chance.isTrue(againShare))
        times.push(atMs + chance.between(againWithinMs.least, againWithinMs.most))
    }
  }
  return times
    .map((ms) => Math.round(ms))
    .filter((ms) => ms >= startMs && ms < endMs)
    .toSorted((one, other) => one - other)
}

function timeOfDay(chance: Chance, hours: Hours): number {
  const profile = profiles[hours]
  const all = profile.reduce((sum, share) => sum + share, 0)
  let left = chance.next() * all
  const hour = profile.findIndex((share) => (left -= share) < 0)
  return (Math.max(0, hour) + chance.next()) * hourMs
}
