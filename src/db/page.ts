// Pagination of filtered lists: a page reads a bounded number of rows, and its cursor continues after them.
import { setImmediate } from 'node:timers/promises'
import type { SQL } from 'drizzle-orm'
import type { Connection } from './database.ts'
import { and, desc, gte, lt } from './drizzle.ts'
import type { Tables } from './tables.ts'

export const rowsLookedAtMax = 5_000
/** Where none of them is in memory, a disk needs up to 0.1 ms for each, and the event loop waits for it. */
const rowsOfSlice = 250

export interface Page<Row> {
  readonly rows: readonly Row[]
  /** Where the next page begins: rows below this id. Null: there are no more. */
  readonly next: string | null
}

/** Reads pages until there are `limit` rows or no more: for commands, which block no one else. */
export async function firstRows<Row>(
  limit: number,
  list: (before: string | null, limit: number) => Promise<Page<Row>>,
): Promise<Row[]> {
  const rows: Row[] = []
  let before: string | null = null
  do {
    const page = await list(before, limit - rows.length)
    rows.push(...page.rows)
    before = page.next
  } while (before !== null && rows.length < limit)
  return rows
}

interface FilteredPage<Row> {
  readonly table: 'tasks' | 'accounts'
  /** Of which rows, without the filter: an index leads through them by id. */
  readonly of: SQL | undefined
  readonly before: string
  readonly limit: number
  /** Reads at most `limit` rows that match `range` and the filter, highest id first. */
  find(range: SQL | undefined, limit: number): Promise<readonly Row[]>
}

/**
 * A page of a list whose filter no index covers: it looks at a bounded number of rows, in slices between
 * which other requests run. It may have fewer rows than `limit`, even none, and still have a next page.
 */
export async function filteredPage<Row extends { readonly id: string }>(
  read: Connection,
  { table, of, before, limit, find }: FilteredPage<Row>,
): Promise<Page<Row>> {
  // Both tables have the column read here; their types differ too much to express that.
  const { id } = read.tables[table] as Tables['tasks']
  const rows: Row[] = []
  let end = before
  for (let looked = 0; looked < rowsLookedAtMax; looked += rowsOfSlice) {
    if (looked > 0) await setImmediate()
    const below = and(of, lt(id, end))
    const floor = await floorOf(read, table, below)
    const range = and(below, floor === null ? undefined : gte(id, floor))
    rows.push(...(await find(range, limit + 1 - rows.length)))
    if (rows.length > limit) return cutPage(rows, limit)
    if (floor === null) return { rows, next: null }
    end = floor
  }
  return { rows, next: end }
}

/** The lowest id of the next slice; null if fewer rows are left. */
async function floorOf(
  read: Connection,
  table: FilteredPage<never>['table'],
  below: SQL | undefined,
): Promise<string | null> {
  const rows = read.tables[table] as Tables['tasks']
  const [lowest] = await read
    .select({ id: rows.id })
    .from(rows)
    .where(below)
    .orderBy(desc(rows.id))
    .limit(1)
    .offset(rowsOfSlice - 1)
  return lowest?.id ?? null
}

/** A page of at most `limit` rows, from one row more if another follows. */
export function cutPage<Row extends { readonly id: string }>(rows: readonly Row[], limit: number): Page<Row> {
  const page = rows.slice(0, limit)
  return { rows: page, next: rows.length > limit ? (page.at(-1)?.id ?? null) : null }
}
