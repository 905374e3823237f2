// Usage: credits by day, model or key, as a chart and a table, and as CSV.
import { useAnswer } from '../../../api/queries.ts'
import { words } from '../../../language/language.ts'
import { Csv } from '../../../parts/csv.tsx'
import { day, number, percent, shown } from '../../../parts/format.ts'
import { List } from '../../../parts/list.tsx'
import { Panel, Tile, Tiles } from '../../../parts/panel.tsx'
import { DayRange } from '../../../parts/range.tsx'
import { Segments } from '../../../parts/segments.tsx'
import { to, useFilters } from '../../../place.ts'
import { Heading } from '../../../shell/shell.tsx'
import { FirstOrder } from '../overview/teach.tsx'
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
  const answer = useAnswer('/api/v1/usage', { query })
  const { data } = answer
  return (
    <>
      <Heading title={words.value.links.usage}>
        <DayRange {...range} onChange={narrow} />
        <Csv of={answer} name={`usage-${range.from}-${range.to}.csv`} />
      </Heading>
      <div class="grid gap-4">
        <Tiles>
          <Tile label={text.tasks} value={shown(data?.total.tasks)} href={to('/tasks', range)} />
          <Tile label={text.charged} value={shown(data?.total.charged)} href={to('/billing')} />
          <Tile
            label={text.refunded}
            value={shown(data?.total.refunded)}
            href={to('/tasks', { ...range, status: 4 })}
          />
          <Tile label={text.net} value={shown(data?.total.net)} href={to('/billing')} />
        </Tiles>
        <Panel title={words.value.overview.creditsADay}>
          <div class="min-h-51">
            <DaysByModel {...range} />
          </div>
        </Panel>
        <List
          title={text.by}
          actions={
            <Segments
              label={text.by}
              chosen={group}
              choices={groups.map((value) => ({ value, text: text.groups[value] }))}
              onChoose={(value) => narrow({ group: value })}
            />
          }
          of={answer}
          rows={({ rows }) => rows}
          empty={data?.total.tasks === 0 && filters.from === '' ? <FirstOrder /> : text.nothing}
          caption={text.by}
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
              cell: (row) => percent(row.net, data?.total.net ?? 0),
            },
          ]}
        />
      </div>
    </>
  )
}

function linkOf(group: Group, value: string, range: { readonly from: string; readonly to: string }) {
  if (group === 'day') return { from: value, to: value }
  return { ...range, [group === 'model' ? 'model_id' : 'key']: value }
}
