// Runs prepared queries on SQLite without the overhead that drizzle only needs for one-off queries.
import type Sqlite from 'better-sqlite3'
import type { SQL as Expression } from 'drizzle-orm'
import { Column, is, Param, Placeholder, SQL } from '../drizzle.ts'
import { compileFunctionOf } from '../../compile-function.ts'

interface Decoder {
  mapFromDriverValue(value: unknown): unknown
}

/** The parts of drizzle's better-sqlite3 prepared query that are used here. */
export interface PreparedQuery {
  getQuery(): { readonly sql: string; readonly params: readonly unknown[] }
  all(values: Values): unknown
  /** The columns of a row, each with the path of its value in the result. */
  readonly fields?:
    | readonly { readonly path: readonly string[]; readonly field: Decoder | Expression }[]
    | undefined
}

type Values = Readonly<Record<string, unknown>>

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
  const columns = columnsOf(prepared)
  return { sql, bind: binder(params), read: columns && rowReader(columns) }
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

function binder(params: readonly unknown[]): (values: Values) => unknown[] {
  const known: unknown[] = []
  const items = params.map((param) => {
    const { encoder, value } = is(param, Param) ? param : { encoder: asItIs, value: param }
    if (!is(value, Placeholder)) return `known[${known.push(encoder.mapToDriverValue(value)) - 1}]`
    const name = JSON.stringify(value.name)
    const taken = `(input[${name}] ?? given(input[${name}], ${name}))`
    return isPlain(encoder.mapToDriverValue)
      ? taken
      : `known[${known.push(encoder) - 1}].mapToDriverValue(${taken})`
  })
  return compileFunctionOf(`[${items.join(', ')}]`, { known, given }) as (values: Values) => unknown[]
}

const asItIs = { mapToDriverValue: (value: unknown) => value }

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

function rowReader(columns: readonly ReadColumn[]): (row: readonly unknown[]) => Values {
  const items = columns.map(({ name, decoder }, at) => {
    const value = isPlain(decoder.mapFromDriverValue)
      ? `input[${at}]`
      : `input[${at}] === null ? null : known[${at}].mapFromDriverValue(input[${at}])`
    return `${JSON.stringify(name)}: ${value}`
  })
  return compileFunctionOf(`({ ${items.join(', ')} })`, {
    known: columns.map(({ decoder }) => decoder),
  }) as (row: readonly unknown[]) => Values
}

/** Whether a column passes values on unchanged. */
function isPlain(map: (value: unknown) => unknown): boolean {
  return map === Column.prototype.mapFromDriverValue || map === Column.prototype.mapToDriverValue
}

/** A forgotten column would be written as NULL. */
function given(value: unknown, name: string): unknown {
  if (value === undefined) throw new Error(`the query has no value for ${name}`)
  return value
}
