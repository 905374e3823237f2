// Bounds how many of something heavy are under way, in all and for each account, so that none shuts out the others.

export interface Gate {
  /** To be called when it is over; null where there is no room. */
  enter(accountId: string): (() => void) | null
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
    enter(accountId) {
      const present = underWay.get(accountId) ?? 0
      if (all >= max || present >= ofAccountMax) return null
      all += 1
      underWay.set(accountId, present + 1)
      return () => {
        all -= 1
        const left = (underWay.get(accountId) ?? 1) - 1
        if (left === 0) underWay.delete(accountId)
        else underWay.set(accountId, left)
      }
    },
  }
}
