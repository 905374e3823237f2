// Paused orders that may be tried before their pause is over, because of what the upstream answered to others.

export type EarlyReturns = ReturnType<typeof createEarlyReturns>

/** More than are ever paused together; one that is not remembered waits until its pause is over. */
const rememberedMax = 10_000

/** Of this process: after a restart each waits for the time that is written down. */
export function createEarlyReturns() {
  const waiting = new Set<string>()
  const due = new Set<string>()
  return {
    /** It is paused for long because nothing proves that the upstream takes orders. */
    wait(requestId: string): void {
      if (waiting.size < rememberedMax) waiting.add(requestId)
    },
    /** An order was taken: one that waited for that may come back, and brings the next when it is taken too. */
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
    /** It is posted. */
    forget(requestId: string): void {
      waiting.delete(requestId)
      due.delete(requestId)
    },
  }
}
