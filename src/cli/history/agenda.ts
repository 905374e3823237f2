// What is still to happen in a history, in the order of its time.

type Happening = () => Promise<void>

export interface Agenda {
  at(ms: number, happens: Happening): void
  /** The next one before `endMs`; null: nothing more happens until then. */
  next(endMs: number): { readonly atMs: number; readonly happens: Happening } | null
}

interface Entry {
  readonly atMs: number
  readonly happens: Happening
}

export function createAgenda(): Agenda {
  /** The latest first, so that the next one is taken off the end. */
  const entries: Entry[] = []
  return {
    at(atMs, happens) {
      entries.splice(placeOf(entries, atMs), 0, { atMs, happens })
    },
    next(endMs) {
      const entry = entries.at(-1)
      if (!entry || entry.atMs >= endMs) return null
      entries.pop()
      return entry
    },
  }
}

/** Before all that happen at the same time or earlier: those that were put down first happen first. */
function placeOf(entries: readonly Entry[], atMs: number): number {
  let [low, high] = [0, entries.length]
  while (low < high) {
    const middle = (low + high) >> 1
    if ((entries[middle]?.atMs ?? 0) > atMs) low = middle + 1
    else high = middle
  }
  return low
}
