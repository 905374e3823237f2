// Chance from a seed: the same seed makes the same history.

export interface Chance {
  /** From 0 to below 1. */
  next(): number
  between(low: number, high: number): number
  /** A whole number from 0 to below `count`. */
  below(count: number): number
  isTrue(share: number): boolean
  pick<Item>(items: readonly Item[]): Item
  /** Around the median, mostly within a third and three times of it, and now and then far above: as durations are. */
  around(median: number, spread: number): number
  /** How often something happens that happens `mean` times on average. */
  times(mean: number): number
}

/** mulberry32: small, and even enough for pictures of a month. */
export function chanceOf(seed: number): Chance {
  let state = seed >>> 0
  const next = (): number => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
  const below = (count: number): number => Math.floor(next() * count)
  return {
    next,
    below,
    between: (low, high) => low + next() * (high - low),
    isTrue: (share) => next() < share,
    pick(items) {
      const item = items[below(items.length)]
      if (item === undefined) throw new Error('there is nothing to pick from')
      return item
    },
    around: (median, spread) => median * Math.exp(spread * normal(next)),
    times(mean) {
      const floor = Math.exp(-mean)
      let count = 0
      for (let product = next(); product > floor; product *= next()) count += 1
      return count
    },
  }
}

function normal(next: () => number): number {
  return Math.sqrt(-2 * Math.log(1 - next())) * Math.cos(2 * Math.PI * next())
}
