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
 * and so must never meet two items of one row.
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
  const [start = '', list, ...more] = written(asked).split(') values (')
  if (!start.startsWith('insert into ') || !list?.endsWith(')') || more.length > 0) return null
  const [into = '', names = ''] = start.split(' (')
  const given = list.slice(0, -1).split(', ')
  const columns = names.split(', ')
  if (given.length !== columns.length) return null
  const kept = columns.flatMap((column, at) => (given[at] === 'default' ? [] : [{ column, at }]))
  const values = kept.map(({ at }) => given[at]).join(', ')
  const target = `${into} (${kept.map(({ column }) => column).join(', ')})`
  return {
    hasRows: false,
    around: (source) => `${target} SELECT ${values} FROM ${source} ORDER BY items.item_number`,
  }
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
