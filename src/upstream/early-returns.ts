// Paused orders that may be tried before their pause is over, because of the upstream's answers to others.

export type EarlyReturns = ReturnType<typeof createEarlyReturns>

/** More than are ever paused at once; an order that is not remembered waits until its pause is over. */
const rememberedMax = 10_000

/** In memory: after a restart each order waits for its stored time. */
export function createEarlyReturns() {
  const waiting = new Set<string>()
  const due = new Set<string>()
  return {
    /** The order has a long pause because nothing proves that the upstream accepts orders. */
    wait(requestId: string): void {
      if (waiting.size < rememberedMax) waiting.add(requestId)
    },
    /**
     * An order was accepted: one waiting order may come back, and releases the next if it is accepted too.
     */
    next(): void {
      const [first] = waiting
      if (first === undefined) return
      waiting.delete(first)
      due.add(first)
    },
    add(requestIds: readonly string[]): void {
      for (const id of requestIds) due.add(id)
    },
    get isAny(): boolean {
      return due.size > 0
    },
    /** Up to `max` that come back now. */
    take(max: number): string[] {
      const taken = [...due].slice(0, max)
      for (const id of taken) due.delete(id)
      return taken
    },
    /** The order is posted. */
    forget(requestId: string): void {
      waiting.delete(requestId)
      due.delete(requestId)
    },
  }
}
