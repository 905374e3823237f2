// What an account has used, by day, model or key: the same rollups as the operator's report, of one account.
import { sql } from '../../db/drizzle.ts'
import type { SQL } from 'drizzle-orm'
import type { Connection } from '../../db/database.ts'
import { daysBetween } from './days.ts'
import type { Day } from './days.ts'

export const usageGroups = ['day', 'model', 'key'] as const
export type UsageGroup = (typeof usageGroups)[number]

export interface UsageAsked {
  readonly accountId: string
  /** Dates in the time zone of reports, both included. */
  readonly from: string
  readonly to: string
  readonly group: UsageGroup
}

export interface UsageLine {
  /** Null: of orders that were archived before there were reports. */
  readonly group: string | null
  /** The name of a key. */
  readonly name: string | null
  readonly tasks: number
  readonly charged: number
  readonly refunded: number
  readonly net: number
}

export interface Usage {
  readonly rows: readonly UsageLine[]
  readonly total: UsageLine
}

type Row = Record<'tasks' | 'charged' | 'refunded', string> & {
  readonly name: string
  readonly label: string | null
}

export async function usageOf(
  read: Connection,
  { accountId, group, ...range }: UsageAsked,
  timeZone: string,
): Promise<Usage> {
  const days = daysBetween(timeZone, range)
  const found = await read.rows<Row>(usageQuery(read, { accountId, group, days }))
  const lines = found.map(({ name, label, ...sums }) => lineOf(name === '' ? null : name, label, sums))
  const used = lines.filter(({ tasks, charged, refunded }) => tasks !== 0 || charged !== 0 || refunded !== 0)
  const sum = (of: (line: UsageLine) => number) => used.reduce((all, line) => all + of(line), 0)
  const [tasks, charged, refunded] = [
    sum((line) => line.tasks),
    sum((line) => line.charged),
    sum((line) => line.refunded),
  ]
  return {
    rows: used,
    total: { group: null, name: null, tasks, charged, refunded, net: charged - refunded },
  }
}

function lineOf(
  group: string | null,
  name: string | null,
  sums: Pick<Row, 'tasks' | 'charged' | 'refunded'>,
): UsageLine {
  const [tasks, charged, refunded] = [Number(sums.tasks), Number(sums.charged), Number(sums.refunded)]
  return { group, name, tasks, charged, refunded, net: charged - refunded }
}

interface Wanted extends Pick<UsageAsked, 'accountId' | 'group'> {
  readonly days: readonly Day[]
}

/** Reads the rollups of the account alone; work that was made and not sold has no credits. */
function usageQuery({ tables }: Connection, { accountId, group, days }: Wanted): SQL {
  const whole = [{ date: '', start: days[0]?.start ?? 0, stop: days.at(-1)?.stop ?? 0 }]
  const ranges = (group === 'day' ? days : whole).map(
    ({ date, start, stop }) => `('${date}', ${start}, ${stop})`,
  )
  const column = { day: 'p.name', model: 's.model_id', key: 's.key_id' }[group]
  const sums = ['tasks', 'charged', 'refunded'].map((name) => `CAST(sum(s.${name}) AS text) AS ${name}`)
  const label = group === 'key' ? 'n.name' : 'NULL'
  const order = group === 'day' ? column : `sum(s.charged) DESC, ${column}`
  return sql`WITH parts (name, start, stop) AS (VALUES ${sql.raw(ranges.join(', '))})
    SELECT ${sql.raw(`${column} AS name, ${label} AS label, ${sums.join(', ')}`)}
    FROM parts p CROSS JOIN ${tables.rollups} s ${group === 'key' ? sql`LEFT JOIN ${tables.keys} n ON n.id = s.key_id` : sql.raw('')}
    WHERE s.account_id = ${accountId} AND s.quarter >= p.start AND s.quarter < p.stop AND s.leak = ''
    GROUP BY ${sql.raw(group === 'key' ? `${column}, n.name` : column)} ORDER BY ${sql.raw(order)}`
}
