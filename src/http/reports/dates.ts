// Ranges of dates in a query: `from` and `to`, both included, in the time zone of reports.
import { z } from 'zod'
import { GatewayError } from '../../errors.ts'
import { beginningOf, countDays, dateIn, daysMax, isDate, plusDays } from '../../ledger/reports/days.ts'
import { says } from '../wire/issue-words.ts'

/** Reports of other centuries are typos. */
const form = '^20\\d\\d-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\\d|3[01])$'

const date = z
  .string()
  .refine(
    (text) => isDate(text) && text.startsWith('20'),
    says('must be a date, as 2026-11-30', '必须是日期,例如 2026-11-30'),
  )

/** Of a list: its rows were made on these dates. */
export const spanQuery = {
  from: date.optional().meta({
    description: 'Only what was made on this date or later, in the time zone of reports.',
    override: { format: 'date', pattern: form },
  }),
  to: date.optional().meta({
    description: 'Only what was made on this date or earlier.',
    override: { format: 'date', pattern: form },
  }),
}

export const rangeQuery = {
  from: date.optional().meta({
    description:
      'The first date, in the time zone of reports. Left out: the first of the month of `to`. At most ' +
      `${daysMax} days before it: an earlier one is taken for that.`,
    override: { format: 'date', pattern: form },
  }),
  to: date.optional().meta({
    description: 'The last date, included. Left out: today.',
    override: { format: 'date', pattern: form },
  }),
}

export interface DateRange {
  readonly from: string
  readonly to: string
}

interface Asked {
  readonly from?: string | undefined
  readonly to?: string | undefined
}

/** Throws invalid_request. */
export function rangeOf(asked: Asked, at: { readonly timeZone: string; readonly nowMs: number }): DateRange {
  const to = asked.to ?? dateIn(at.timeZone, at.nowMs)
  const from = asked.from ?? `${to.slice(0, -2)}01`
  if (from > to) throw backwards(from, to)
  // The answer says from when on it is.
  return { from: countDays(from, to) > daysMax ? plusDays(to, 1 - daysMax) : from, to }
}

/** The same without a default: null is no bound. `untilMs` is the end of the last date. */
export function spanOf(
  { from, to }: Asked,
  timeZone: string,
): { readonly sinceMs: number | null; readonly untilMs: number | null } {
  if (from !== undefined && to !== undefined && from > to) throw backwards(from, to)
  return {
    sinceMs: from === undefined ? null : beginningOf(timeZone, from),
    untilMs: to === undefined ? null : beginningOf(timeZone, plusDays(to, 1)),
  }
}

const backwards = (from: string, to: string) =>
  new GatewayError(
    'invalid_request',
    { en: `from: ${from} is after ${to}, the last date.`, zh: `from:${from} 晚于结束日期 ${to}。` },
    { field: 'from' },
  )
