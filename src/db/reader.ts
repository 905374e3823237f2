// The read connection: all reads of one turn of the event loop share one look at the store.
import type Sqlite from 'better-sqlite3'

export interface Reader {
  /** Ends the present look, so that the next read sees what has been committed since. */
  refresh(): void
}

/**
 * On its own, every read locks and unlocks the file, which costs more than the read. Here the first read of
 * a turn begins a transaction that all others of that turn join; a commit of ours ends it at once, the end
 * of the turn in any case, so nobody reads what a commit that he knows of has changed.
 */
export function shareReads(client: Sqlite.Database): Reader {
  const begin = client.prepare('BEGIN')
  const end = client.prepare('COMMIT')
  let looking = false
  const look = (): void => {
    if (looking) return
    begin.run()
    looking = true
    setImmediate(refresh)
  }
  const refresh = (): void => {
    if (!looking || !client.open) return
    looking = false
    // A failed read may have ended it already.
    if (client.inTransaction) end.run()
  }
  const prepare = client.prepare.bind(client)
  client.prepare = ((sql: string) => joined(prepare(sql), look)) as typeof client.prepare
  return { refresh }
}

function joined(statement: Sqlite.Statement, look: () => void): Sqlite.Statement {
  const { all, get } = statement
  statement.all = (...values: unknown[]) => {
    look()
    return all.apply(statement, values)
  }
  statement.get = (...values: unknown[]) => {
    look()
    return get.apply(statement, values)
  }
  return statement
}
