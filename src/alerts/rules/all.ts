// The rules that are switched on, with their settings.
import type { Context } from '../../context.ts'
import type { Auditor } from '../../ledger/auditor.ts'
import { failureRate, lateSuccess, oldestWaiting, unknownOutcomes } from './orders.ts'
import type { Rule } from './rule.ts'
import { backupTooOld, customerAtZero, disk, ledgerDrift } from './upkeep.ts'
import { keyRefused, keysResting } from './upstream-keys.ts'

/** Each with a memory of its own: make them once for a process. */
export function createRules(ctx: Context, auditor: Auditor): Rule[] {
  const { rules } = ctx.config.alerts
  const on = <Settings>(settings: Settings | null, create: (settings: Settings) => Rule): Rule[] =>
    settings === null ? [] : [create(settings)]
  return [
    ...on(rules.ledger_drift, () => ledgerDrift(auditor)),
    ...on(rules.key_refused, () => keyRefused(ctx)),
    ...on(rules.keys_resting, (settings) => keysResting(ctx, settings)),
    ...on(rules.failure_rate, (settings) => failureRate(ctx, settings)),
    ...on(rules.oldest_waiting, (settings) => oldestWaiting(ctx, settings)),
    ...on(rules.unknown_outcomes, (settings) => unknownOutcomes(ctx, settings)),
    ...on(rules.late_success, () => lateSuccess(ctx)),
    ...on(rules.disk, (settings) => disk(ctx, settings)),
    ...on(rules.backup_too_old, (settings) => backupTooOld(ctx, settings)),
    ...on(rules.customer_at_zero, () => customerAtZero(ctx)),
  ]
}
