// How long works took, counted by whole seconds, so that medians of many quarters are read from few numbers.

interface Counted {
  /** Negative: it has not succeeded. */
  readonly seconds: number
  readonly works: number
}

export class Durations {
  readonly #works = new Map<number, number>()
  #total = 0

  add(counted: readonly Counted[]): void {
    for (const { seconds, works } of counted) {
      if (seconds < 0) continue
      this.#works.set(seconds, (this.#works.get(seconds) ?? 0) + works)
      this.#total += works
    }
  }

  /** The seconds within which this share of the works was done; null: there are none. */
  at(share: number): number | null {
    let left = this.#total * share
    for (const [seconds, works] of [...this.#works].toSorted(([one], [other]) => one - other)) {
      left -= works
      if (left <= 0) return seconds
    }
    return null
  }
}
