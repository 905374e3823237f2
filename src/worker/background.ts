// Periodic work of a serving gateway beside its loops: audits, probes of the store for results, stray files, uses of keys, what is to be gone from the archive.
import type { Context } from '../context.ts'
import type { Auditor } from '../ledger/auditor.ts'
import type { Place } from '../privacy/list.ts'
import { startAlerts } from './alerts.ts'
import { startArchives } from './files/archives.ts'
import { startAudits } from './audits.ts'
import { startKeyUses } from './key-uses.ts'
import { startProbes } from './probes.ts'
import { startStrays } from './files/strays.ts'

export interface Background {
  /** Resolves when none of it is running any more. */
  stop(): Promise<void>
}

/** Null: its ledger is not audited, and its operator not alerted. `erased`: where the list of erased accounts lies. */
export function startBackground(
  ctx: Context,
  auditor: Auditor | null,
  erased: Place = ctx.config,
): Background {
  const audits = auditor ? [startAudits(ctx, auditor), startAlerts(ctx, auditor)] : []
  const parts = [...audits, startProbes(ctx), startStrays(ctx), startKeyUses(ctx), startArchives(ctx, erased)]
  return {
    async stop() {
      await Promise.all(parts.map((part) => part.stop()))
    },
  }
}
