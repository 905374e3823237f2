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
  /** Whether the rows of a day are divided by model. */
  readonly split?: 'model' | undefined
  /** Only of this model or key. Left out: of all. */
  readonly modelId?: string | undefined
  readonly keyId?: string | undefined
}

export interface UsageLine {
  /** Null: of orders that were archived before there were reports. */
  readonly group: string | null
  /** The name of a key. */
  readonly name: string | null
  /** Null: the row is not divided by model. */
  readonly model: string | null
  readonly tasks: number
  readonly succeeded: number
  readonly failed: number
  readonly charged: number
  readonly refunded: number
  readonly net: number
}

export interface Usage {
  readonly rows: readonly UsageLine[]
  readonly total: UsageLine
}

const sums = ['tasks', 'succeeded', 'failed', 'charged', 'refunded'] as const
type Sums = Record<(typeof sums)[number], string>
type Row = Sums & {
  readonly name: string
  readonly label: string | null
  readonly model: string | null
}

export async function usageOf(read: Connection, asked: UsageAsked, timeZone: string): Promise<Usage> {
  const days = daysBetween(timeZone, asked)
  const found = await read.rows<Row>(usageQuery(read, asked, days))
  const lines = found.map(({ name, label, model, ...amounts }) => ({
    group: name === '' ? null : name,
    name: label,
    model,
    ...amountsOf(amounts),
  }))
  const used = lines.filter((line) => sums.some((of) => line[of] !== 0))
  const total = used.reduce(plus, { ...nothing, group: null, name: null, model: null })
  return { rows: used, total }
}

type Amounts = Omit<UsageLine, 'group' | 'name' | 'model'>

const nothing: Amounts = { tasks: 0, succeeded: 0, failed: 0, charged: 0, refunded: 0, net: 0 }

function amountsOf({ charged, refunded, ...counts }: Sums): Amounts {
  return {
    tasks: Number(counts.tasks),
    succeeded: Number(counts.succeeded),
    failed: Number(counts.failed),
    charged: Number(charged),
    refunded: Number(refunded),
    net: Number(charged) - Number(refunded),
  }
}

const plus = (total: UsageLine, line: UsageLine): UsageLine => ({
  ...total,
  tasks: total.tasks + line.tasks,
  succeeded: total.succeeded + line.succeeded,
  failed: total.failed + line.failed,
  charged: total.charged + line.charged,
  refunded: total.refunded + line.refunded,
  net: total.net + line.net,
})

/** Reads the rollups of the account alone; work that was made and not sold has no credits. */
function usageQuery({ tables }: Connection, asked: UsageAsked, days: readonly Day[]): SQL {
  const { accountId, group, split, modelId, keyId } = asked
  const whole = [{ date: '', start: days[0]?.start ?? 0, stop: days.at(-1)?.stop ?? 0 }]
  const ranges = (group === 'day' ? days : whole).map(
    ({ date, start, stop }) => `('${date}', ${start}, ${stop})`,
  )
  const column = { day: 'p.name', model: 's.model_id', key: 's.key_id' }[group]
  const added = sums.map((name) => `CAST(sum(s.${name}) AS text) AS ${name}`)
  const label = group === 'key' ? 'n.name' : 'NULL'
  const model = split === undefined ? 'NULL' : 's.model_id'
  const grouped = [column, ...(group === 'key' ? ['n.name'] : []), ...(split === undefined ? [] : [model])]
  const order = group === 'day' ? column : `sum(s.charged) DESC, ${column}`
  return sql`WITH parts (name, start, stop) AS (VALUES ${sql.raw(ranges.join(', '))})
    SELECT ${sql.raw(`${column} AS name, ${label} AS label, ${model} AS model, ${added.join(', ')}`)}
    FROM parts p CROSS JOIN ${tables.rollups} s ${group === 'key' ? sql`LEFT JOIN ${tables.keys} n ON n.id = s.key_id` : sql.raw('')}
    WHERE s.account_id = ${accountId} AND s.quarter >= p.start AND s.quarter < p.stop AND s.leak = ''
      ${modelId === undefined ? sql.raw('') : sql`AND s.model_id = ${modelId}`}
      ${keyId === undefined ? sql.raw('') : sql`AND s.key_id = ${keyId}`}
    GROUP BY ${sql.raw(grouped.join(', '))} ORDER BY ${sql.raw(order)}`
}
