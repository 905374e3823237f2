// Queries of the hot path, built once for each connection: building one costs as much as running it.
import type { Connection } from './database.ts'

interface Prepared<Row> {
  execute(values: Record<string, unknown>): Promise<Row>
}

interface Preparable<Row> {
  prepare(name?: string): Prepared<Row>
}

/** A query with placeholders, run as `query(connection, values)`. */
export function statement<Row>(
  name: string,
  build: (connection: Connection) => unknown,
): (connection: Connection, values: Record<string, unknown>) => Promise<Row[]> {
  const preparedOf = new WeakMap<Connection, Prepared<Row[]>>()
  return async (connection, values) => {
    let prepared = preparedOf.get(connection)
    if (!prepared) {
      prepared = (build(connection) as Preparable<Row[]>).prepare(name)
      preparedOf.set(connection, prepared)
    }
    return await prepared.execute(values)
  }
}
