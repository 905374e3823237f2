// The caps that an order of a caller is charged under.
import type { Caller } from '../../accounts/callers.ts'
import type { Context } from '../../context.ts'
import type { Cap } from '../../ledger/caps/caps.ts'
import { today } from '../../ledger/caps/day.ts'
import type { NewOrder } from './store-orders.ts'

/** An account's own limit on tasks in flight is not among them: the update that charges it compares with that. */
export function capsOf(ctx: Pick<Context, 'clock'>, caller: Caller): Pick<NewOrder, 'caps' | 'day'> {
  const { accountId, keyId, ofKey, creditsTotalMax, creditsPerDayMax } = caller
  const caps: Cap[] = []
  if (ofKey && (ofKey.creditsTotalMax ?? ofKey.creditsPerDayMax ?? ofKey.tasksInFlightMax) !== null)
    caps.push({ of: 'key', subject: keyId, ...ofKey })
  if ((creditsTotalMax ?? creditsPerDayMax) !== null)
    caps.push({
      of: 'account',
      subject: accountId,
      creditsTotalMax,
      creditsPerDayMax,
      tasksInFlightMax: null,
    })
  return caps.length === 0 ? uncapped : { caps, day: today(ctx) }
}

const uncapped: Pick<NewOrder, 'caps' | 'day'> = { caps: [], day: 0 }
