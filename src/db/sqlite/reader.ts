// The read connection: all reads of one turn of the event loop share one look at the store.
import type Sqlite from 'better-sqlite3'

export interface Reader {
  /** Which look the next read would join; another number once that one has ended. */
  current(): number
  /** Ends the present look, so that the next read sees what has been committed since. */
  refresh(): void
}

/** Less than it takes anybody to hear of a commit and ask about it. */
const lookMaxMs = 1

/**
 * On its own, every read locks and unlocks the file, which costs more than the read. Here the first read of
 * a turn begins a transaction that the others of that turn join. A commit of ours ends it before anybody
 * learns of the commit; the end of the turn does, or its age: a turn can be long, and what another process
 * has committed and told somebody must not be denied to him.
 */
export function shareReads(client: Sqlite.Database): Reader {
  const begin = client.prepare('BEGIN')
  const end = client.prepare('COMMIT')
  let looking = false
  let looks = 0
  let lookedAt = 0
  const look = (): void => {
    const now = performance.now()
    if (looking && now - lookedAt < lookMaxMs) return
    refresh()
    begin.run()
    looking = true
    looks += 1
    lookedAt = now
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
  const current = (): number => {
    look()
    return looks
  }
  return { current, refresh }
}

/** See `Database.rights`. Within one look nothing changes, so it is asked once in each. */
export function rightsIn(reader: Reader, client: Sqlite.Database): () => number {
  const version = client.prepare('SELECT version FROM rights').pluck()
  let known = version.get() as number
  let askedIn = reader.current()
  return () => {
    const look = reader.current()
    if (look !== askedIn) {
      known = version.get() as number
      askedIn = look
    }
    return known
  }
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
