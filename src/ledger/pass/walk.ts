// Walks a table in slices of its key, and runs the checks on the rows of one slice at a time.
import { sql } from '../../db/drizzle.ts'
import type { SQL } from 'drizzle-orm'
import type { Connection } from '../../db/database.ts'
import type { RowCheck } from '../checks.ts'
import type { Findings } from './findings.ts'

/** Rows per slice. One snapshot reads it: some tens of milliseconds without truncation of the store's log. */
export const sliceRowsMax = 1_000

/** One part of a pass: reads one slice in the committed state of `read`; false at the end. */
export type Step = (read: Connection) => Promise<boolean>

export interface Walk {
  readonly table: Connection['tables'][keyof Connection['tables']]
  /** Indexed columns to sort the rows by. They never change in a row, and need not be unique. */
  readonly key: readonly string[]
  /** Which rows are walked; all by default. */
  readonly among?: SQL
  readonly checks: readonly RowCheck[]
  readonly sliceRows: number
}

/** A row that is added before the position reached is not seen by this walk, but by the next. */
export function walkStep(walk: Walk, findings: Findings): Step {
  let after: SQL | null = null
  return async (read) => {
    const last = await lastOfSlice(read, walk, after)
    const slice = all(
      walk.among,
      after && sql`${keyOf(walk)} > ${after}`,
      last && sql`${keyOf(walk)} <= ${last}`,
    )
    for (const { check, query } of walk.checks) await findings.collect(read, check, query(slice))
    after = last
    return last !== null
  }
}

const keyOf = ({ key }: Walk): SQL => sql.raw(`(${key.map((column) => `c.${column}`).join(', ')})`)

/** Joins the given conditions with AND. */
function all(...conditions: readonly (SQL | null | undefined)[]): SQL {
  const given = conditions.filter((condition) => condition !== null && condition !== undefined)
  return given.length === 0 ? sql`1 = 1` : sql.join(given, sql` AND `)
}

/** The key of the last row of the slice after a key; null if the slice takes all that is left. */
async function lastOfSlice(read: Connection, walk: Walk, after: SQL | null): Promise<SQL | null> {
  const columns = walk.key.map((column, at) => `c.${column} AS k${at}`).join(', ')
  const behind = all(walk.among, after && sql`${keyOf(walk)} > ${after}`)
  const order = walk.key.map((column) => `c.${column}`).join(', ')
  const [row] = await read.rows<Record<string, unknown>>(
    sql`SELECT ${sql.raw(columns)} FROM ${walk.table} c WHERE ${behind} ORDER BY ${sql.raw(order)} LIMIT 1 OFFSET ${walk.sliceRows - 1}`,
  )
  return row
    ? sql`(${sql.join(
        Object.values(row).map((value) => sql`${value}`),
        sql`, `,
      )})`
    : null
}
