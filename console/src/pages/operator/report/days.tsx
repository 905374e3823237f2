// Credits by day as a chart.
import type { Answer } from '../../../api/client.ts'
import { Chart } from '../../../parts/chart.tsx'
import { daysOf } from '../../../parts/days.ts'
import { words } from '../words/words.ts'

export function Days({ report }: { readonly report: Answer<'/admin/v1/report'> }) {
  const text = words.value.report
  const days = daysOf(report.from, report.to)
  const net = new Map(report.rows.map((row) => [row.group, row.net]))
  const series = [{ name: text.net, values: days.map((day) => net.get(day) ?? 0) }]
  return <Chart title={text.byDay} days={days} series={series} />
}
