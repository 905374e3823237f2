// Removes the planner's statistics: plans are tested without them, and must not change with the data.
import type Sqlite from 'better-sqlite3'

const tables = ['sqlite_stat1', 'sqlite_stat4']

/**
 * Removes the statistics left by `ANALYZE` or `PRAGMA optimize`, run manually or by a tool. With them SQLite
 * takes every table's size from that time, and an empty table for a large one, so that an empty queue is
 * searched by scanning every request. Returns whether there were any; the connection keeps using those it has
 * read, so it has to be reopened.
 */
export function dropStatistics(client: Sqlite.Database): boolean {
  const isThere = client.prepare("SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name = ?")
  const found = tables.filter((name) => isThere.get(name) !== undefined)
  for (const name of found) client.exec(`DROP TABLE IF EXISTS ${name}`)
  return found.length > 0
}
