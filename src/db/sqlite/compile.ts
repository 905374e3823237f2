// Runs prepared queries on SQLite without the detours that are only needed where a query runs once.
import type Sqlite from 'better-sqlite3'
import type { SQL as Expression } from 'drizzle-orm'
import { Column, is, Param, Placeholder, SQL } from '../drizzle.ts'
import { compileFunctionOf } from '../../compile-function.ts'

interface Decoder {
  mapFromDriverValue(value: unknown): unknown
}

/** The parts of a prepared query of drizzle for better-sqlite3 that are used here. */
export interface PreparedQuery {
  getQuery(): { readonly sql: string; readonly params: readonly unknown[] }
  all(values: Values): unknown
  /** The columns of a row, each with the path that its value goes to. */
  readonly fields?:
    | readonly { readonly path: readonly string[]; readonly field: Decoder | Expression }[]
    | undefined
}

type Values = Readonly<Record<string, unknown>>

/** What a query binds and how its rows are read: the same whichever connection runs it. */
export interface Plan {
  readonly sql: string
  readonly bind: (values: Values) => unknown[]
  /** Null where there are no rows, or where something is nested in them and they are drizzle's to build. */
  readonly read: ((row: readonly unknown[]) => Values) | null
}

/** Worked out once; drizzle would do it for every run. */
export function planQuery(prepared: PreparedQuery): Plan {
  const { sql, params } = writtenOut(prepared.getQuery())
  const columns = columnsOf(prepared)
  return { sql, bind: binder(params), read: columns && rowReader(columns) }
}

/** `prepare` is asked only for rows that are drizzle's to build. */
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

/** What says so is asked for one row, and need not be asked whether there are more. */
const onlyOne = ' limit 1'

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

/** Whether a column hands values on as they are. */
function isPlain(map: (value: unknown) => unknown): boolean {
  return map === Column.prototype.mapFromDriverValue || map === Column.prototype.mapToDriverValue
}

/** A column that was forgotten would be written as NULL. */
function given(value: unknown, name: string): unknown {
  if (value === undefined) throw new Error(`the query has no value for ${name}`)
  return value
}
