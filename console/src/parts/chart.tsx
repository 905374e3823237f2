// Bars by day, one colour for each series, stacked; the figures stand in a table for those who do not see them.
import { useEffect, useRef } from 'preact/hooks'
import uPlot from 'uplot'
import 'uplot/dist/uPlot.min.css'
import { isDark } from '../look/theme.ts'
import { number } from './format.ts'

export interface Series {
  readonly name: string
  readonly values: readonly number[]
}

interface ChartProps {
  readonly title: string
  /** One for each value. */
  readonly labels: readonly string[]
  readonly series: readonly Series[]
}

const heightPx = 176
const colours = ['--c1', '--c2', '--c3', '--c4', '--c5', '--c6'] as const
/** What is not among the first goes together. */
export const seriesMax = colours.length

const colourOf = (at: number): string => `var(${colours[at % colours.length] ?? '--c1'})`

export function Chart({ title, labels, series }: ChartProps) {
  const place = useRef<HTMLDivElement>(null)
  useEffect(() => {
    const element = place.current
    if (!element) return
    const plot = new uPlot(optionsOf(element, labels, series), stacked(labels, series), element)
    const observer = new ResizeObserver(() => plot.setSize({ width: element.clientWidth, height: heightPx }))
    observer.observe(element)
    return () => {
      observer.disconnect()
      plot.destroy()
    }
  }, [labels, series, isDark.value])
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
      <div ref={place} aria-hidden="true" class="min-w-0 overflow-hidden" style={{ minHeight: heightPx }} />
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
          {labels.map((label, at) => (
            <tr key={label}>
              <th scope="row">{label}</th>
              {series.map(({ name, values }) => (
                <td key={name}>{number(values[at] ?? 0)}</td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </figure>
  )
}

/** The library draws each series to its height, the tallest first: what lies on others is their sum. */
function stacked(labels: readonly string[], series: readonly Series[]): uPlot.AlignedData {
  const sums = labels.map(() => 0)
  const layers = series.map(({ values }) =>
    labels.map((_, at) => {
      sums[at] = (sums[at] ?? 0) + (values[at] ?? 0)
      return sums[at]
    }),
  )
  return [labels.map((_, at) => at), ...layers.toReversed()]
}

function optionsOf(
  element: HTMLElement,
  labels: readonly string[],
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
    padding: [8, 4, 0, 0],
    scales: {
      x: { time: false, range: [-0.5, Math.max(labels.length - 0.5, 0.5)] },
      y: { range: (_u, _min, max) => [0, max || 1] },
    },
    axes: [
      {
        font,
        stroke: ink,
        grid: { show: false },
        ticks: { show: false },
        size: 24,
        space: 56,
        values: (_u, places) => places.map((at) => (Number.isInteger(at) ? (labels[at] ?? '') : '')),
      },
      {
        font,
        stroke: ink,
        grid: { stroke: line, width: 1 },
        ticks: { show: false },
        size: 52,
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
