// Gives credits to an account or takes them back, and tells it where that leaves it low.
import type { Context } from '../context.ts'
import type { Tx } from '../db/database.ts'
import { grant } from '../ledger/grant.ts'
import type { Grant, Granted } from '../ledger/grant.ts'
import { balanceWithThreshold } from '../ledger/statement.ts'
import { tellIfLow } from './low-balance.ts'

/** `accountOf` may find the account by its name. Throws like `grant`. */
export async function giveCredits(
  ctx: Context,
  accountOf: (tx: Tx) => Promise<string>,
  given: Omit<Grant, 'accountId' | 'nowMs'>,
): Promise<Granted> {
  const nowMs = ctx.clock.now()
  const { granted, isTold } = await ctx.db.transaction(async (tx) => {
    const accountId = await accountOf(tx)
    const { balance: before, lowBalance } = await balanceWithThreshold(tx, accountId)
    const made = await grant(tx, { ...given, accountId, nowMs })
    if (made.replayed) return { granted: made, isTold: false }
    const fall = { accountId, before, after: made.balance, lowBalance, nowMs }
    const { lowBalance: lowBalanceDefault } = ctx.config
    return { granted: made, isTold: await tellIfLow(tx, { ...fall, lowBalanceDefault }) }
  })
  if (isTold) ctx.wake('deliver')
  return granted
}
