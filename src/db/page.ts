// Pages of a list that a filter thins out: a page looks at a bounded number of rows, and its cursor leads on.
import type { SQL } from 'drizzle-orm'
import type { Connection } from './database.ts'
import { desc } from './drizzle.ts'
import type { Tables } from './tables.ts'

/** Looking at this many rows holds the event loop for a few milliseconds. */
export const rowsLookedAtMax = 5_000

export interface Page<Row> {
  readonly rows: readonly Row[]
  /** Where the next page begins: rows below this id. Null: there are no more. */
  readonly next: string | null
}

/** Turns pages until there are `limit` rows or no more: for commands, which hold nobody up. */
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

/** The lowest id that a page looks at, among the rows that `walked` keeps; null where there are not so many. */
export async function floorOf(
  read: Connection,
  table: 'tasks' | 'accounts',
  walked: SQL | undefined,
): Promise<string | null> {
  // Both have the one column that is read here; their types differ too much to say so.
  const rows = read.tables[table] as Tables['tasks']
  const [lowest] = await read
    .select({ id: rows.id })
    .from(rows)
    .where(walked)
    .orderBy(desc(rows.id))
    .limit(1)
    .offset(rowsLookedAtMax - 1)
  return lowest?.id ?? null
}

/**
 * A page of at most `limit` rows. `rows` holds one row more where there is one; `floor` is the lowest id that was
 * looked at, or null where nothing lies below. A page may hold fewer rows than `limit`, also none, and lead on.
 */
export function pageAbove<Row extends { readonly id: string }>(
  rows: readonly Row[],
  { limit, floor }: { readonly limit: number; readonly floor: string | null },
): Page<Row> {
  const page = rows.slice(0, limit)
  return { rows: page, next: rows.length > limit ? (page.at(-1)?.id ?? null) : floor }
}
