// The day by which caps a day are counted: that of `reporting.time_zone`, as a number such as 20261130.
import type { Context } from '../../context.ts'
import { dateIn } from '../reports/days.ts'

/** Later days have larger numbers. */
export const dayOf = (timeZone: string, atMs: number): number =>
  Number(dateIn(timeZone, atMs).replaceAll('-', ''))

export const today = ({ clock, config }: Pick<Context, 'clock' | 'config'>): number =>
  dayOf(config.reporting.timeZone, clock.now())
