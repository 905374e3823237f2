// The list of a page: what stands there while it loads, when it failed, when it is empty, and the way to further rows.
import type { ComponentChildren } from 'preact'
import type { Read } from '../api/queries.ts'
import { words } from '../language/language.ts'
import { useFilters } from '../place.ts'
import { Button } from './button.tsx'
import { Empty, Panel, Skeleton } from './panel.tsx'
import { Problem } from './problem.tsx'
import { Table } from './table.tsx'
import type { TableProps } from './table.tsx'

/** Rows of which an answer brings some, and where the next begin. */
interface Paged {
  readonly next_cursor?: string | null
}

interface ListProps<A, Row> extends Omit<TableProps<Row>, 'rows' | 'columns'> {
  readonly of: Read<A>
  readonly rows: (answer: A) => readonly Row[]
  /** What is said when there are none: a text, or more than that. */
  readonly empty: ComponentChildren
  readonly title?: ComponentChildren
  readonly actions?: ComponentChildren
  readonly columns?: TableProps<Row>['columns']
  /** Shows the rows instead of a table. */
  readonly children?: ((rows: readonly Row[]) => ComponentChildren) | undefined
}

export function List<A extends object, Row>(props: ListProps<A, Row>) {
  const { of, rows, empty, title, actions, columns = [], children: show, ...table } = props
  const { data, error, refetch } = of
  const next = (data as Paged | undefined)?.next_cursor ?? null
  const shown = data && rows(data)
  return (
    <Panel flush title={title} actions={actions}>
      <div class="p-4 empty:hidden">
        <Problem error={error} again={refetch} />
      </div>
      {!shown ? (
        !error && (
          <div class="p-4">
            <Skeleton lines={6} height={32} />
          </div>
        )
      ) : shown.length === 0 && next === null ? (
        typeof empty === 'string' ? (
          <Empty title={empty} />
        ) : (
          empty
        )
      ) : show ? (
        show(shown)
      ) : (
        <Table {...table} rows={shown} columns={columns} />
      )}
      <Pager next={next} />
    </Panel>
  )
}

function Pager({ next }: { readonly next: string | null }) {
  const { filters, narrow } = useFilters('cursor')
  const isFirst = filters.cursor === ''
  if (isFirst && next === null) return null
  const { label, first, following } = words.value.pages
  return (
    <nav aria-label={label} class="flex justify-end gap-2 border-t border-line px-4 py-3">
      {!isFirst && <Button onClick={() => narrow({ cursor: '' })}>{first}</Button>}
      {next !== null && <Button onClick={() => narrow({ cursor: next })}>{following}</Button>}
    </nav>
  )
}
