// What is remembered of an upstream's callbacks in memory: that they arrive, and which polls run because of them.

/** As long after one callback about work of ours, others are relied on to come as well. */
const goodForMs = 10 * 60_000
/** However often callbacks speak of a task, it is looked at for their sake no more often than this. */
const lookEveryMs = 2_000
/** More tasks than are ever looked at for callbacks within a few of those pauses. */
const toldMax = 10_000

export type CallbackHealth = ReturnType<typeof createCallbackHealth>

export function createCallbackHealth() {
  let heardAt = -Infinity
  const underWay = new Set<string>()
  const toldMeanwhile = new Set<string>()
  const looksAt = new Map<string, number>()

  return {
    /** A callback spoke of work that is ours. */
    note(nowMs: number): void {
      heardAt = Math.max(heardAt, nowMs)
    },
    /** Whether callbacks have lately proven to arrive, so that polls are only there in case one is lost. */
    isGood: (nowMs: number): boolean => nowMs - heardAt < goodForMs,
    beginPoll(taskId: string): void {
      underWay.add(taskId)
    },
    /** Whether a callback came while the look was under way, whose answer may be older than what it told. */
    endPoll(taskId: string): boolean {
      underWay.delete(taskId)
      return toldMeanwhile.delete(taskId)
    },
    /** A callback speaks of this task: when to look at it; null where that is for the end of the look under way. */
    tell(taskId: string, nowMs: number): number | null {
      if (underWay.has(taskId)) {
        toldMeanwhile.add(taskId)
        return null
      }
      const last = looksAt.get(taskId) ?? -Infinity
      // Promised already: callbacks upon callbacks would else put it off for ever.
      if (last > nowMs) return last
      const at = Math.max(nowMs, last + lookEveryMs)
      looksAt.delete(taskId)
      looksAt.set(taskId, at)
      const [oldest] = looksAt.keys()
      if (looksAt.size > toldMax && oldest !== undefined) looksAt.delete(oldest)
      return at
    },
    /** Whether a callback has spoken of this task, so that its end is no longer waited for slowly. */
    wasTold: (taskId: string): boolean => looksAt.has(taskId),
    /** Time was moved: what was told stays as old as it was. */
    shift(byMs: number): void {
      heardAt += byMs
      for (const [taskId, at] of looksAt) looksAt.set(taskId, at + byMs)
    },
    /** The task has ended. */
    forget(taskId: string): void {
      looksAt.delete(taskId)
    },
  }
}
