// Compares the rollups with the rows that they add up, and makes them equal.
import { and, eq, gt, lte, sql } from '../../db/drizzle.ts'
import type { SQL } from 'drizzle-orm'
import type { Connection, Database, Tx } from '../../db/database.ts'
import { addFigures, dimensions, figures, figuresOf, inRange, listed, summed } from './figures.ts'
import type { AccountRange, Figure } from './figures.ts'
import { brokenSeals } from './seals.ts'

/** What is missing in a rollup, or too much if negative. */
export type Difference = Readonly<Record<Figure, number>> &
  Readonly<Record<Exclude<(typeof dimensions)[number], 'quarter'>, string>> & { readonly quarter: number }

/** Each statement reads the rows of so many accounts: one of all would take longer than a server lets a statement run. */
const accountsAtOnce = 20

/** Reads all tasks and entries of the store: give it a connection of one committed state. At most `limit`. */
export async function differences(read: Connection, limit: number): Promise<Difference[]> {
  const found: Difference[] = []
  for (let after = ''; found.length < limit;) {
    const until = await lastOfAccounts(read, after)
    const room = limit - found.length
    found.push(...(await read.rows<Difference>(sql`${different(read, { after, until })} LIMIT ${room}`)))
    if (until === null) break
    after = until
  }
  return found
}

/** Null: there are fewer. */
async function lastOfAccounts(read: Connection, after: string): Promise<string | null> {
  const [row] = await read.rows<{ id: string }>(
    sql`SELECT id FROM ${read.tables.accounts} WHERE id > ${after} ORDER BY id LIMIT 1 OFFSET ${accountsAtOnce - 1}`,
  )
  return row?.id ?? null
}

function different(read: Connection, range: AccountRange): SQL {
  const all = [...dimensions, ...figures]
  const { rollups, rollupsArchived } = read.tables
  const negative = listed(figures, (name) => `-${name}`)
  const ofAccounts = inRange('account_id', range)
  const each = sql`${figuresOf(read, range)} UNION ALL SELECT ${listed(all)} FROM ${rollupsArchived} WHERE ${ofAccounts}
    UNION ALL SELECT ${listed(dimensions)}, ${negative} FROM ${rollups} WHERE ${ofAccounts}`
  return sql`SELECT ${listed(dimensions)}, ${summed(figures)} FROM (${each}) g GROUP BY ${listed(dimensions)}
    HAVING ${listed(figures, (name) => `sum(${name}) <> 0`, ' OR ')}`
}

export interface Rebuilt {
  /** Whether they had been equal; otherwise they are now. */
  readonly equal: boolean
  /** How many rollups differed, and totals of past days or months. */
  readonly rollups: number
  readonly totals: number
}

/** How many differing rollups are corrected at once. */
const correctedAtOnceMax = 10_000
/** Each time another rebuild came between is told to whoever called. */
const triesMax = 5

/**
 * Reads everything in one committed state, beside other work, and then adds what was missing there: what is rolled up
 * meanwhile stays right.
 */
export async function rebuildRollups(db: Pick<Database, 'snapshot' | 'transaction'>): Promise<Rebuilt> {
  let rollups = 0
  let totals = 0
  for (let tries = 0; tries < triesMax;) {
    const seen = await db.snapshot(async (read) => ({
      number: await rebuildsMade(read),
      found: await differences(read, correctedAtOnceMax),
      broken: await brokenSeals(read),
    }))
    if (seen.found.length === 0 && seen.broken.length === 0) {
      return { equal: rollups === 0 && totals === 0, rollups, totals }
    }
    const isCorrected = await db.transaction(async (tx) => await correct(tx, seen))
    if (isCorrected) {
      rollups += seen.found.length
      totals += seen.broken.length
    } else tries += 1
  }
  throw new Error('other rebuilds of the reports go on; try again when they have ended')
}

interface Seen {
  readonly number: number
  readonly found: readonly Difference[]
  readonly broken: readonly { readonly span: string; readonly start: number }[]
}

/** False if another rebuild has corrected something since it was seen. */
async function correct(tx: Tx, { number, found, broken }: Seen): Promise<boolean> {
  if ((await rebuildsMade(tx)) !== number) return false
  const { counters, rollupSeals } = tx.tables
  await tx
    .insert(counters)
    .values({ name: rebuilds, value: number + 1 })
    .onConflictDoUpdate({ target: counters.name, set: { value: number + 1 } })
  for (const difference of found) {
    await addFigures(tx, 'rollups', asRow(difference))
    const { quarter } = difference
    await tx.delete(rollupSeals).where(and(gt(rollupSeals.stop, quarter), lte(rollupSeals.start, quarter)))
  }
  for (const { span, start } of broken) {
    await tx.delete(rollupSeals).where(and(eq(rollupSeals.span, span), eq(rollupSeals.start, start)))
  }
  return true
}

/** A counter like those of tasks and entries, so that two rebuilds do not both add what is missing once. */
const rebuilds = 'reports.rebuilds'

async function rebuildsMade(read: Connection): Promise<number> {
  const [row] = await read.rows<{ value: number }>(
    sql`SELECT value FROM ${read.tables.counters} WHERE name = ${rebuilds}`,
  )
  return row?.value ?? 0
}

const texts: ReadonlySet<string> = new Set(dimensions.filter((name) => name !== 'quarter'))

function asRow(difference: Difference): SQL {
  const values = [...dimensions, ...figures].map((name) => {
    const type = sql.raw(texts.has(name) ? 'text' : 'bigint')
    return sql`CAST(${difference[name]} AS ${type}) AS ${sql.raw(name)}`
  })
  return sql`SELECT ${sql.join(values, sql`, `)}`
}
