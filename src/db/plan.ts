// How a prepared query binds its values and reads its rows, computed once: drizzle would do it for every run.
import type { SQL as Expression } from 'drizzle-orm'
import { compileFunctionOf } from '../compile-function.ts'
import { Column, is, Param, Placeholder, SQL } from './drizzle.ts'

interface Decoder {
  mapFromDriverValue(value: unknown): unknown
}

/** The columns of a row, each with the path of its value in the result. */
export interface Fields {
  readonly fields?:
    | readonly { readonly path: readonly string[]; readonly field: Decoder | Expression }[]
    | undefined
}

export type Values = Readonly<Record<string, unknown>>

/** The function that lists the parameters of a query, given the values of its placeholders. */
export function binder(params: readonly unknown[]): (values: Values) => unknown[] {
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

/** Null if there are no rows, or if they are nested and drizzle has to build them. */
export function rowReader(query: Fields): ((row: readonly unknown[]) => Values) | null {
  const columns = columnsOf(query)
  if (!columns) return null
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

interface ReadColumn {
  readonly name: string
  readonly decoder: Decoder
}

function columnsOf({ fields }: Fields): ReadColumn[] | null {
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

/** Whether a column passes values on unchanged. */
function isPlain(map: (value: unknown) => unknown): boolean {
  return map === Column.prototype.mapFromDriverValue || map === Column.prototype.mapToDriverValue
}

/** A forgotten column would be written as NULL. */
function given(value: unknown, name: string): unknown {
  if (value === undefined) throw new Error(`the query has no value for ${name}`)
  return value
}
