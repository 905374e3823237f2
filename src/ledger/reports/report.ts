// The operator's report: what was sold, what it cost and what leaked, by day, model, account, upstream or key.
import { sql } from '../../db/drizzle.ts'
import type { SQL } from 'drizzle-orm'
import type { ReportingConfig } from '../../config/config.ts'
import type { Connection, Database } from '../../db/database.ts'
import { daysBetween } from './days.ts'
import type { Day } from './days.ts'
import { figures } from './figures.ts'
import { LineSums, sumsOf } from './lines.ts'
import type { Line, SumRow } from './lines.ts'
import { dimensionsOfTotals, sealsBetween } from './seals.ts'
import type { Seal } from './seals.ts'
import { segmentsOf, segmentsOfAll } from './segments.ts'
import type { Range, Segment, Source } from './segments.ts'
import { termsIn } from './terms.ts'
import type { Terms } from './terms.ts'

export const groups = ['day', 'model', 'account', 'upstream', 'key'] as const
export type Group = (typeof groups)[number]

export interface Asked {
  /** Dates in the time zone of reports, both included. */
  readonly from: string
  readonly to: string
  readonly group: Group
}

export interface Report extends Asked {
  /** Null: not said, or it changed within the time of the report; then amounts of money cannot be added. */
  readonly currency: string | null
  readonly timeZone: string
  /** Days in their order; others by what was charged, the most first. */
  readonly rows: readonly Line[]
  readonly total: Line
}

interface Settings {
  readonly reporting: ReportingConfig
  readonly nowMs: number
}

export async function reportOf(
  db: Pick<Database, 'snapshot'>,
  { from, to, group }: Asked,
  { reporting, nowMs }: Settings,
): Promise<Report> {
  const { timeZone } = reporting
  const days = daysBetween(timeZone, { from, to })
  const [rows, terms] = await db.snapshot(async (read) => {
    const inForce = await termsIn(read, { reporting, nowMs })
    return [await sumsIn(read, { days, group, terms: inForce }), inForce] as const
  })
  const total = new LineSums()
  const byName = new Map<string, LineSums>()
  for (const row of rows) {
    const sums = byName.get(row.name) ?? new LineSums()
    byName.set(row.name, sums)
    const termsOfRow = terms[row.terms]
    if (!termsOfRow) throw new Error(`there are no terms of number ${row.terms}`)
    sums.add(row, termsOfRow)
    total.add({ ...row, label: null }, termsOfRow)
  }
  const isAddable = total.currencies().size <= 1
  const [currency = terms.at(-1)?.currency ?? null] = [...total.currencies()]
  const named = [...byName].filter(([, sums]) => !sums.isEmpty())
  const sorted =
    group === 'day'
      ? named.toSorted(([a], [b]) => (a < b ? -1 : 1))
      : named.toSorted(([a, one], [b, other]) => other.charged() - one.charged() || (a < b ? -1 : 1))
  return {
    from,
    to,
    group,
    currency: isAddable ? currency : null,
    timeZone,
    rows: sorted.map(([name, sums]) => sums.line(name === '' ? null : name, isAddable)),
    total: total.line(null, isAddable),
  }
}

interface Wanted {
  readonly days: readonly Day[]
  readonly group: Group
  readonly terms: readonly Terms[]
}

/** A range of quarters that is read from one place. */
interface Part extends Omit<Segment, 'source'> {
  readonly name: string
  readonly terms: number
}

async function sumsIn(read: Connection, wanted: Wanted): Promise<SumRow[]> {
  const parts = await partsOf(read, wanted)
  if (parts.size === 0) return []
  return await read.rows<SumRow>(queryOf(read, wanted.group, parts))
}

/** The ranges to be read, by where they are read from. */
async function partsOf(read: Connection, { days, group, terms }: Wanted): Promise<Map<Source, Part[]>> {
  const [start, stop] = [days[0]?.start ?? 0, days.at(-1)?.stop ?? 0]
  const seals = await sealsBetween(read, start - quartersOfMonth, stop + quartersOfMonth)
  const ranges = group === 'day' ? days : [{ date: '', start, stop }]
  const parts = new Map<Source, Part[]>()
  for (const { date, ...range } of ranges) {
    for (const { number, ...inForce } of withinTerms(range, terms)) {
      for (const { source, ...segment } of divided(group, inForce, seals)) {
        parts.set(source, [...(parts.get(source) ?? []), { name: date, terms: number, ...segment }])
      }
    }
  }
  return parts
}

/** The longest: a month may be read of which a part is taken away, by days outside of the range. */
const quartersOfMonth = 31 * 96

function divided(group: Group, range: Range, seals: readonly Seal[]): Segment[] {
  const [from, to] = [range.start - quartersOfMonth, range.stop + quartersOfMonth]
  const near = seals.filter(({ start, stop }) => stop > from && start < to)
  return group === 'day' ? segmentsOfAll(range, near) : segmentsOf(range, near)
}

function* withinTerms({ start, stop }: Range, terms: readonly Terms[]) {
  for (const [number, { since }] of terms.entries()) {
    const until = terms[number + 1]?.since ?? Infinity
    // The first terms are for what was before, too.
    const range = { start: number === 0 ? start : Math.max(start, since), stop: Math.min(stop, until) }
    if (range.start < range.stop) yield { number, ...range }
  }
}

/** A year reads totals, and neither tasks nor entries. */
function queryOf(read: Connection, group: Group, parts: ReadonlyMap<Source, readonly Part[]>): SQL {
  const sources = [...parts]
  const ranges = sources.map(([source, list]) => {
    const rows = list.map(
      ({ name, terms, sign, start, stop }) => `('${name}', ${terms}, ${sign}, ${start}, ${stop})`,
    )
    return `${source}_parts (name, terms, sign, start, stop) AS (VALUES ${rows.join(', ')})`
  })
  const reads = sources.map(([source]) => readOf(read, group, source))
  return sql`WITH ${sql.raw(ranges.join(', '))}
    SELECT g.name AS name, ${labelOf(group)} AS label, g.terms AS terms, g.leak AS leak, ${sumsOf(figures)}
    FROM (${sql.join(reads, sql` UNION ALL `)}) g ${labels(read, group)}
    GROUP BY g.name, g.terms, g.leak${labelOf(group, ', ')}`
}

function readOf({ tables }: Connection, group: Group, source: Source): SQL {
  const parts = sql.raw(`${source}_parts p`)
  const isRolled = source === 'unsealed'
  const dimension = group === 'day' ? 'all' : group
  const column = group === 'day' ? 'p.name' : isRolled ? `s.${dimensionsOfTotals[group]}` : 's.name'
  const at = isRolled ? 's.quarter' : 's.start'
  const among = isRolled ? '1 = 1' : `s.span = '${source}' AND s.dimension = '${dimension}'`
  const sums = sql.raw(figures.map((name) => `p.sign * sum(s.${name}) AS ${name}`).join(', '))
  return sql`SELECT ${sql.raw(column)} AS name, p.terms AS terms, s.leak AS leak, ${sums}
    FROM ${parts} CROSS JOIN ${isRolled ? tables.rollups : tables.rollupTotals} s
    WHERE ${sql.raw(`${among} AND ${at} >= p.start AND ${at} < p.stop`)}
    GROUP BY ${sql.raw(`${column}, p.terms, p.sign, s.leak`)}`
}

const labelOf = (group: Group, before = ''): SQL =>
  group === 'account' || group === 'key' ? sql.raw(`${before}n.name`) : sql.raw(before === '' ? 'NULL' : '')

function labels({ tables: { accounts, keys } }: Connection, group: Group): SQL {
  if (group === 'account') return sql`LEFT JOIN ${accounts} n ON n.id = g.name`
  return group === 'key' ? sql`LEFT JOIN ${keys} n ON n.id = g.name` : sql.raw('')
}
