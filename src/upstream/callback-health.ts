// In-memory state of an upstream's callbacks: whether they arrive, and which polls they triggered.

/** For this long after a callback about our work, further callbacks are expected to arrive too. */
const goodForMs = 10 * 60_000
/** Callbacks make a task be polled at most this often, however many arrive. */
const lookEveryMs = 2_000
/** More tasks than callbacks ever cause to be polled within a few such intervals. */
const toldMax = 10_000

export type CallbackHealth = ReturnType<typeof createCallbackHealth>

export function createCallbackHealth() {
  let heardAt = -Infinity
  const underWay = new Set<string>()
  const toldMeanwhile = new Set<string>()
  const looksAt = new Map<string, number>()

  return {
    /** A callback for work of ours arrived. */
    note(nowMs: number): void {
      heardAt = Math.max(heardAt, nowMs)
    },
    /** Whether callbacks have arrived lately, so that polls are only a fallback for a lost one. */
    isGood: (nowMs: number): boolean => nowMs - heardAt < goodForMs,
    beginPoll(taskId: string): void {
      underWay.add(taskId)
    },
    /** Whether a callback came during the poll: the poll's answer may be older than the callback. */
    endPoll(taskId: string): boolean {
      underWay.delete(taskId)
      return toldMeanwhile.delete(taskId)
    },
    /**
     * A callback names this task: returns when to poll it, or null if that happens after the poll under way.
     */
    tell(taskId: string, nowMs: number): number | null {
      if (underWay.has(taskId)) {
        toldMeanwhile.add(taskId)
        return null
      }
      const last = looksAt.get(taskId) ?? -Infinity
      // Already scheduled: otherwise repeated callbacks would postpone the poll for ever.
      if (last > nowMs) return last
      const at = Math.max(nowMs, last + lookEveryMs)
      looksAt.delete(taskId)
      looksAt.set(taskId, at)
      const [oldest] = looksAt.keys()
      if (looksAt.size > toldMax && oldest !== undefined) looksAt.delete(oldest)
      return at
    },
    /** Whether a callback has named this task, so that it is no longer polled at the slow interval. */
    wasTold: (taskId: string): boolean => looksAt.has(taskId),
    /** The clock was moved: the age of each callback stays the same. */
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
