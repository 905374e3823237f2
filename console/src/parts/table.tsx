// Tables: columns once, rows below.
import type { ComponentChildren } from 'preact'

export interface Column<Row> {
  readonly title: string
  readonly cell: (row: Row) => ComponentChildren
  readonly align?: 'right'
  /** Left out on a narrow screen. */
  readonly wide?: true
}

export interface TableProps<Row> {
  readonly caption: string
  readonly columns: readonly Column<Row>[]
  readonly rows: readonly Row[]
  readonly keyOf: (row: Row) => string | number
  /** Opens a row; its first cell holds the link that the keyboard reaches. */
  readonly onOpen?: (row: Row) => void
}

const edge = <Row,>({ align, wide }: Column<Row>): string =>
  `px-2 py-2 md:px-4 ${align === 'right' ? 'text-right num whitespace-nowrap' : 'text-left'} ${wide ? 'hidden md:table-cell' : ''}`

export function Table<Row>({ caption, columns, rows, keyOf, onOpen }: TableProps<Row>) {
  return (
    <div class="overflow-x-auto max-md:px-2" tabIndex={0} role="region" aria-label={caption}>
      <table class="w-full border-collapse wrap-break-word">
        <caption class="sr-only">{caption}</caption>
        <thead>
          <tr>
            {columns.map((column) => (
              <th
                key={column.title}
                scope="col"
                class={`border-b border-line text-xs font-medium whitespace-nowrap text-ink-3 ${edge(column)}`}
              >
                {column.title}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <tr
              key={keyOf(row)}
              class={`border-b border-line last:border-0 hover:bg-hover ${onOpen ? 'cursor-pointer' : ''}`}
              onClick={(event) => {
                const isLink = event.target instanceof Element && event.target.closest('a, button, input')
                if (!isLink) onOpen?.(row)
              }}
            >
              {columns.map((column) => (
                <td key={column.title} class={edge(column)}>
                  {column.cell(row)}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  )
}
