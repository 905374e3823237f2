// Runs prepared queries on SQLite without the detours that are only needed where a query runs once.
import type Sqlite from 'better-sqlite3'
import { is, Param, Placeholder } from 'drizzle-orm'

/** The part of a prepared query of drizzle for better-sqlite3 that is used here. */
export interface PreparedQuery {
  getQuery(): { readonly sql: string; readonly params: readonly unknown[] }
  all(values: Readonly<Record<string, unknown>>): unknown
}

type Values = Readonly<Record<string, unknown>>

/** Rows come through drizzle, which knows their columns; what returns none is bound and run directly. */
export function compileQuery(client: Sqlite.Database, prepared: PreparedQuery): (values: Values) => unknown {
  const { sql, params } = prepared.getQuery()
  const native = client.prepare(sql)
  if (native.reader) return (values) => prepared.all(values)
  const binders = params.map(binderOf)
  return (values) => {
    const bound = new Array<unknown>(binders.length)
    binders.forEach((bind, at) => {
      bound[at] = bind(values)
    })
    native.run(...bound)
    return []
  }
}

function binderOf(param: unknown): (values: Values) => unknown {
  if (is(param, Placeholder)) return (values) => values[param.name]
  if (!is(param, Param)) return () => param
  const { encoder, value } = param
  if (is(value, Placeholder)) return (values) => encoder.mapToDriverValue(values[value.name])
  const constant: unknown = encoder.mapToDriverValue(value)
  return () => constant
}
