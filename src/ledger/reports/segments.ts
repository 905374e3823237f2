// Divides a range of time into few rows to be read: whole months, days and hours that are sealed, and quarters of an hour.
import type { Seal, Span } from './seals.ts'

/** `unsealed`: the rollups themselves, by quarter. */
export type Source = Span | 'unsealed'

export interface Range {
  readonly start: number
  readonly stop: number
}

export interface Segment extends Range {
  readonly source: Source
  /** -1: it is taken away from a longer one that holds it. */
  readonly sign: 1 | -1
}

const quartersOfHour = 4

/** For one thing of which totals are made by month and day. */
export const segmentsOf = (range: Range, seals: readonly Seal[]): Segment[] =>
  joined(covered(range, levelsOf(seals), ['month', 'day']))

/** For all things together, of which totals are made by day, hour and quarter. */
export function segmentsOfAll(range: Range, seals: readonly Seal[]): Segment[] {
  const days = levelsOf(seals).day
  return joined(
    partsOf(range, days).flatMap(({ seal, ...part }): Segment[] => {
      if (!seal) return [{ source: 'unsealed', sign: 1, ...part }]
      if (isWhole(part, seal)) return [{ source: 'day', sign: 1, ...part }]
      const [from, to] = [
        Math.ceil(part.start / quartersOfHour) * quartersOfHour,
        Math.floor(part.stop / quartersOfHour) * quartersOfHour,
      ]
      if (from >= to) return [{ source: 'quarter', sign: 1, ...part }]
      const pieces: Segment[] = [
        { source: 'quarter', sign: 1, start: part.start, stop: from },
        { source: 'hour', sign: 1, start: from, stop: to },
        { source: 'quarter', sign: 1, start: to, stop: part.stop },
      ]
      return pieces.filter(({ start, stop }) => start < stop)
    }),
  )
}

type Levels = Readonly<Record<'month' | 'day', readonly Seal[]>>

function levelsOf(seals: readonly Seal[]): Levels {
  const sorted = seals.toSorted((a, b) => a.start - b.start)
  return {
    month: sorted.filter(({ span }) => span === 'month'),
    day: sorted.filter(({ span }) => span === 'day'),
  }
}

interface Part extends Range {
  /** What it is inside of; null: between those that are sealed. */
  readonly seal: Seal | null
}

function partsOf({ start, stop }: Range, seals: readonly Seal[]): Part[] {
  const parts: Part[] = []
  let at = start
  for (const seal of seals) {
    if (seal.stop <= at || seal.start >= stop) continue
    if (seal.start > at) parts.push({ start: at, stop: seal.start, seal: null })
    const until = Math.min(seal.stop, stop)
    parts.push({ start: Math.max(seal.start, at), stop: until, seal })
    at = until
  }
  if (at < stop) parts.push({ start: at, stop, seal: null })
  return parts
}

const isWhole = (part: Range, seal: Range): boolean => part.start === seal.start && part.stop === seal.stop

/** Of a month or a day of which most is wanted, the whole is read and the rest taken away. */
function covered(range: Range, levels: Levels, [level, ...finer]: readonly ('month' | 'day')[]): Segment[] {
  if (!level) return [{ source: 'unsealed', sign: 1, ...range }]
  return partsOf(range, levels[level]).flatMap(({ seal, ...part }): Segment[] => {
    if (!seal) return covered(part, levels, finer)
    const whole: Segment = { source: level, sign: 1, start: seal.start, stop: seal.stop }
    if (isWhole(part, seal)) return [whole]
    if ((part.stop - part.start) * 2 <= seal.stop - seal.start) return covered(part, levels, finer)
    const rest = [
      { start: seal.start, stop: part.start },
      { start: part.stop, stop: seal.stop },
    ].filter(({ start, stop }) => start < stop)
    return [whole, ...rest.flatMap((each) => covered(each, levels, finer)).map(negative)]
  })
}

const negative = ({ sign, ...segment }: Segment): Segment => ({ ...segment, sign: sign === 1 ? -1 : 1 })

/** Neighbours that are read from one place become one. */
function joined(segments: readonly Segment[]): Segment[] {
  const all: Segment[] = []
  for (const segment of segments) {
    const last = all.at(-1)
    if (last && last.stop === segment.start && last.source === segment.source && last.sign === segment.sign) {
      all[all.length - 1] = { ...last, stop: segment.stop }
    } else all.push(segment)
  }
  return all
}
