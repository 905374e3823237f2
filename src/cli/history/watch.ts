// The alerts of a history: the gateway's own rules, looked at while something may be wrong.
import { createRules } from '../../alerts/rules/all.ts'
import { createWatch } from '../../alerts/watch.ts'
import type { Context } from '../../context.ts'
import { createAuditor } from '../../ledger/auditor.ts'
import { neverLate, verifyLedger } from '../../ledger/verify.ts'
import type { Agenda } from './agenda.ts'

const minuteMs = 60_000
/** Dense where something begins, and long enough that what is over is seen to be over. */
const looksAfterMinutes = [0.5, 3, 6, 9, 12, 16, 21, 27, 34, 45, 62, 68, 75]

/** Returns what begins to watch; it is watched once, however often it is asked for meanwhile. */
export function createCloseWatch(ctx: Context, agenda: Agenda): () => void {
  const auditor = createAuditor(ctx, {
    run: async (nowMs) => await verifyLedger(ctx.db, nowMs, neverLate),
    late: neverLate,
  })
  const watch = createWatch(ctx, createRules(ctx, auditor))
  let watchedUntil = -Infinity
  return () => {
    const nowMs = ctx.clock.now()
    for (const minutes of looksAfterMinutes) {
      const atMs = nowMs + minutes * minuteMs
      if (atMs <= watchedUntil) continue
      watchedUntil = atMs
      agenda.at(atMs, async () => await watch.turn())
    }
  }
}
