// The read connection: all reads in one turn of the event loop share one read transaction.
import type Sqlite from 'better-sqlite3'
import { StoreRefused } from '../errors.ts'

export interface Reader {
  /** The number of the read transaction the next read would join; it changes when that ends. */
  current(): number
  /** Ends the current read transaction, so that the next read sees later commits. Ends a hold, too. */
  refresh(): void
  /**
   * Begins a read transaction that sees all commits so far, and stays with it until `refresh`: what is committed
   * next is not durable yet. Call it while the writer holds the write lock.
   */
  hold(): void
}

/** Shorter than a client needs to learn of a commit and ask about it. */
const lookMaxMs = 1

/**
 * A separate read locks and unlocks the file, which costs more than the read itself. So the first read of a
 * turn begins a transaction that the turn's other reads join. It ends before one of our commits is
 * acknowledged, at the end of the turn, or by age: a turn can be long, and a commit that another process has
 * already acknowledged must be visible.
 *
 * While one of our commits waits for the disk, reads stay with the state before it. Another process that commits
 * then syncs the same log, our commit before its own, and only afterwards lets anybody see it: so a commit of
 * another process that we see ends the hold, and everything visible is durable. `othersVersion` changes with
 * each such commit.
 */
export function shareReads(client: Sqlite.Database, othersVersion: () => unknown = () => null): Reader {
  const begin = client.prepare('BEGIN')
  const end = client.prepare('COMMIT')
  const anyRead = client.prepare('SELECT 1 FROM sqlite_schema LIMIT 1')
  let looking = false
  let looks = 0
  let lookedAt = 0
  let held: { readonly version: unknown } | null = null
  const look = (): void => {
    // A failed read ends a transaction, and another one would see what is not durable.
    if (held && !client.inTransaction) throw unreadable()
    const now = performance.now()
    if (looking && now - lookedAt < lookMaxMs) return
    if (held && held.version === othersVersion()) {
      lookedAt = now
      return
    }
    enter(now)
    setImmediate(refreshQuietly)
  }
  const enter = (now: number): void => {
    refresh()
    begin.run()
    looking = true
    looks += 1
    lookedAt = now
  }
  const hold = (): void => {
    enter(performance.now())
    // BEGIN alone chooses no state to read; the first read does.
    anyRead.get()
    held = { version: othersVersion() }
  }
  const refresh = (): void => {
    held = null
    if (!looking || !client.open) return
    looking = false
    // A failed read may have ended it already.
    if (client.inTransaction) end.run()
  }
  /** At the end of a turn nobody asks: whatever is wrong with the store is told to whoever reads it next. */
  const refreshQuietly = (): void => {
    if (held) return
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
  return { current, refresh, hold }
}

const unreadable = () =>
  new StoreRefused('A read of the store failed; until a commit is on the disk, no other read is begun.')

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
