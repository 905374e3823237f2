// Periodic work of a serving gateway beside its loops: audits, probes of the store for results, stray files.
import type { Context } from '../context.ts'
import type { Auditor } from '../ledger/auditor.ts'
import { startAlerts } from './alerts.ts'
import { startAudits } from './audits.ts'
import { startProbes } from './probes.ts'
import { startStrays } from './strays.ts'

export interface Background {
  /** Resolves when none of it is running any more. */
  stop(): Promise<void>
}

/** Null: its ledger is not audited, and its operator not alerted. */
export function startBackground(ctx: Context, auditor: Auditor | null): Background {
  const audits = auditor ? [startAudits(ctx, auditor), startAlerts(ctx, auditor)] : []
  const parts = [...audits, startProbes(ctx), startStrays(ctx)]
  return {
    async stop() {
      await Promise.all(parts.map((part) => part.stop()))
    },
  }
}
