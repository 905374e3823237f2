// Where a person does something about an alert.
import { to } from '../../../place.ts'

const places: Readonly<Record<string, string>> = {
  key_refused: '/upstream',
  keys_resting: '/upstream',
  failure_rate: '/tasks?status=4',
  oldest_waiting: '/tasks?status=1',
  unknown_outcomes: '/tasks?status=2',
  late_success: '/reconcile',
  ledger_drift: '/system',
  disk: '/system',
  backup_too_old: '/system',
}

/** A customer without credits has a page; an alert without a place is looked at in its list. */
export const placeOf = ({ rule, subject }: { readonly rule: string; readonly subject: string }): string =>
  to(rule === 'customer_at_zero' ? `/accounts/${subject}` : (places[rule] ?? '/alerts'))
