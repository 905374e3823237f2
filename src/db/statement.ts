// Queries of the hot path, built once: building one costs more than running it.
import { and, eq, inArray, sql } from './drizzle.ts'
import type { Connection, Query, Tx } from './database.ts'
import type { Tables } from './tables.ts'

interface Preparable {
  prepare(name?: string): unknown
}

/** A query with placeholders, run as `query(connection, values)`. */
export function statement<Row>(
  name: string,
  build: (connection: Connection) => unknown,
): (connection: Connection, values: Readonly<Record<string, unknown>>) => Row[] | Promise<Row[]> {
  const runOf = new WeakMap<Connection, (values: Readonly<Record<string, unknown>>) => unknown>()
  const query: Query = (connection) => (build(connection) as Preparable).prepare(name)
  // Not async: where rows come at once, a promise around them would only cost time.
  return (connection, values) => {
    let run = runOf.get(connection)
    if (!run) {
      run = connection.compile(query)
      runOf.set(connection, run)
    }
    return run(values) as Row[] | Promise<Row[]>
  }
}

/**
 * Updates the rows whose `by` has a value and whose state is one of `from`, and returns them as they are now;
 * none means that somebody else was first. One statement is kept for each set of columns and states.
 */
export function conditionalUpdate<Name extends 'requests' | 'tasks' | 'attempts'>(
  table: Name,
  by: 'id' | 'requestId',
) {
  type Row = Tables[Name]['$inferSelect']
  const updates = new Map<string, ReturnType<typeof statement<Row>>>()
  return async (
    tx: Tx,
    value: string,
    from: readonly Row['state'][],
    change: Partial<Row>,
  ): Promise<Row[]> => {
    const columns = Object.keys(change)
    const name = `${table} by ${by} from ${from.join(' ')} set ${columns.join(' ')}`
    let update = updates.get(name)
    if (!update) {
      update = statement<Row>(name, (connection) => buildUpdate(connection, table, by, from, columns))
      updates.set(name, update)
    }
    return await update(tx, { ...change, byValue: value })
  }
}

function buildUpdate(
  connection: Connection,
  table: 'requests' | 'tasks' | 'attempts',
  by: 'id' | 'requestId',
  from: readonly string[],
  columns: readonly string[],
): unknown {
  // The three tables have the columns that are named here; their types differ too much to say so.
  const target = connection.tables[table] as Tables['tasks']
  const change = Object.fromEntries(columns.map((column) => [column, sql.placeholder(column)]))
  return connection
    .update(target)
    .set(change)
    .where(and(eq(target[by], sql.placeholder('byValue')), inArray(target.state, [...from] as never)))
    .returning()
}
