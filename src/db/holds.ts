// A condition: whether a column's text holds another, whatever the case of ASCII letters.
import type { SQL, SQLWrapper } from 'drizzle-orm'
import { sql } from './drizzle.ts'

/** No sign of `part` is a wildcard. */
export function holds(column: SQLWrapper, part: string): SQL {
  const pattern = `%${part.replace(/[\\%_]/g, String.raw`\$&`)}%`
  return sql`lower(${column}) LIKE lower(${pattern}) ESCAPE '\\'`
}
