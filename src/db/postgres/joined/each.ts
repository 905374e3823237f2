// Makes of a statement for one item a statement for any number of them: their values come as arrays.
import { Column, is, Param, Placeholder } from '../../drizzle.ts'
import { storable } from '../link/values.ts'

interface Asked {
  readonly text: string
  readonly params: readonly unknown[]
}

/** A statement for many items. Of its rows, the last value says for which item each is, counted from 1. */
interface ForEach {
  /** One array for each column of values, as PostgreSQL writes them. */
  values(items: readonly (readonly unknown[])[]): string[]
  /** Depends on the types of the values. */
  text(items: readonly (readonly unknown[])[]): string
  /** Whether its rows say for which item they are; otherwise there are none. */
  readonly hasRows: boolean
}

/**
 * Null for what cannot be joined: a statement without values or of another form. An update joins its items to rows,
 * and so must never meet two items of one row; neither must an insert that leaves a row alone that is there.
 */
export function forEach(asked: Asked): ForEach | null {
  const columns = columnsOf(asked.params)
  const formed = columns.length === 0 ? null : (selected(asked) ?? updated(asked) ?? inserted(asked))
  if (!formed) return null
  const textOf = (types: readonly string[]): string => {
    const arrays = types.map((type, at) => `$${at + 1}::${type === unknownType ? 'text' : type}[]`)
    const names = types.map((_, at) => `item_${at + 1}`)
    const source = `unnest(${arrays.join(', ')}) WITH ORDINALITY AS items (${names.join(', ')}, item_number)`
    // Without a type, NULL fits every column.
    return formed
      .around(source)
      .replaceAll(/items\.item_(\d+)/g, (name, at: string) =>
        types[Number(at) - 1] === unknownType ? 'NULL' : name,
      )
  }
  const texts = new Map<string, string>()
  const typesIn = (items: readonly (readonly unknown[])[]) => columns.map((column) => typeOf(column, items))
  return {
    hasRows: formed.hasRows,
    values: (items) => columns.map(({ at }) => arrayOf(items, at)),
    text(items) {
      const types = typesIn(items)
      const key = types.join()
      const text = texts.get(key) ?? textOf(types)
      texts.set(key, text)
      return text
    },
  }
}

interface ItemColumn {
  /** Its position among the parameters. */
  readonly at: number
  /** Null: told by the values. */
  readonly type: string | null
}

function columnsOf(params: readonly unknown[]): ItemColumn[] {
  const columns: ItemColumn[] = []
  for (const [at, param] of params.entries()) {
    if (!isPlaceholder(param)) continue
    const encoder = is(param, Param) ? param.encoder : null
    columns.push({ at, type: is(encoder, Column) ? encoder.getSQLType() : null })
  }
  return columns
}

const isPlaceholder = (param: unknown): boolean => is(is(param, Param) ? param.value : param, Placeholder)

interface Formed {
  around(source: string): string
  readonly hasRows: boolean
}

function selected(asked: Asked): Formed | null {
  if (!asked.text.startsWith('select ')) return null
  const one = written(asked)
  return {
    hasRows: true,
    around: (source) =>
      `SELECT found.*, items.item_number FROM ${source} CROSS JOIN LATERAL (${one}) AS found`,
  }
}

const returning = ' returning '

function updated(asked: Asked): Formed | null {
  if (!asked.text.startsWith('update ')) return null
  const [set = '', where, ...more] = written(asked).split(' where ')
  if (where === undefined || more.length > 0) return null
  const hasRows = where.includes(returning)
  const end = hasRows ? `${where}, items.item_number` : where
  return { hasRows, around: (source) => `${set} FROM ${source} WHERE ${end}` }
}

/** `insert into "t" ("a", "b", "c") values ($1, default, $2)`: what is left out has its default. */
function inserted(asked: Asked): Formed | null {
  const [start = '', rest, ...more] = written(asked).split(') values (')
  if (!start.startsWith('insert into ') || rest === undefined || more.length > 0) return null
  const unlessThere = rest.match(
    /^(?<list>.*)\) on conflict \((?<targets>[^()]*)\) do nothing returning (?<names>.*)$/,
  )
  const list = unlessThere?.groups?.['list'] ?? (rest.endsWith(')') ? rest.slice(0, -1) : null)
  if (list === null) return null
  const [into = '', names = ''] = start.split(' (')
  const given = list.split(', ')
  const columns = names.split(', ')
  if (given.length !== columns.length) return null
  const kept = columns.flatMap((column, at) => (given[at] === 'default' ? [] : [{ column, at }]))
  const values = kept.map(({ at }) => given[at]).join(', ')
  const target = `${into} (${kept.map(({ column }) => column).join(', ')})`
  const around = (source: string) => `${target} SELECT ${values} FROM ${source} ORDER BY items.item_number`
  if (!unlessThere) return { hasRows: false, around }
  const { targets = '', names: returned = '' } = unlessThere.groups ?? {}
  const unique = targets.split(',').map((column) => ({ column, value: given[columns.indexOf(column)] }))
  if (unique.some(({ value }) => value === undefined)) return null
  return { hasRows: true, around: (source) => unlessThereText(source, { target, values, unique, returned }) }
}

interface UnlessThere {
  readonly target: string
  readonly values: string
  /** The columns that alone tell a row, and what an item gives for each. */
  readonly unique: readonly { readonly column: string; readonly value: string | undefined }[]
  readonly returned: string
}

/** Only a row's own columns can be returned by an insert: those that alone tell it say whose it is. */
function unlessThereText(source: string, { target, values, unique, returned }: UnlessThere): string {
  const columns = unique.map(({ column }) => column)
  const names = returned.split(', ')
  const all = [...names, ...columns].map((column, at) => `${column} AS put_${at + 1}`)
  const isOf = unique.map(({ value }, at) => `put.put_${names.length + at + 1} = ${value}`)
  return (
    `WITH items AS MATERIALIZED (SELECT * FROM ${source}), put AS (${target} SELECT ${values} FROM items ` +
    `ORDER BY items.item_number ON CONFLICT (${columns.join(', ')}) DO NOTHING RETURNING ${all.join(', ')}) ` +
    `SELECT ${names.map((_, at) => `put.put_${at + 1}`).join(', ')}, items.item_number ` +
    `FROM put JOIN items ON ${isOf.join(' AND ')}`
  )
}

/** With the names of item columns for placeholders, and constants as they are written in SQL. */
function written({ text, params }: Asked): string {
  let items = 0
  const words = params.map((param) => {
    if (!isPlaceholder(param)) return literalOf(is(param, Param) ? mapped(param) : param)
    items += 1
    return `items.item_${items}`
  })
  return text.replaceAll(/\$(\d+)/g, (_, at: string) => words[Number(at) - 1] ?? '')
}

const mapped = (param: InstanceType<typeof Param>): unknown => param.encoder.mapToDriverValue(param.value)

function literalOf(value: unknown): string {
  if (value === null) return 'NULL'
  return typeof value === 'string' ? `'${value.replaceAll("'", "''")}'` : `${value as number | boolean}`
}

/** Of a column in which every value is null. */
const unknownType = 'unknown'

const typesOfValues = new Map([
  ['number', 'bigint'],
  ['boolean', 'boolean'],
])

function typeOf({ at, type }: ItemColumn, items: readonly (readonly unknown[])[]): string {
  if (type !== null) return type
  const item = items.find((each) => each[at] !== null)
  return item ? (typesOfValues.get(typeof item[at]) ?? 'text') : unknownType
}

/** A literal of an array, in PostgreSQL's words. */
function arrayOf(items: readonly (readonly unknown[])[], at: number): string {
  let list = ''
  for (const item of items) list += `,${elementOf(storable(item[at]))}`
  return `{${list.slice(1)}}`
}

function elementOf(value: unknown): string {
  if (value === null) return 'NULL'
  if (typeof value !== 'string') return `${value as number | boolean}`
  if (!value.includes('"') && !value.includes('\\')) return `"${value}"`
  return `"${value.replaceAll('\\', '\\\\').replaceAll('"', '\\"')}"`
}
