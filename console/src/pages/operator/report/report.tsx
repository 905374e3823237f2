// What was sold, what it cost and what leaked: by day, model, account, upstream or key.
import { lazy } from 'preact-iso'
import type { Answer } from '../../../api/client.ts'
import { useAnswer } from '../../../api/queries.ts'
import { words as common } from '../../../language/language.ts'
import { Csv } from '../../../parts/csv.tsx'
import { day, number } from '../../../parts/format.ts'
import { List } from '../../../parts/list.tsx'
import { money } from '../../../parts/money.ts'
import { Panel, Skeleton, Tile, Tiles } from '../../../parts/panel.tsx'
import { DayRange } from '../../../parts/range.tsx'
import { Segments } from '../../../parts/segments.tsx'
import { to, useFilters } from '../../../place.ts'
import { Heading } from '../../../shell/shell.tsx'
import { words } from '../words/words.ts'

const Days = lazy(async () => (await import('./days.tsx')).Days)

const groups = ['day', 'model', 'account', 'upstream', 'key'] as const
type Group = (typeof groups)[number]
type Row = Answer<'/admin/v1/report'>['rows'][number]
const usualDays = 30

export function Report() {
  const text = words.value.report
  const { filters, narrow } = useFilters('from', 'to', 'group')
  const range = { from: filters.from || day(usualDays - 1), to: filters.to || day() }
  const group: Group = groups.find((name) => name === filters.group) ?? 'model'
  const answer = useAnswer('/admin/v1/report', { query: { ...range, group } })
  const { data } = answer
  const byDay = useAnswer('/admin/v1/report', { query: { ...range, group: 'day' } })
  const currency = data?.currency ?? null
  return (
    <>
      <Heading title={common.value.links.report}>
        <DayRange {...range} onChange={narrow} />
        <Csv of={answer} name={`report-${range.from}-${range.to}.csv`} />
      </Heading>
      <div class="grid gap-4">
        {data ? <Totals report={data} /> : <Skeleton lines={1} height={96} />}
        <Panel title={text.byDay}>
          <div class="min-h-51">
            {byDay.data ? <Days report={byDay.data} /> : <Skeleton lines={1} height={204} />}
          </div>
        </Panel>
        <List
          of={answer}
          rows={({ rows }) => rows}
          empty={common.value.usage.nothing}
          title={common.value.usage.by}
          actions={
            <Segments
              label={common.value.usage.by}
              chosen={group}
              choices={groups.map((value) => ({ value, text: text.groups[value] }))}
              onChoose={(value) => narrow({ group: value })}
            />
          }
          caption={text.groups[group]}
          keyOf={(row) => row.group ?? ''}
          columns={[
            { title: text.groups[group], cell: (row) => <Name group={group} row={row} range={range} /> },
            { title: common.value.usage.tasks, align: 'right', cell: (row) => number(row.tasks) },
            { title: text.failed, align: 'right', wide: true, cell: (row) => number(row.failed) },
            { title: text.charged, align: 'right', wide: true, cell: (row) => number(row.charged) },
            { title: text.refunded, align: 'right', wide: true, cell: (row) => number(row.refunded) },
            { title: text.net, align: 'right', cell: (row) => number(row.net) },
            {
              title: text.valueShort,
              align: 'right',
              wide: true,
              cell: (row) => money(row.value, currency),
            },
            {
              title: text.cost,
              align: 'right',
              wide: true,
              cell: (row) => money(row.cost, currency),
            },
            {
              title: text.leakageShort,
              align: 'right',
              wide: true,
              cell: (row) => money(row.leakage, currency),
            },
            { title: text.margin, align: 'right', cell: (row) => money(row.margin, currency) },
          ]}
        />
        <p class="text-xs text-ink-3">{data && common.value.usage.zone(data.time_zone)}</p>
      </div>
    </>
  )
}

function Totals({ report: { total, currency } }: { readonly report: Answer<'/admin/v1/report'> }) {
  const text = words.value.report
  return (
    <Tiles>
      <Tile
        label={common.value.usage.tasks}
        value={number(total.tasks)}
        note={text.failedTasks(number(total.failed))}
      />
      <Tile label={text.net} value={number(total.net)} note={text.value(money(total.value, currency))} />
      <Tile
        label={text.cost}
        value={money(total.cost, currency)}
        note={total.unknown_costs > 0 ? text.unknown(number(total.unknown_costs)) : undefined}
      />
      <Tile label={text.leakageShort} value={money(total.leakage, currency)} href={to('/reconcile')} />
      <Tile label={text.margin} value={money(total.margin, currency)} />
    </Tiles>
  )
}

interface NameProps {
  readonly group: Group
  readonly row: Row
  readonly range: { readonly from: string; readonly to: string }
}

function Name({ group, row, range }: NameProps) {
  if (row.group === null) return <>{common.value.usage.unknown}</>
  const filters = {
    day: { from: row.group, to: row.group },
    model: { ...range, model_id: row.group },
    account: { ...range, account: row.group },
    key: { ...range, key: row.group },
    upstream: null,
  }[group]
  const shown = row.name ?? row.group
  if (filters === null) return <>{shown}</>
  return (
    <a href={to('/tasks', filters)} class="block max-w-[260px] truncate text-accent-text hover:underline">
      {shown}
    </a>
  )
}
