// Runs prepared queries on SQLite without the detours that are only needed where a query runs once.
import type Sqlite from 'better-sqlite3'
import { is, Param, Placeholder, SQL } from 'drizzle-orm'

interface Decoder {
  mapFromDriverValue(value: unknown): unknown
}

/** The parts of a prepared query of drizzle for better-sqlite3 that are used here. */
export interface PreparedQuery {
  getQuery(): { readonly sql: string; readonly params: readonly unknown[] }
  all(values: Values): unknown
  /** The columns of a row, each with the path that its value goes to. */
  readonly fields?: readonly { readonly path: readonly string[]; readonly field: Decoder | SQL }[] | undefined
}

type Values = Readonly<Record<string, unknown>>

/** What a query binds and how its rows are read is worked out once; drizzle would do it for every run. */
export function compileQuery(client: Sqlite.Database, prepared: PreparedQuery): (values: Values) => unknown {
  const { sql, params } = writtenOut(prepared.getQuery())
  const bind = binder(params)
  const native = client.prepare(sql)
  if (!native.reader) {
    return (values) => {
      native.run(...bind(values))
      return []
    }
  }
  const columns = columnsOf(prepared)
  // Rows with something nested in them are drizzle's to build.
  if (!columns) return (values) => prepared.all(values)
  native.raw(true)
  return (values) => native.all(...bind(values)).map((row) => objectOf(columns, row as unknown[]))
}

type Query = ReturnType<PreparedQuery['getQuery']>

/** Constants are written into the statement: bound, each would be handed over again with every run. */
function writtenOut({ sql, params }: Query): Query {
  const parts = sql.split('?')
  // A question mark within a text of the statement is no parameter, and then nothing can be told apart.
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

function binder(params: readonly unknown[]): (values: Values) => unknown[] {
  const binders = params.map(binderOf)
  return (values) => binders.map((bind) => bind(values))
}

function binderOf(param: unknown): (values: Values) => unknown {
  if (is(param, Placeholder)) return (values) => given(values, param.name)
  if (!is(param, Param)) return () => param
  const { encoder, value } = param
  if (is(value, Placeholder)) return (values) => encoder.mapToDriverValue(given(values, value.name))
  const constant: unknown = encoder.mapToDriverValue(value)
  return () => constant
}

/** A column that was forgotten would be written as NULL. */
function given(values: Values, name: string): unknown {
  const value = values[name]
  if (value === undefined) throw new Error(`the query has no value for ${name}`)
  return value
}

interface ReadColumn {
  readonly name: string
  readonly decoder: Decoder
}

function columnsOf({ fields }: PreparedQuery): ReadColumn[] | null {
  if (!fields) return null
  const columns: ReadColumn[] = []
  for (const { path, field } of fields) {
    const decoder = is(field, SQL) ? (field as unknown as { decoder: Decoder }).decoder : field
    const [name] = path
    if (name === undefined || path.length > 1 || typeof decoder.mapFromDriverValue !== 'function') return null
    columns.push({ name, decoder })
  }
  return columns
}

function objectOf(columns: readonly ReadColumn[], row: readonly unknown[]): Record<string, unknown> {
  const object: Record<string, unknown> = {}
  for (let at = 0; at < columns.length; at += 1) {
    const column = columns[at]
    const value = row[at]
    if (column) object[column.name] = value === null ? null : column.decoder.mapFromDriverValue(value)
  }
  return object
}
