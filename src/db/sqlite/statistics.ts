// The planner's statistics, which the gateway does without: its plans are tested, and may not change with the rows that there are.
import type Sqlite from 'better-sqlite3'

const tables = ['sqlite_stat1', 'sqlite_stat4']

/**
 * Removes what `ANALYZE` or `PRAGMA optimize`, run by a hand or a tool, has left. By it SQLite takes every table for as
 * large as it was then, and an empty one for a large one, so that a queue of nothing is looked for through every
 * request. Returns whether there was any; the connection goes on with what it has read of it, and has to be opened anew.
 */
export function dropStatistics(client: Sqlite.Database): boolean {
  const isThere = client.prepare("SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name = ?")
  const found = tables.filter((name) => isThere.get(name) !== undefined)
  for (const name of found) client.exec(`DROP TABLE IF EXISTS ${name}`)
  return found.length > 0
}
