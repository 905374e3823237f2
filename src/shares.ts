// Shares a bounded number of slots: a holder takes no more than are free, so that a newcomer finds one.

export interface Shares {
  /** Slots held by all holders together. */
  readonly held: number
  /** Whether the holder may take one more slot now. */
  mayTake(holder: string): boolean
  /** Takes a slot; the returned function gives it back, once. */
  take(holder: string): () => void
}

/**
 * The limit follows the number of free slots ("dynamic threshold", Choudhury and Hahne 1998): a single holder
 * gets `perFree / (1 + perFree)` of all slots, two get less each, and some always stay free for the next one.
 */
export function createShares({
  max,
  perFree = 1,
}: {
  readonly max: number
  readonly perFree?: number
}): Shares {
  const places = new Map<string, number>()
  let held = 0
  return {
    get held() {
      return held
    },
    mayTake: (holder) => (places.get(holder) ?? 0) < perFree * (max - held),
    take(holder) {
      held += 1
      places.set(holder, (places.get(holder) ?? 0) + 1)
      let isTaken = true
      return () => {
        if (!isTaken) return
        isTaken = false
        held -= 1
        const left = (places.get(holder) ?? 1) - 1
        if (left === 0) places.delete(holder)
        else places.set(holder, left)
      }
    },
  }
}
