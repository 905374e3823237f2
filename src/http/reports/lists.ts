// Lists as tables: a column for each field that the schema of a row names, whatever the list is of.
import { z } from 'zod'
import type { CsvTable } from './csv.ts'

type Table = (answer: unknown) => CsvTable

interface Answered {
  readonly method: string
  readonly answer: z.ZodType
}

interface Column {
  /** As in the answer; fields of an object within are `limits.cidrs`. */
  readonly name: string
  of(row: unknown): unknown
}

/** Where the page behind this one begins: a table has no place for it. */
export const nextPageHeader = 'x-next-cursor'

export const nextPageHeaders = z.object({
  [nextPageHeader]: z
    .string()
    .optional()
    .meta({ description: 'Of CSV: the `next_cursor`, where there is one.' }),
})

/** Null if it answers something else than one list. */
export function tableOfList({ method, answer }: Answered): Table | null {
  if (method !== 'GET' || !(answer instanceof z.ZodObject)) return null
  const [name, ...others] = Object.keys(answer.shape).filter((field) => field !== 'next_cursor')
  const list = name === undefined ? undefined : (answer.shape[name] as z.ZodType)
  if (name === undefined || others.length > 0 || !(list instanceof z.ZodArray)) return null
  const row = list.element as z.ZodType
  if (!(row instanceof z.ZodObject)) return null
  const columns = columnsOf(row)
  return (page) => ({
    head: columns.map((column) => column.name),
    rows: rowsOf(page, name).map((each) => columns.map(({ of }) => cell(of(each)))),
  })
}

const rowsOf = (page: unknown, name: string): unknown[] => field(page, name) as unknown[]

/** The `next_cursor` of a page; null: it is the last, or no page. */
export function nextPageOf(page: unknown): string | null {
  const next = field(page, 'next_cursor')
  return typeof next === 'string' ? next : null
}

function columnsOf({ shape }: z.ZodObject): Column[] {
  return Object.entries(shape).flatMap(([name, schema]): Column[] => {
    const within = bare(schema as z.ZodType)
    const of = (row: unknown) => field(row, name)
    if (!(within instanceof z.ZodObject)) return [{ name, of }]
    return columnsOf(within).map((column) => ({
      name: `${name}.${column.name}`,
      of: (row) => column.of(of(row)),
    }))
  })
}

function bare(schema: z.ZodType): z.ZodType {
  const isWrapped = schema instanceof z.ZodNullable || schema instanceof z.ZodOptional
  return isWrapped ? bare(schema.unwrap() as z.ZodType) : schema
}

const field = (of: unknown, name: string): unknown =>
  typeof of === 'object' && of !== null && Object.hasOwn(of, name)
    ? (of as Readonly<Record<string, unknown>>)[name]
    : null

/** What is several things, as the entries of a task, is JSON. */
function cell(value: unknown): string | number | null {
  if (value === undefined || value === null) return null
  return typeof value === 'string' || typeof value === 'number' ? value : JSON.stringify(value)
}
