// Divides a range of time into the fewest rows to be read: whole months and days that are sealed, and quarters of an hour.
import type { Seal } from './seals.ts'

/** `quarter`: totals of all by quarter; `unsealed`: the rollups themselves. */
export type Source = 'month' | 'day' | 'quarter' | 'unsealed'

export interface Segment {
  readonly source: Source
  readonly start: number
  readonly stop: number
}

interface Range {
  readonly start: number
  readonly stop: number
}

/** For one thing of which totals are made: by month, by day, and what is left. */
export function segmentsOf({ start, stop }: Range, seals: readonly Seal[]): Segment[] {
  const inside = seals.filter((seal) => seal.start >= start && seal.stop <= stop)
  const months = inside.filter(({ span }) => span === 'month')
  const days = inside.filter(
    ({ span, start: at }) => span === 'day' && !months.some((month) => at >= month.start && at < month.stop),
  )
  return filled({ start, stop }, [...joined('month', months), ...joined('day', days)])
}

/** For all together: the totals by quarter of sealed days, also where only a part of such a day is meant. */
export function quartersOf({ start, stop }: Range, seals: readonly Seal[]): Segment[] {
  const days = seals
    .filter((seal) => seal.span === 'day' && seal.stop > start && seal.start < stop)
    .map((seal) => ({ start: Math.max(seal.start, start), stop: Math.min(seal.stop, stop) }))
  return filled({ start, stop }, joined('quarter', days))
}

/** Neighbours become one. */
function joined(source: Source, ranges: readonly Range[]): Segment[] {
  const sorted = ranges.toSorted((a, b) => a.start - b.start)
  const segments: Segment[] = []
  for (const { start, stop } of sorted) {
    const last = segments.at(-1)
    if (last?.stop === start) segments[segments.length - 1] = { source, start: last.start, stop }
    else segments.push({ source, start, stop })
  }
  return segments
}

/** What lies between the segments is read from the rollups themselves. */
function filled({ start, stop }: Range, segments: readonly Segment[]): Segment[] {
  const all: Segment[] = []
  let at = start
  for (const segment of segments.toSorted((a, b) => a.start - b.start)) {
    if (segment.start > at) all.push({ source: 'unsealed', start: at, stop: segment.start })
    all.push(segment)
    at = segment.stop
  }
  if (at < stop) all.push({ source: 'unsealed', start: at, stop })
  return all
}
