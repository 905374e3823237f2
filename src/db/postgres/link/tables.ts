// Whether a table is there, by the rows of the catalogue.
import type { Link } from './link.ts'

/**
 * In SQL: whether any schema of the search path has a table of the name that `$1` gives. `to_regclass` would answer
 * from what the connection remembers: inside a transaction it overlooks what others made while this one waited.
 */
export const isTable = `EXISTS (SELECT 1 FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
  WHERE c.relkind IN ('r', 'p') AND c.relname = $1 AND n.nspname = ANY (current_schemas(true)))`

export async function hasTable(link: Pick<Link, 'ask'>, name: string): Promise<boolean> {
  const [row] = await link.ask<{ found: boolean }>(`SELECT ${isTable} AS found`, [name])
  return row?.found ?? false
}
