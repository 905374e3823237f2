// Usage: credits by day, model or key, as a chart and a table, and as CSV.
import { urlOf } from '../../../api/client.ts'
import { useAnswer } from '../../../api/queries.ts'
import { words } from '../../../language/language.ts'
import { Csv } from '../../../parts/csv.tsx'
import { day, number, percent } from '../../../parts/format.ts'
import { Empty, Panel, Skeleton, Tile, Tiles } from '../../../parts/panel.tsx'
import { Problem } from '../../../parts/problem.tsx'
import { DayRange } from '../../../parts/range.tsx'
import { Segments } from '../../../parts/segments.tsx'
import { Table } from '../../../parts/table.tsx'
import { to, useFilters } from '../../../place.ts'
import { Heading } from '../../../shell/shell.tsx'
import { DaysByModel } from './lazy.ts'

const groups = ['day', 'model', 'key'] as const
type Group = (typeof groups)[number]
const usualDays = 30

export function Usage() {
  const text = words.value.usage
  const { filters, narrow } = useFilters('from', 'to', 'group')
  const range = { from: filters.from || day(usualDays - 1), to: filters.to || day() }
  const group: Group = groups.find((name) => name === filters.group) ?? 'model'
  const query = { ...range, group }
  const { data, error } = useAnswer('/api/v1/usage', { query })
  return (
    <>
      <Heading title={words.value.links.usage}>
        <DayRange {...range} onChange={narrow} />
        <Csv url={urlOf('/api/v1/usage', { query })} name={`usage-${range.from}-${range.to}.csv`} />
      </Heading>
      <div class="grid gap-4">
        <Problem error={error} />
        {data && (
          <Tiles>
            <Tile label={text.tasks} value={number(data.total.tasks)} href={to('/tasks', range)} />
            <Tile label={text.charged} value={number(data.total.charged)} />
            <Tile label={text.refunded} value={number(data.total.refunded)} />
            <Tile label={text.net} value={number(data.total.net)} note={text.zone(data.time_zone)} />
          </Tiles>
        )}
        <Panel title={words.value.overview.creditsADay}>
          <DaysByModel {...range} />
        </Panel>
        <Panel
          flush
          title={text.by}
          actions={
            <Segments
              label={text.by}
              chosen={group}
              choices={groups.map((value) => ({ value, text: text.groups[value] }))}
              onChoose={(value) => narrow({ group: value })}
            />
          }
        >
          {!data ? (
            <div class="p-4">
              <Skeleton />
            </div>
          ) : data.rows.length === 0 ? (
            <Empty title={text.nothing} />
          ) : (
            <Table
              caption={text.by}
              rows={data.rows}
              keyOf={(row) => row.group ?? ''}
              columns={[
                {
                  title: text.groups[group],
                  cell: (row) =>
                    row.group === null ? (
                      text.unknown
                    ) : (
                      <a
                        class="text-accent-text hover:underline"
                        href={to('/tasks', linkOf(group, row.group, range))}
                      >
                        {row.name ?? row.group}
                      </a>
                    ),
                },
                { title: text.tasks, align: 'right', cell: (row) => number(row.tasks) },
                { title: text.charged, align: 'right', wide: true, cell: (row) => number(row.charged) },
                { title: text.refunded, align: 'right', wide: true, cell: (row) => number(row.refunded) },
                { title: text.net, align: 'right', cell: (row) => number(row.net) },
                {
                  title: text.share,
                  align: 'right',
                  wide: true,
                  cell: (row) => percent(row.net, data.total.net),
                },
              ]}
            />
          )}
        </Panel>
      </div>
    </>
  )
}

function linkOf(group: Group, value: string, range: { readonly from: string; readonly to: string }) {
  if (group === 'day') return { from: value, to: value }
  return { ...range, [group === 'model' ? 'model_id' : 'key']: value }
}
