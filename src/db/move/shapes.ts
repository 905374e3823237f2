// What a store consists of, from the definition of its tables: columns, keys, and which tables come first.
import { sqlite } from '../drizzle.ts'
import { sqliteKit } from '../sqlite/columns.ts'
import { define } from '../tables.ts'

export interface ColumnShape {
  readonly name: string
  readonly type: 'text' | 'integer' | 'flag'
}

export interface TableShape {
  readonly name: string
  readonly columns: readonly ColumnShape[]
  /** Its columns that no two rows share, as positions in `columns`. */
  readonly key: readonly number[]
  /** Names of the tables whose rows its rows name. */
  readonly parents: readonly string[]
}

/** One row, its values in the order of the columns: whole numbers in digits, flags as 0 and 1. */
export type Row = readonly (string | null)[]

export const keyOf = ({ key }: TableShape, row: Row): Row => key.map((at) => row[at] ?? null)

export const quoted = (name: string): string => `"${name}"`

export const keyColumns = ({ columns, key }: TableShape): ColumnShape[] =>
  key.flatMap((at) => columns[at] ?? [])

let known: readonly TableShape[] | null = null

/** Every table, those that are named by others before them: a row never comes before one that it names. */
export const tableShapes = (): readonly TableShape[] =>
  (known ??= parentsFirst(Object.values(define(sqliteKit)).map(shapeOf)))

type Table = ReturnType<typeof define>[keyof ReturnType<typeof define>]

function shapeOf(table: Table): TableShape {
  const { name, columns, indexes, foreignKeys } = sqlite.getTableConfig(table)
  const positions = (names: readonly string[]) =>
    names.map((wanted) => columns.findIndex((column) => column.name === wanted))
  const primary = columns.filter((column) => column.primary).map((column) => column.name)
  return {
    name,
    columns: columns.map((column) => ({
      name: column.name,
      type: column.dataType === 'boolean' ? 'flag' : column.getSQLType() === 'text' ? 'text' : 'integer',
    })),
    key: positions(primary.length > 0 ? primary : uniqueColumns(name, indexes)),
    parents: foreignKeys.map(({ reference }) => sqlite.getTableConfig(reference().foreignTable).name),
  }
}

interface BuiltIndex {
  readonly config: { readonly unique: boolean; readonly where?: unknown; readonly columns: readonly object[] }
}

/** A table without a primary key has an index over all its rows in its place. */
function uniqueColumns(name: string, indexes: readonly BuiltIndex[]): string[] {
  const whole = indexes.find(({ config }) => config.unique && config.where === undefined)
  if (!whole) throw new Error(`${name} has no key, so its rows cannot be moved in order`)
  return whole.config.columns.map((column) => (column as { name: string }).name)
}

function parentsFirst(shapes: readonly TableShape[]): TableShape[] {
  const placed: TableShape[] = []
  let left = [...shapes]
  while (left.length > 0) {
    const names = new Set(left.map(({ name }) => name))
    const next = left.filter((shape) => !shape.parents.some((name) => names.has(name) && name !== shape.name))
    if (next.length === 0) throw new Error(`tables name each other in a circle: ${[...names].join(', ')}`)
    placed.push(...next)
    left = left.filter((shape) => !next.includes(shape))
  }
  return placed
}
