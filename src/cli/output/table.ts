// Formats rows as aligned columns.
import stringWidth from 'string-width'
import { printable } from '../../characters.ts'

/** Aligned by display width: a Chinese character or an emoji takes two columns, a combining accent none. */
export function table(
  head: readonly string[],
  rows: readonly (readonly (string | number | null)[])[],
): string[] {
  const cells = [head, ...rows].map((row) =>
    row.map((cell) => {
      const text = cell === null ? '-' : printable(String(cell))
      return { text, width: stringWidth(text) }
    }),
  )
  const widths = head.map((_, column) => Math.max(...cells.map((row) => row[column]?.width ?? 0)))
  return cells.map((row) =>
    row
      .map(({ text, width }, column) => text + ' '.repeat((widths[column] ?? 0) - width))
      .join('  ')
      .trimEnd(),
  )
}

/** Unix seconds as an ISO time. */
export function time(seconds: number | null): string {
  return seconds === null ? '-' : new Date(seconds * 1000).toISOString().replace('.000Z', 'Z')
}
