// Pagination of filtered lists: a page reads a bounded number of rows, and its cursor continues after them.
import type { SQL } from 'drizzle-orm'
import type { Connection } from './database.ts'
import { desc } from './drizzle.ts'
import type { Tables } from './tables.ts'

/** Reading this many rows blocks the event loop for a few milliseconds. */
export const rowsLookedAtMax = 5_000

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

/** The lowest id a page reads among the rows matching `walked`; null if there are fewer. */
export async function floorOf(
  read: Connection,
  table: 'tasks' | 'accounts',
  walked: SQL | undefined,
): Promise<string | null> {
  // Both tables have the column read here; their types differ too much to express that.
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
 * A page of at most `limit` rows. `rows` has one row more if another follows; `floor` is the lowest id that
 * was read, or null if none lies below. A page may have fewer rows than `limit`, even none, and still have a
 * next page.
 */
export function pageAbove<Row extends { readonly id: string }>(
  rows: readonly Row[],
  { limit, floor }: { readonly limit: number; readonly floor: string | null },
): Page<Row> {
  const page = rows.slice(0, limit)
  return { rows: page, next: rows.length > limit ? (page.at(-1)?.id ?? null) : floor }
}
