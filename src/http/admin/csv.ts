// Writes rows as CSV (RFC 4180), in which other people's text is text and never a formula.
import type { FastifyReply, FastifyRequest } from 'fastify'

/** What a spreadsheet would take for the beginning of a formula. */
const formula = /^[=+\-@\t\r]/

type Cell = string | number | null

const cell = (value: Cell): string => {
  const plain = typeof value === 'string' && formula.test(value) ? `'${value}` : String(value ?? '')
  return /[",\r\n]/.test(plain) ? `"${plain.replaceAll('"', '""')}"` : plain
}

export function csvOf<Name extends string>(
  columns: readonly Name[],
  rows: readonly Readonly<Record<Name, Cell>>[],
): string {
  const lines = [columns, ...rows.map((row) => columns.map((column) => row[column]))]
  return lines.map((line) => `${line.map(cell).join(',')}\r\n`).join('')
}

/** Whether the client asks for CSV by name. */
export const wantsCsv = ({ headers }: FastifyRequest): boolean =>
  headers.accept?.split(',').some((type) => type.trim().toLowerCase().startsWith('text/csv')) ?? false

export async function sendCsv(reply: FastifyReply, text: string): Promise<undefined> {
  await reply.type('text/csv; charset=utf-8').send(text)
  return undefined
}
