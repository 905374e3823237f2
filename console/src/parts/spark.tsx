// A row of small bars without a scale: how a figure went, beside the figure itself. What they show is said in words too.

/** Stacked from below: what is good, and on top of it what is not. */
type Bar = readonly [good: number, bad: number]

const heightUnits = 24

export function Spark({ bars, label }: { readonly bars: readonly Bar[]; readonly label: string }) {
  const most = Math.max(1, ...bars.map(([good, bad]) => good + bad))
  const unit = heightUnits / most
  const path = (from: (bar: Bar) => number, size: (bar: Bar) => number) =>
    bars
      .map((bar, at) =>
        size(bar) === 0
          ? ''
          : `M${at} ${heightUnits - from(bar) * unit}v${-Math.max(1, size(bar) * unit)}h.8v${Math.max(1, size(bar) * unit)}z`,
      )
      .join('')
  return (
    <svg
      role="img"
      aria-label={label}
      viewBox={`0 -1 ${bars.length} ${heightUnits + 1}`}
      preserveAspectRatio="none"
      class="h-6 w-36"
    >
      <title>{label}</title>
      <path class="fill-line" d={`M0 ${heightUnits - 0.5}h${bars.length}v.5H0z`} />
      <path
        class="fill-ok"
        d={path(
          () => 0,
          ([good]) => good,
        )}
      />
      <path
        class="fill-bad"
        d={path(
          ([good]) => good,
          ([, bad]) => bad,
        )}
      />
    </svg>
  )
}
