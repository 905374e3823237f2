// Looks for what is wrong twice a minute, and whether a day is to be reported, and sends the messages about both.
import { createDayReport } from '../alerts/day-report.ts'
import { deliverAlerts } from '../alerts/deliver.ts'
import { createRules } from '../alerts/rules/all.ts'
import { createWatch } from '../alerts/watch.ts'
import type { Context } from '../context.ts'
import type { Auditor } from '../ledger/auditor.ts'

const lookEveryMs = 30_000
/** By then the loops have taken over what the last process left. */
const firstAfterMs = 10_000
/** How often messages that were not taken are tried, when they are due. */
const deliverEveryMs = 5_000

export interface Alerts {
  /** Resolves when nothing is looked at or sent any more. */
  stop(): Promise<void>
}

export function startAlerts(ctx: Context, auditor: Auditor): Alerts {
  const { clock, log } = ctx
  const stopping = new AbortController()
  const { signal } = stopping
  const watch = createWatch(ctx, createRules(ctx, auditor))
  const dayReport = createDayReport(ctx)
  const watching = (async () => {
    let lookAtMs = clock.monotonic() + firstAfterMs
    while (!signal.aborted) {
      await clock.sleep(deliverEveryMs, signal)
      if (signal.aborted) break
      if (clock.monotonic() >= lookAtMs) {
        lookAtMs = clock.monotonic() + lookEveryMs
        await watch.turn()
        await dayReport.turn()
      }
      await deliverAlerts(ctx, signal).catch((error: unknown) => {
        log.warn({ err: error }, 'messages of alerts could not be looked for; they are looked for again')
      })
    }
  })()
  return {
    async stop() {
      stopping.abort()
      await watching
    },
  }
}
