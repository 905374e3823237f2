// Bars by day, one colour for each series, stacked; each leads to its tasks. The figures stand in a table for those who do not see them.
import { useEffect, useRef } from 'preact/hooks'
import uPlot from 'uplot'
import 'uplot/dist/uPlot.min.css'
import { isDark } from '../look/theme.ts'
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

interface Column {
  readonly from: string
  readonly until: string
  readonly name: string
  /** One for each series. */
  readonly values: readonly number[]
}

const heightPx = 176
/** What lies around the bars: the library draws the axes there, and nothing leads anywhere. */
const aroundPx = { top: 8, right: 4, bottom: 24, left: 52 } as const
const colours = ['--c1', '--c2', '--c3', '--c4', '--c5', '--c6'] as const
/** What is not among the first goes together. */
export const seriesMax = colours.length

const colourOf = (at: number): string => `var(${colours[at % colours.length] ?? '--c1'})`

/** More bars would be too thin to be pointed at. */
const columnsMax = 100

/** A day each, or several where there are many. */
function columnsOf(days: readonly string[], series: readonly Series[]): Column[] {
  const size = Math.ceil(days.length / columnsMax)
  return Array.from({ length: Math.ceil(days.length / size) }, (_, at) => {
    const [first, end] = [at * size, Math.min((at + 1) * size, days.length)]
    const [from, until] = [days[first] ?? '', days[end - 1] ?? '']
    const values = series.map((one) => one.values.slice(first, end).reduce((all, value) => all + value, 0))
    return { from, until, name: size === 1 ? from : `${from} – ${until}`, values }
  })
}

export function Chart({ title, days, series }: ChartProps) {
  const place = useRef<HTMLDivElement>(null)
  const columns = columnsOf(days, series)
  useEffect(() => {
    const element = place.current
    if (!element) return
    const plot = new uPlot(optionsOf(element, columns, series), stacked(columns, series), element)
    const observer = new ResizeObserver(() => plot.setSize({ width: element.clientWidth, height: heightPx }))
    observer.observe(element)
    return () => {
      observer.disconnect()
      plot.destroy()
    }
  }, [days, series, isDark.value])
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
      <div aria-hidden="true" class="relative min-w-0 overflow-hidden" style={{ minHeight: heightPx }}>
        <div ref={place} />
        <div class="absolute flex" style={aroundPx}>
          {columns.map(({ from, until, name, values }) => (
            <a
              key={from}
              href={to('/tasks', { from, to: until })}
              tabIndex={-1}
              title={[name, ...series.map((one, at) => `${one.name} ${number(values[at] ?? 0)}`)].join('\n')}
              class="min-w-0 grow basis-0 hover:bg-ink/5"
            />
          ))}
        </div>
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

/** The library draws each series to its height, the tallest first: what lies on others is their sum. */
function stacked(columns: readonly Column[], series: readonly Series[]): uPlot.AlignedData {
  const sums = columns.map(() => 0)
  const layers = series.map((_series, layer) =>
    columns.map(({ values }, at) => (sums[at] = (sums[at] ?? 0) + Math.max(0, values[layer] ?? 0))),
  )
  return [columns.map((_column, at) => at), ...layers.toReversed()]
}

function optionsOf(
  element: HTMLElement,
  columns: readonly Column[],
  series: readonly Series[],
): uPlot.Options {
  const style = getComputedStyle(document.documentElement)
  const read = (name: string) => style.getPropertyValue(name).trim()
  const [line, ink] = [read('--line'), read('--ink-3')]
  const bars = uPlot.paths.bars?.({ size: [0.82, 40], radius: 0.06 })
  const font = `11px ${getComputedStyle(document.body).fontFamily}`
  // A canvas knows no variables.
  const layers = series.map((_, at) => read(colours[at % colours.length] ?? '--c1')).toReversed()
  return {
    width: element.clientWidth,
    height: heightPx,
    legend: { show: false },
    cursor: { show: false },
    padding: [aroundPx.top, aroundPx.right, 0, 0],
    scales: {
      x: { time: false, range: [-0.5, Math.max(columns.length - 0.5, 0.5)] },
      y: { range: (_u, _min, max) => [0, max || 1] },
    },
    axes: [
      {
        font,
        stroke: ink,
        grid: { show: false },
        ticks: { show: false },
        size: aroundPx.bottom,
        space: 56,
        values: (_u, places) =>
          places.map((at) => (Number.isInteger(at) ? shortDay(columns[at]?.from ?? '') : '')),
      },
      {
        font,
        stroke: ink,
        grid: { stroke: line, width: 1 },
        ticks: { show: false },
        size: aroundPx.left,
        values: (_u, places) => places.map((value) => number(value)),
      },
    ],
    series: [
      {},
      ...layers.map((colour) => ({
        fill: colour,
        stroke: colour,
        width: 0,
        points: { show: false },
        ...(bars ? { paths: bars } : {}),
      })),
    ],
  }
}
