// Credits by day, a colour for each model.
import { useAnswer } from '../../../api/queries.ts'
import { words } from '../../../language/language.ts'
import { Chart, seriesMax } from '../../../parts/chart.tsx'
import type { Series } from '../../../parts/chart.tsx'
import { daysOf } from '../../../parts/days.ts'
import { Skeleton } from '../../../parts/panel.tsx'
import { Problem } from '../../../parts/problem.tsx'

export interface DayRow {
  readonly group: string | null
  readonly model: string | null
  readonly net: number
}

export function DaysByModel({ from, to }: { readonly from: string; readonly to: string }) {
  const { data, error } = useAnswer('/api/v1/usage', {
    query: { from, to, group: 'day', split: 'model' },
  })
  if (error) return <Problem error={error} />
  if (!data) return <Skeleton lines={1} height={204} />
  const days = daysOf(data.from, data.to)
  return <Chart title={words.value.overview.creditsADay} days={days} series={seriesOf(days, data.rows)} />
}

/** The models that cost most, and all others together. */
export function seriesOf(days: readonly string[], rows: readonly DayRow[]): Series[] {
  const byModel = new Map<string, number[]>()
  for (const { group, model, net } of rows) {
    const name = model ?? '–'
    const values = byModel.get(name) ?? days.map(() => 0)
    const at = days.indexOf(group ?? '')
    if (at >= 0) values[at] = (values[at] ?? 0) + net
    byModel.set(name, values)
  }
  const sum = (values: readonly number[]) => values.reduce((all, value) => all + value, 0)
  const sorted = [...byModel].toSorted(([, one], [, other]) => sum(other) - sum(one))
  const [first, rest] = [sorted.slice(0, seriesMax - 1), sorted.slice(seriesMax - 1)]
  const series = first.map(([name, values]) => ({ name, values }))
  if (rest.length === 0) return series
  const others = days.map((_, at) => sum(rest.map(([, values]) => values[at] ?? 0)))
  return [...series, { name: words.value.usage.others, values: others }]
}
