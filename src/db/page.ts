// Filtered lists: a page reads a bounded number of rows, and its cursor continues after them.
import { setImmediate } from 'node:timers/promises'
import type { SQL, SQLWrapper } from 'drizzle-orm'
import type { Connection } from './database.ts'
import { and, desc, gte, lt, sql } from './drizzle.ts'
import { statement } from './statement.ts'
import type { Tables } from './tables.ts'

export const rowsLookedAtMax = 5_000
/** Where none of them is in memory, a disk needs up to 0.1 ms for each, and the event loop waits for it. */
const rowsOfSliceHere = 250
/** Where nothing waits for it here, fewer questions are quicker. */
const rowsOfSliceRemote = 2_500

/** How many rows one query may look at. */
export const rowsOfSlice = ({ isRemote }: Pick<Connection, 'isRemote'>): number =>
  isRemote ? rowsOfSliceRemote : rowsOfSliceHere

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

interface FilteredPage {
  readonly table: 'tasks' | 'accounts' | 'codes' | 'requests'
  /** Of which rows, without the filter: an index leads through them by id. */
  readonly of: SQL | undefined
  readonly wanted: SQL | undefined
  readonly before: string
  readonly limit: number
  /** Fewer than usual, where the filter looks at other rows too. */
  readonly lookedAtMax?: number
}

/**
 * A page of a list whose filter no index covers: it looks at a bounded number of rows, in slices between
 * which other requests run. It may have fewer rows than `limit`, even none, and still have a next page.
 */
export async function filteredPage<Row extends { readonly id: string }>(
  read: Connection,
  { table, of, wanted, before, limit, lookedAtMax = rowsLookedAtMax }: FilteredPage,
): Promise<Page<Row>> {
  // All of them have the column read here; their types differ too much to express that.
  const from = read.tables[table] as Tables['tasks']
  const below = and(of, lt(from.id, sql.placeholder('end')))
  const atOnce = Math.min(rowsOfSlice(read), lookedAtMax)
  // Built once for all slices.
  const lowestOfSlice = statement<{ id: string }>('lowest_of_slice', () =>
    read
      .select({ id: from.id })
      .from(from)
      .where(below)
      .orderBy(desc(from.id))
      .limit(1)
      .offset(atOnce - 1),
  )
  const wantedOfSlice = statement<Row>('wanted_of_slice', () =>
    read
      .select()
      .from(from)
      .where(and(below, gte(from.id, sql.placeholder('floor')), wanted))
      .orderBy(desc(from.id))
      .limit(sql.placeholder('most')),
  )
  const rows: Row[] = []
  let end = before
  for (let looked = 0; looked < lookedAtMax; looked += atOnce) {
    if (looked > 0) await setImmediate()
    const [lowest] = await lowestOfSlice(read, { end })
    const most = limit + 1 - rows.length
    rows.push(...(await wantedOfSlice(read, { end, floor: lowest?.id ?? '', most })))
    if (rows.length > limit) return cutPage(rows, limit)
    if (!lowest) return { rows, next: null }
    end = lowest.id
  }
  return { rows, next: end }
}

/** A page of at most `limit` rows, from one row more if another follows. */
export function cutPage<Row extends { readonly id: string }>(rows: readonly Row[], limit: number): Page<Row> {
  const page = rows.slice(0, limit)
  return { rows: page, next: rows.length > limit ? (page.at(-1)?.id ?? null) : null }
}

/** Whether a column's text holds another, whatever the case of ASCII letters. No sign of `part` is a wildcard. */
export function holds(column: SQLWrapper, part: string): SQL {
  const pattern = `%${part.replace(/[\\%_]/g, String.raw`\$&`)}%`
  return sql`lower(${column}) LIKE lower(${pattern}) ESCAPE '\\'`
}
