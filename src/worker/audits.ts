// Audits the ledger while the gateway serves: a small store every ten minutes, any store every day.
import type { Context } from '../context.ts'
import type { Auditor } from '../ledger/auditor.ts'

/** By then the loops have taken up what the last process left, and whoever waited for the start has been served. */
const firstAfterMs = 2 * 60_000
const everyMs = 10 * 60_000
/**
 * Of all time, at most this share goes into audits, which themselves rest for most of theirs: one that took long is
 * followed by a long pause. But one begins each day.
 */
const shareMax = 0.05
const beginsEveryMs = 24 * 60 * 60_000

export interface Audits {
  /** Resolves when no audit is under way any more. */
  stop(): Promise<void>
}

export function startAudits({ clock }: Pick<Context, 'clock'>, auditor: Auditor): Audits {
  const stopping = new AbortController()
  const auditing = (async () => {
    let pauseMs = firstAfterMs
    while (!stopping.signal.aborted) {
      await clock.sleep(pauseMs, stopping.signal)
      if (stopping.signal.aborted) break
      const startedAt = clock.monotonic()
      // The auditor has told the log, and counted it.
      await auditor.verify().catch(() => undefined)
      pauseMs = pauseAfter(clock.monotonic() - startedAt)
    }
  })()
  return {
    async stop() {
      stopping.abort()
      await auditor.stop()
      await auditing
    },
  }
}

const pauseAfter = (tookMs: number): number =>
  Math.max(everyMs, Math.min(tookMs * (1 / shareMax - 1), beginsEveryMs - tookMs))
