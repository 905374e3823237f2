// The figures of the console's benchmark as a table, each beside what it may be at most.

export interface Measure {
  readonly what: string
  /** In milliseconds, one of each run. */
  readonly tookMs: readonly number[]
  /** Between two frames while scrolling: a share of what a view may take. Left out: the whole. */
  readonly shareOfAim?: number
}

interface Terms {
  readonly tasks: number
  readonly runs: number
  readonly throttle: number
  readonly aimMs: number
}

const median = (values: readonly number[]): number =>
  values.toSorted((one, other) => one - other)[Math.floor(values.length / 2)] ?? Number.NaN

/** Returns whether all medians are within their aims. */
export function report(measured: readonly Measure[], { tasks, runs, throttle, aimMs }: Terms): boolean {
  const say = (...cells: readonly string[]) =>
    process.stdout.write(
      `${cells.map((cell, at) => (at === 0 ? cell.padEnd(44) : cell.padStart(12))).join('')}\n`,
    )
  say(
    `${tasks} tasks, ${runs} runs, processor ${throttle} times slower`,
    'median',
    'slowest',
    'aim',
    'of aim',
  )
  let isWithin = measured.length > 0
  for (const { what, tookMs, shareOfAim = 1 } of measured) {
    const [middle, mostMs, aim] = [median(tookMs), Math.max(...tookMs), aimMs * shareOfAim]
    if (!(middle <= aim)) isWithin = false
    say(what, `${middle.toFixed(0)} ms`, `${mostMs.toFixed(0)} ms`, `${aim} ms`, (middle / aim).toFixed(2))
  }
  return isWithin
}
