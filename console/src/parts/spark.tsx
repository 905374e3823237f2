// A row of small bars without a scale: how a figure went, beside the figure itself. What they show is said in words too.

/** How much was good, and how much was not, which is drawn on top of it. */
type Bar = readonly [number, number]

const heightUnits = 24

export function Spark({ bars, label }: { readonly bars: readonly Bar[]; readonly label: string }) {
  const unit = heightUnits / Math.max(1, ...bars.map(([good, bad]) => good + bad))
  const path = (edges: (bar: Bar) => Bar) =>
    bars
      .map((bar, at) => {
        const [low, high] = edges(bar)
        return high > low
          ? `M${at} ${heightUnits - low * unit}V${heightUnits - high * unit}h.8V${heightUnits - low * unit}`
          : ''
      })
      .join('')
  return (
    <svg
      role="img"
      aria-label={label}
      viewBox={`0 -1 ${bars.length} ${heightUnits + 1}`}
      preserveAspectRatio="none"
      class="h-6 w-36"
    >
      <path class="fill-line" d={`M0 ${heightUnits - 0.5}h${bars.length}v.5H0z`} />
      <path class="fill-ok" d={path(([good]) => [0, good])} />
      <path class="fill-bad" d={path(([good, bad]) => [good, good + bad])} />
    </svg>
  )
}
