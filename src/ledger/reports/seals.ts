// Adds past days and months up, once each, so that a report of a year reads few rows; and seals them as right.
import { and, eq, gte, inArray, lt, sql } from '../../db/drizzle.ts'
import type { SQL } from 'drizzle-orm'
import type { Connection, Database, Tx } from '../../db/database.ts'
import { quarterMs } from '../../db/tables.ts'
import { figures, listed, summed } from './figures.ts'

const quartersOfHour = 4
const quartersOfDay = 96
const dayMs = quartersOfDay * quarterMs
/** A gateway whose clock is behind may still roll something up; what comes later breaks the seal, which is right as well. */
const restMs = 60 * 60_000

/** What totals are made by, besides the total of all: the columns of the rollups. */
export const dimensionsOfTotals = {
  model: 'model_id',
  account: 'account_id',
  upstream: 'upstream',
  key: 'key_id',
} as const

/** What totals are made by: all together by quarter, hour and day, each thing by day and month. */
export type Span = 'quarter' | 'hour' | 'day' | 'month'

export interface Seal {
  readonly span: string
  readonly start: number
  readonly stop: number
}

export async function sealsBetween(read: Connection, from: number, to: number): Promise<Seal[]> {
  return await read.rows<Seal>(
    sql`SELECT span, start, stop FROM ${read.tables.rollupSeals} WHERE stop > ${from} AND start < ${to}`,
  )
}

/** Seals the oldest day or month that has ended and is not sealed. False: there is none. */
export async function sealNext(db: Pick<Database, 'read' | 'transaction'>, nowMs: number): Promise<boolean> {
  const next = await nextToSeal(db.read, nowMs)
  if (!next) return false
  await db.transaction(async (tx) => await seal(tx, next), { mayDelay: true })
  return true
}

async function nextToSeal(read: Connection, nowMs: number): Promise<Seal | null> {
  const [first] = await read.rows<{ quarter: number | null }>(
    sql`SELECT min(quarter) AS quarter FROM ${read.tables.rollups}`,
  )
  if (typeof first?.quarter !== 'number') return null
  const oldest = Math.floor(nowMs / dayMs) - daysBackMax
  const begin = monthOf(Math.max(Math.floor(first.quarter / quartersOfDay), oldest))
  const end = Math.floor((nowMs - restMs) / dayMs)
  const seals = await sealsBetween(read, begin * quartersOfDay, (end + 1) * quartersOfDay)
  const sealed = (span: string) =>
    new Set(seals.filter((each) => each.span === span).map(({ start }) => start / quartersOfDay))
  const [days, months] = [sealed('day'), sealed('month')]
  for (let day = begin; day < end; day += 1) if (!days.has(day)) return spanOf('day', day, day + 1)
  for (let month = begin; ;) {
    const next = monthOf(month + daysOfMonthMax)
    if (next > end) return null
    if (!months.has(month)) return spanOf('month', month, next)
    month = next
  }
}

/** What is older is added up when it is asked for: a row with a wrong date must not make thousands of empty totals. */
const daysBackMax = 3_660

/** From the first day of a month, so many days later is in the next. */
const daysOfMonthMax = 31

/** The first day of the month in UTC that a day is in; days are counted from 1970. */
function monthOf(day: number): number {
  const date = new Date(day * dayMs)
  return Date.UTC(date.getUTCFullYear(), date.getUTCMonth()) / dayMs
}

const spanOf = (span: 'day' | 'month', from: number, to: number): Seal => ({
  span,
  start: from * quartersOfDay,
  stop: to * quartersOfDay,
})

/** The sums are of the state in which the seal is set: works of the writer come one after another, on all instances. */
async function seal(tx: Tx, { span, start, stop }: Seal): Promise<void> {
  const { rollupSeals, rollupTotals } = tx.tables
  const isMonth = span === 'month'
  // Whether its days are still sealed was read before this transaction.
  if (isMonth && (await sealedDays(tx, { start, stop })) < (stop - start) / quartersOfDay) return
  await tx.delete(rollupTotals).where(and(eq(rollupTotals.span, span), eq(rollupTotals.start, start)))
  if (isMonth) await tx.rows(addDays(tx, { start, stop }))
  else {
    const { span: each, start: at } = rollupTotals
    const parts: Span[] = ['quarter', 'hour']
    await tx.delete(rollupTotals).where(and(inArray(each, parts), gte(at, start), lt(at, stop)))
    for (const statement of totalsOfDay(tx, { start, stop })) await tx.rows(statement)
  }
  await tx.insert(rollupSeals).values({ span, start, stop }).onConflictDoNothing()
}

type Range = Pick<Seal, 'start' | 'stop'>

async function sealedDays(read: Connection, { start, stop }: Range): Promise<number> {
  const [row] = await read.rows<{ days: number }>(sql`SELECT count(*) AS days FROM ${read.tables.rollupSeals}
    WHERE span = 'day' AND start >= ${start} AND start < ${stop}`)
  return row?.days ?? 0
}

const into = ({ tables }: Connection): SQL =>
  sql`INSERT INTO ${tables.rollupTotals} (span, start, dimension, name, leak, ${listed(figures)})`

function addDays(tx: Tx, { start, stop }: Range): SQL {
  return sql`${into(tx)} SELECT 'month', CAST(${start} AS bigint), dimension, name, leak, ${summed(figures)}
    FROM ${tx.tables.rollupTotals} WHERE span = 'day' AND start >= ${start} AND start < ${stop}
    GROUP BY dimension, name, leak RETURNING 1 AS done`
}

function totalsOfDay(tx: Tx, { start, stop }: Range): SQL[] {
  const among = sql`FROM ${tx.tables.rollups} WHERE quarter >= ${start} AND quarter < ${stop}`
  const all = (span: Span, at: string) =>
    sql`${into(tx)} SELECT ${sql.raw(`'${span}', ${at}`)}, 'all', '', leak, ${summed(figures)} ${among} GROUP BY ${sql.raw(at)}, leak RETURNING 1 AS done`
  const each = Object.entries(dimensionsOfTotals).map(
    ([dimension, column]) =>
      sql`${into(tx)} SELECT 'day', CAST(${start} AS bigint), ${sql.raw(`'${dimension}'`)}, ${sql.raw(column)}, leak, ${summed(figures)}
        ${among} GROUP BY ${sql.raw(column)}, leak RETURNING 1 AS done`,
  )
  const hour = `quarter - quarter % ${quartersOfHour}`
  return [
    all('quarter', 'quarter'),
    all('hour', hour),
    all('day', `quarter - quarter % ${quartersOfDay}`),
    ...each,
  ]
}

/** Each is over thousands of rollups. */
const comparedAtOnce = 8

/** Days whose totals are not those of their rollups, and months whose totals are not those of their days. */
export async function brokenSeals(read: Connection): Promise<Pick<Seal, 'span' | 'start'>[]> {
  const { rollupSeals } = read.tables
  const starts = await read.rows<{ start: number }>(
    sql`SELECT DISTINCT start FROM ${rollupSeals} ORDER BY start`,
  )
  const broken: Pick<Seal, 'span' | 'start'>[] = []
  for (let from = 0; from < starts.length; from += comparedAtOnce) {
    const some = starts.slice(from, from + comparedAtOnce).map(({ start }) => start)
    broken.push(
      ...(await read.rows<Pick<Seal, 'span' | 'start'>>(
        sql`SELECT c.span, c.start FROM ${rollupSeals} c WHERE c.start IN ${some} AND ${isBroken(read)}`,
      )),
    )
  }
  return broken
}

/** Of a seal `c`. */
export function isBroken({ tables: { rollups, rollupTotals } }: Connection): SQL {
  const sums = listed(figures, (name) => `coalesce(sum(${name}), 0)`, " || ' ' || ")
  const totals = (span: SQL, dimension: string) =>
    sql`(SELECT ${sums} FROM ${rollupTotals} t WHERE t.span = ${span} AND t.dimension = ${sql.raw(`'${dimension}'`)}
      AND t.start >= c.start AND t.start < c.stop)`
  const rolled = sql`(SELECT ${sums} FROM ${rollups} u WHERE u.quarter >= c.start AND u.quarter < c.stop)`
  const dimensions = Object.keys(dimensionsOfTotals)
  const ofDay = [
    ...(['quarter', 'hour', 'day'] as const).map(
      (span) => sql`${totals(sql.raw(`'${span}'`), 'all')} <> ${rolled}`,
    ),
    ...dimensions.map((each) => sql`${totals(sql.raw("'day'"), each)} <> ${rolled}`),
  ]
  const ofMonth = dimensions.map(
    (each) => sql`${totals(sql.raw("'month'"), each)} <> ${totals(sql.raw("'day'"), each)}`,
  )
  return sql`CASE c.span WHEN 'day' THEN ${sql.join(ofDay, sql` OR `)} ELSE ${sql.join(ofMonth, sql` OR `)} END`
}
