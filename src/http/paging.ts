// Pagination of lists: limit, cursor and page envelope.
import { z } from 'zod'
import { rowsLookedAtMax } from '../db/page.ts'
import type { Page } from '../db/page.ts'
import { GatewayError } from '../errors.ts'
import type { Text } from '../errors.ts'
import { says } from './wire/issue-words.ts'

const limitDefault = 20
const limitMax = 100

/** A whole number in a query string; `words` replace the default message for numbers with a meaning. */
export const wholeNumber = (
  min: number,
  max: number,
  words: Text = { en: `must be a whole number from ${min} to ${max}`, zh: `必须是 ${min} 到 ${max} 的整数` },
) =>
  z
    .string()
    .refine(
      (text) => /^\d{1,15}$/.test(text) && Number(text) >= min && Number(text) <= max,
      says(words.en, words.zh),
    )
    .transform(Number)
    .meta({ override: { type: 'integer', minimum: min, maximum: max } })

/** The same, but values above `max` mean `max`. */
export const wholeNumberUpTo = (max: number) =>
  z
    .string()
    .refine((text) => /^\d+$/.test(text), says('must be a whole number, or 0', '必须是整数或 0'))
    .transform((text) => Math.min(Number(text), max))
    .meta({ override: { type: 'integer', minimum: 0 } })

/** The parameters of a list whose cursors have this form; `readCursor` checks it. */
export const pageQuery = (cursorForm: RegExp) => ({
  limit: wholeNumber(1, limitMax)
    .default(limitDefault)
    .meta({ description: `How many, at most. Left out: ${limitDefault}.` }),
  cursor: z
    .string()
    .optional()
    .meta({
      description: 'The `next_cursor` of the page before; left out or empty: the newest.',
      override: { pattern: `${cursorForm.source}|^$` },
    }),
})

/** A text to filter by. Not every store takes a NUL, and it would find nothing. */
export const filterText = (lengthMax: number) =>
  z
    .string()
    .max(lengthMax)
    .meta({ override: { pattern: '^[^\\u0000]*$' } })

/** For lists with filters that no index covers. */
export const filteredPages =
  `With a filter, a page looks at ${rowsLookedAtMax} rows at most: it may hold fewer than \`limit\`, also none, ` +
  'while `next_cursor` leads on. The list ends where `next_cursor` is null.'

interface PageOf<Row> {
  readonly limit: number
  readonly cursorOf: (row: Row) => string
}

/** The caller queries one row more than fits on a page, to tell whether another page follows. */
export function pageOf<Row, Name extends string>(
  name: Name,
  rows: readonly Row[],
  { limit, cursorOf }: PageOf<Row>,
): { next_cursor: string | null } & Record<Name, Row[]> {
  const page = rows.slice(0, limit)
  const last = page.at(-1)
  const next_cursor = rows.length > limit && last !== undefined ? cursorOf(last) : null
  return { [name]: page, next_cursor } as { next_cursor: string | null } & Record<Name, Row[]>
}

/** A page whose query has already determined the next cursor. */
export function listOf<Row, Shown, Name extends string>(
  name: Name,
  page: Page<Row>,
  view: (row: Row) => Shown,
): { next_cursor: string | null } & Record<Name, Shown[]> {
  const list = { [name]: page.rows.map((row) => view(row)), next_cursor: page.next }
  return list as { next_cursor: string | null } & Record<Name, Shown[]>
}

/** The id in a cursor; null for the first page. Throws invalid_request if it has not the form of one. */
export function readCursor(cursor: string | undefined, form: RegExp): string | null {
  if (cursor === undefined || cursor === '') return null
  if (form.test(cursor)) return cursor
  throw new GatewayError(
    'invalid_request',
    {
      en: 'cursor: not one that a page returned. Leave it out to begin at the newest.',
      zh: 'cursor:不是分页返回的游标。去掉它即可从最新一条开始。',
    },
    { field: 'cursor' },
  )
}
