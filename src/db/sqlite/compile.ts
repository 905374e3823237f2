// Runs prepared queries on SQLite without the overhead that drizzle only needs for one-off queries.
import type Sqlite from 'better-sqlite3'
import { is, Param, Placeholder } from '../drizzle.ts'
import { binder, rowReader } from '../plan.ts'
import type { Fields, Values } from '../plan.ts'

/** The parts of drizzle's better-sqlite3 prepared query that are used here. */
export interface PreparedQuery extends Fields {
  getQuery(): { readonly sql: string; readonly params: readonly unknown[] }
  all(values: Values): unknown
}

/** A query's parameters and row decoding, independent of the connection. */
export interface Plan {
  readonly sql: string
  readonly bind: (values: Values) => unknown[]
  /** Null if there are no rows, or if they are nested and drizzle has to build them. */
  readonly read: ((row: readonly unknown[]) => Values) | null
}

/** Computed once; drizzle would do it for every run. */
export function planQuery(prepared: PreparedQuery): Plan {
  const { sql, params } = writtenOut(prepared.getQuery())
  return { sql, bind: binder(params), read: rowReader(prepared) }
}

/** `prepare` is called only for rows that drizzle has to build. */
export function compilePlan(
  client: Sqlite.Database,
  { sql, bind, read }: Plan,
  prepare: () => PreparedQuery,
): (values: Values) => unknown {
  const native = client.prepare(sql)
  if (!native.reader) {
    return (values) => {
      native.run(...bind(values))
      return []
    }
  }
  if (!read) {
    const prepared = prepare()
    return (values) => prepared.all(values)
  }
  native.raw(true)
  if (sql.endsWith(onlyOne)) {
    return (values) => {
      const row = native.get(...bind(values)) as unknown[] | undefined
      return row ? [read(row)] : []
    }
  }
  return (values) => (native.all(...bind(values)) as unknown[][]).map(read)
}

/** A statement that ends like this returns one row, so there is no need to ask for more. */
const onlyOne = ' limit 1'

type Query = ReturnType<PreparedQuery['getQuery']>

/** Inlines constants in the statement: as parameters they would be bound again for every run. */
function writtenOut({ sql, params }: Query): Query {
  const parts = sql.split('?')
  // A question mark inside a string literal is not a parameter; then parameters cannot be located.
  if (parts.length !== params.length + 1) return { sql, params }
  const left: unknown[] = []
  const written = parts.slice(1).map((part, at) => {
    const literal = literalOf(params[at])
    if (literal !== null) return literal + part
    left.push(params[at])
    return `?${part}`
  })
  return { sql: [parts[0], ...written].join(''), params: left }
}

function literalOf(param: unknown): string | null {
  if (is(param, Placeholder) || (is(param, Param) && is(param.value, Placeholder))) return null
  const value: unknown = is(param, Param) ? param.encoder.mapToDriverValue(param.value) : param
  if (Number.isSafeInteger(value)) return String(value)
  return typeof value === 'string' ? `'${value.replaceAll("'", "''")}'` : null
}
