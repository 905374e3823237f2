// Queries of the hot path, built once for each connection: building one costs as much as running it.
import type { Connection } from './database.ts'

interface Prepared {
  execute(values: Record<string, unknown>): unknown
}

interface Preparable {
  prepare(name?: string): Prepared
}

/** A query with placeholders, run as `query(connection, values)`. */
export function statement<Row>(
  name: string,
  build: (connection: Connection) => unknown,
): (connection: Connection, values: Record<string, unknown>) => Promise<Row[]> {
  const preparedOf = new WeakMap<Connection, Prepared>()
  return async (connection, values) => {
    let prepared = preparedOf.get(connection)
    if (!prepared) {
      prepared = (build(connection) as Preparable).prepare(name)
      preparedOf.set(connection, prepared)
    }
    return await connection.settle<Row>(prepared.execute(values))
  }
}
