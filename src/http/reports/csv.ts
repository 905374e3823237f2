// CSV of lists, for spreadsheets: other people's text is never a formula in a cell.
import type { FastifyRequest } from 'fastify'
import Negotiator from 'negotiator'
import { isOneLine, printable } from '../../characters.ts'

export const csvType = 'text/csv'

export interface CsvTable {
  readonly head: readonly string[]
  readonly rows: readonly (readonly (string | number | null)[])[]
}

/** By RFC 4180; null is an empty cell. */
export const csvOf = ({ head, rows }: CsvTable): string =>
  [head, ...rows].map((row) => `${row.map(cellOf).join(',')}\r\n`).join('')

/** What begins so is calculated by spreadsheets; full-width signs too, in some languages. */
const formula = /^[=+\-@\t\r\n＝＋－＠]/

function cellOf(value: string | number | null): string {
  if (value === null) return ''
  if (typeof value === 'number') return String(value)
  // Lines stay lines; what would steer a terminal or turn the direction of writing is only shown.
  const text = isOneLine(value) ? value : value.replaceAll(/[^\t\r\n]+/gu, printable)
  const harmless = formula.test(text) ? `'${text}` : text
  return /[",\r\n]/.test(harmless) ? `"${harmless.replaceAll('"', '""')}"` : harmless
}

/** A longer header costs time. */
const headerLengthMax = 512

/** Whether it is asked for before JSON; `*` means JSON. */
export function wantsCsv({ headers }: Pick<FastifyRequest, 'headers'>): boolean {
  const { accept } = headers
  if (accept === undefined || !accept.includes(csvType)) return false
  const types = ['application/json', csvType]
  return (
    new Negotiator({ headers: { accept: accept.slice(0, headerLengthMax) } }).mediaType(types) === csvType
  )
}
