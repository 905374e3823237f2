// How SQLite would find the rows of a statement.
import Sqlite from 'better-sqlite3'

export function planOf(file: string, statement: string): string[] {
  const client = new Sqlite(file, { readonly: true })
  try {
    const blanks = Array.from({ length: statement.split('?').length - 1 }, () => null)
    const rows = client.prepare(`EXPLAIN QUERY PLAN ${statement}`).all(...blanks) as { detail: string }[]
    return rows.map(({ detail }) => detail)
  } finally {
    client.close()
  }
}
