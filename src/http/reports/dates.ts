// Ranges of dates in a query: `from` and `to`, both included, in the time zone of reports.
import { z } from 'zod'
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

/** A range that is given backwards is taken forwards. */
export function rangeOf(asked: Asked, at: { readonly timeZone: string; readonly nowMs: number }): DateRange {
  const given = asked.to ?? dateIn(at.timeZone, at.nowMs)
  const [from, to] = forwards(asked.from ?? `${given.slice(0, -2)}01`, given)
  // The answer says from when on it is.
  return { from: countDays(from, to) > daysMax ? plusDays(to, 1 - daysMax) : from, to }
}

/** The same without a default: null is no bound. `untilMs` is the end of the last date. */
export function spanOf(
  asked: Asked,
  timeZone: string,
): { readonly sinceMs: number | null; readonly untilMs: number | null } {
  const { from, to } = asked
  const [first, last] = from !== undefined && to !== undefined ? forwards(from, to) : [from, to]
  return {
    sinceMs: first === undefined ? null : beginningOf(timeZone, first),
    untilMs: last === undefined ? null : beginningOf(timeZone, plusDays(last, 1)),
  }
}

const forwards = (from: string, to: string): readonly [string, string] =>
  from > to ? [to, from] : [from, to]
