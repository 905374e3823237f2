// The day by which caps a day are counted: that of a time zone, as a number such as 20261130.
import type { Context } from '../../context.ts'

const formats = new Map<string, Intl.DateTimeFormat>()

/** Later days have larger numbers. */
export function dayOf(atMs: number, timeZone = 'UTC'): number {
  let format = formats.get(timeZone)
  if (!format) {
    format = new Intl.DateTimeFormat('en-US-u-ca-gregory-nu-latn', {
      timeZone,
      year: 'numeric',
      month: '2-digit',
      day: '2-digit',
    })
    formats.set(timeZone, format)
  }
  const parts = new Map(format.formatToParts(atMs).map(({ type, value }) => [type, value]))
  return Number(`${parts.get('year')}${parts.get('month')}${parts.get('day')}`)
}

/** The day that has begun now, for all that counts by days. */
export const today = ({ clock }: Pick<Context, 'clock'>): number => dayOf(clock.now())
