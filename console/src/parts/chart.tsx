// Bars by day, one colour for each series, stacked; each leads to its tasks. The figures stand in a table for those who do not see them.
import { to } from '../place.ts'
import { shortDay } from './days.ts'
import { number } from './format.ts'

export interface Series {
  readonly name: string
  /** One for each day. */
  readonly values: readonly number[]
}

interface ChartProps {
  readonly title: string
  readonly days: readonly string[]
  readonly series: readonly Series[]
}

const colours = ['--c1', '--c2', '--c3', '--c4', '--c5', '--c6'] as const
/** What is not among the first goes together. */
export const seriesMax = colours.length

const colourOf = (at: number): string => `var(${colours[at % colours.length] ?? '--c1'})`

const linesMax = 4
const labelsMax = 8
/** More bars would be too thin to be pointed at. */
const columnsMax = 100

/** Round, and whole, as credits are. */
function stepOf(most: number): number {
  const rough = Math.max(most / linesMax, 1)
  const ten = 10 ** Math.floor(Math.log10(rough))
  return ten * ([1, 2, 5].find((each) => each * ten >= rough) ?? 10)
}

/** A day each, or several where there are many. */
function columnsOf(days: readonly string[], series: readonly Series[]) {
  const size = Math.ceil(days.length / columnsMax)
  return Array.from({ length: Math.ceil(days.length / size) }, (_, at) => {
    const [first, end] = [at * size, Math.min((at + 1) * size, days.length)]
    const [from, until] = [days[first] ?? '', days[end - 1] ?? '']
    const values = series.map((one) => one.values.slice(first, end).reduce((all, value) => all + value, 0))
    return { from, until, name: size === 1 ? from : `${from} – ${until}`, values }
  })
}

export function Chart({ title, days, series }: ChartProps) {
  const columns = columnsOf(days, series)
  const sums = columns.map(({ values }) => values.reduce((all, value) => all + Math.max(0, value), 0))
  const step = stepOf(Math.max(...sums))
  const top = Math.max(1, Math.ceil(Math.max(...sums) / step)) * step
  const lines = Array.from({ length: Math.round(top / step) + 1 }, (_, at) => at * step)
  const part = (value: number) => `${(Math.max(0, value) / top) * 100}%`
  const every = Math.ceil(columns.length / labelsMax)
  return (
    <figure class="grid min-w-0 gap-3">
      <ul class="flex flex-wrap gap-x-4 gap-y-1 text-xs text-ink-2" aria-hidden="true">
        {series.map(({ name }, at) => (
          <li key={name} class="flex items-center gap-1.5">
            <i class="size-2 rounded-[2px]" style={{ background: colourOf(at) }} />
            {name}
          </li>
        ))}
      </ul>
      <div aria-hidden="true" class="num relative ml-12 h-37 text-[11px] text-ink-3">
        {lines.map((value) => (
          <div key={value} class="absolute inset-x-0 border-t border-line" style={{ bottom: part(value) }}>
            <span class="absolute right-full mr-2 -translate-y-1/2 whitespace-nowrap">{number(value)}</span>
          </div>
        ))}
        <div class="absolute inset-0 flex">
          {columns.map(({ from, until, name, values }) => (
            <a
              key={from}
              href={to('/tasks', { from, to: until })}
              tabIndex={-1}
              title={[name, ...series.map((one, at) => `${one.name} ${number(values[at] ?? 0)}`)].join('\n')}
              class="flex min-w-0 grow basis-0 flex-col-reverse hover:bg-hover/60"
            >
              {values.map((value, at) => (
                <i
                  key={at}
                  class="mx-auto block w-4/5 max-w-10 shrink-0"
                  style={{ height: part(value), background: colourOf(at) }}
                />
              ))}
            </a>
          ))}
        </div>
      </div>
      <div aria-hidden="true" class="num ml-12 flex h-4 text-[11px] text-ink-3">
        {columns.map(({ from }, at) => (
          <span key={from} class="min-w-0 grow basis-0 whitespace-nowrap">
            {at % every === 0 && shortDay(from)}
          </span>
        ))}
      </div>
      <table class="sr-only">
        <caption>{title}</caption>
        <thead>
          <tr>
            <td />
            {series.map(({ name }) => (
              <th key={name} scope="col">
                {name}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {columns.map(({ name, values }) => (
            <tr key={name}>
              <th scope="row">{name}</th>
              {values.map((value, at) => (
                <td key={at}>{number(value)}</td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </figure>
  )
}
