// Limits concurrent expensive work in total and per account, so that no account blocks the others.

export interface Gate {
  /** `weight` is 1 to limit the count only. Returns a function to call at the end; null if full. */
  enter(accountId: string, weight?: number): (() => void) | null
}

export function createGate({
  max,
  ofAccountMax,
}: {
  readonly max: number
  readonly ofAccountMax: number
}): Gate {
  const underWay = new Map<string, number>()
  let all = 0
  return {
    enter(accountId, weight = 1) {
      const present = underWay.get(accountId) ?? 0
      if (all + weight > max || present + weight > ofAccountMax) return null
      all += weight
      underWay.set(accountId, present + weight)
      return () => {
        all -= weight
        const left = (underWay.get(accountId) ?? weight) - weight
        if (left === 0) underWay.delete(accountId)
        else underWay.set(accountId, left)
      }
    },
  }
}
