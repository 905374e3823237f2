// Once a day, the figures of the day that is over to the receivers of alerts: one message over all gateways and restarts.
import { firstAccountAt } from '../accounts/named.ts'
import type { Context } from '../context.ts'
import { newId } from '../ids.ts'
import { beginningOf, dateIn, plusDays } from '../ledger/reports/days.ts'
import { reportOf } from '../ledger/reports/report.ts'
import { hourMs, putUp, receiversOf } from './messages.ts'
import type { Facts } from './rules/rule.ts'
import { recordOnce } from './store.ts'

export interface DayReport {
  /** Never throws. */
  turn(): Promise<void>
}

const rule = 'day_report'

export function createDayReport(ctx: Context): DayReport {
  const settings = ctx.config.alerts.rules[rule]
  /** Days before it are done with, as this process knows. */
  let doneUpTo = ''
  return {
    async turn() {
      if (settings === null || !ctx.instances.isFirst()) return
      try {
        const date = dayToTell(ctx, settings.atHour)
        if (date === null || date <= doneUpTo) return
        await tellDay(ctx, date)
        doneUpTo = date
      } catch (error) {
        ctx.log.warn({ err: error }, 'the report of the day could not be made; it is tried again')
      }
    },
  }
}

/** Yesterday, once its hour of today has come. Null before, and while the clock is not believed: a day is told once. */
function dayToTell({ config, clock, time }: Context, atHour: number): string | null {
  const { timeZone } = config.reporting
  const nowMs = clock.now()
  const today = dateIn(timeZone, nowMs)
  if (nowMs < beginningOf(timeZone, today) + atHour * hourMs || !time.mayEnd(hourMs)) return null
  return plusDays(today, -1)
}

async function tellDay(ctx: Context, date: string): Promise<void> {
  const { db, config, clock, log } = ctx
  const { timeZone } = config.reporting
  const beganAt = await firstAccountAt(db.read)
  // Nothing could be sold on that day.
  if (beganAt === null || beganAt >= beginningOf(timeZone, plusDays(date, 1))) return
  const nowMs = clock.now()
  const facts = await factsOf(ctx, date)
  await db.transaction(async (tx) => {
    const [told] = await recordOnce(tx, { id: newId('alert', nowMs), rule, subject: date, facts, nowMs })
    if (!told) return
    for (const receiver of receiversOf(ctx, rule))
      await putUp(ctx, { tx, nowMs }, { alertId: told.id, kind: 'fired', receiver })
    log.info({ alert: told.id, date }, 'the report of the day')
  })
}

async function factsOf({ db, config: { reporting }, clock }: Context, date: string): Promise<Facts> {
  const asked = { from: date, to: date, group: 'day' } as const
  const { currency, timeZone, total } = await reportOf(db, asked, { reporting, nowMs: clock.now() })
  const { tasks, succeeded, failed, charged, refunded, net, value, cost, leakage, margin } = total
  return {
    date,
    time_zone: timeZone,
    tasks,
    succeeded,
    failed,
    charged,
    refunded,
    net,
    currency,
    value,
    cost,
    leakage,
    margin,
  }
}
