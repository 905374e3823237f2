// Days of a time zone as quarters of an hour of UTC: where summer time begins or ends they have 23 or 25 hours.
import { quarterMs } from '../../db/tables/bounds.ts'

/** A date as YYYY-MM-DD, and its quarters: from `start` until before `stop`. */
export interface Day {
  readonly date: string
  readonly start: number
  readonly stop: number
}

/** More days than this make no report that anybody reads, but a long answer. */
export const daysMax = 3_660
const dayMs = 24 * 60 * 60_000
const dateForm = /^(\d{4})-(\d{2})-(\d{2})$/

/** Whether the text is a date that there is: not February 30. */
export function isDate(text: string): boolean {
  if (!dateForm.test(text)) return false
  const time = Date.parse(`${text}T00:00:00Z`)
  return !Number.isNaN(time) && new Date(time).toISOString().startsWith(text)
}

/** A date so many days later; both by the calendar. */
export const plusDays = (date: string, days: number): string =>
  new Date(Date.parse(`${date}T00:00:00Z`) + days * dayMs).toISOString().slice(0, 10)

/** How many dates from the first to the last, both included. */
export const countDays = (from: string, to: string): number =>
  (Date.parse(`${to}T00:00:00Z`) - Date.parse(`${from}T00:00:00Z`)) / dayMs + 1

/** The date that it is in a time zone. */
export const dateIn = (timeZone: string, nowMs: number): string => datesOf(timeZone)(nowMs)

/** When a date begins in a time zone, in milliseconds. */
export const beginningOf = (timeZone: string, date: string): number =>
  startOf(datesOf(timeZone), date) * quarterMs

/** From a date to another one, both included. */
export function daysBetween(
  timeZone: string,
  { from, to }: { readonly from: string; readonly to: string },
): Day[] {
  const dateAt = datesOf(timeZone)
  const days: Day[] = []
  let start = startOf(dateAt, from)
  for (let date = from; date <= to; date = plusDays(date, 1)) {
    const stop = startOf(dateAt, plusDays(date, 1))
    days.push({ date, start, stop })
    start = stop
  }
  return days
}

type DateAt = (atMs: number) => string

const known = new Map<string, DateAt>()

function datesOf(timeZone: string): DateAt {
  const made = known.get(timeZone) ?? makeDates(timeZone)
  known.set(timeZone, made)
  return made
}

function makeDates(timeZone: string): DateAt {
  // Swedish dates are those of ISO 8601.
  const format = new Intl.DateTimeFormat('sv-SE', { timeZone, dateStyle: 'short' })
  return (atMs) => format.format(atMs)
}

/** No time zone is further from UTC. */
const offsetMaxMs = 15 * 60 * 60_000

/** The first quarter that has the date, or a later one where a zone left the date out: dates never go back. */
function startOf(dateAt: DateAt, date: string): number {
  const midnight = Date.parse(`${date}T00:00:00Z`)
  let before = Math.floor((midnight - offsetMaxMs) / quarterMs)
  let after = Math.ceil((midnight + offsetMaxMs) / quarterMs)
  while (after - before > 1) {
    const middle = Math.floor((before + after) / 2)
    if (dateAt(middle * quarterMs) >= date) after = middle
    else before = middle
  }
  return after
}
