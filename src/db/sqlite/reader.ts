// The read connection: all reads in one turn of the event loop share one read transaction.
import type Sqlite from 'better-sqlite3'

export interface Reader {
  /** The number of the read transaction the next read would join; it changes when that ends. */
  current(): number
  /** Ends the current read transaction, so that the next read sees later commits. */
  refresh(): void
}

/** Shorter than a client needs to learn of a commit and ask about it. */
const lookMaxMs = 1

/**
 * A separate read locks and unlocks the file, which costs more than the read itself. So the first read of a
 * turn begins a transaction that the turn's other reads join. It ends before one of our commits is
 * acknowledged, at the end of the turn, or by age: a turn can be long, and a commit that another process has
 * already acknowledged must be visible.
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
    setImmediate(refreshQuietly)
  }
  const refresh = (): void => {
    if (!looking || !client.open) return
    looking = false
    // A failed read may have ended it already.
    if (client.inTransaction) end.run()
  }
  /** At the end of a turn nobody asks: whatever is wrong with the store is told to whoever reads it next. */
  const refreshQuietly = (): void => {
    try {
      refresh()
    } catch {
      // The transaction is over for us; the next read begins one, and throws what is wrong.
    }
  }
  const prepare = client.prepare.bind(client)
  client.prepare = ((sql: string) => joined(prepare(sql), look)) as typeof client.prepare
  const current = (): number => {
    look()
    return looks
  }
  return { current, refresh }
}

/** See `Database.rights`. Nothing changes within one read transaction, so it is queried once in each. */
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
