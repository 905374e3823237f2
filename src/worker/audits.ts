// Audits the ledger while the gateway serves: a small store every ten minutes, any store every day.
import type { Context } from '../context.ts'
import type { Auditor } from '../ledger/auditor.ts'

/** By then the loops have taken over the last process's work, and clients that waited are served. */
const firstAfterMs = 2 * 60_000
const everyMs = 10 * 60_000
/**
 * At most this share of all time is spent in audits, which themselves mostly rest: a long audit is followed
 * by a long pause. But one begins each day.
 */
const shareMax = 0.05
const beginsEveryMs = 24 * 60 * 60_000

export interface Audits {
  /** Resolves when no audit is running any more. */
  stop(): Promise<void>
}

export function startAudits(
  { clock, instances }: Pick<Context, 'clock' | 'instances'>,
  auditor: Auditor,
): Audits {
  const stopping = new AbortController()
  const auditing = (async () => {
    let pauseMs = firstAfterMs
    while (!stopping.signal.aborted) {
      await clock.sleep(pauseMs, stopping.signal)
      if (stopping.signal.aborted) break
      // One instance audits for all.
      if (!instances.isFirst()) continue
      const startedAt = clock.monotonic()
      // The auditor has logged and counted the failure.
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
