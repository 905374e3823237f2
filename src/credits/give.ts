// Gives credits to an account or takes them back, and tells it where that leaves it low.
import type { Context, InCommit } from '../context.ts'
import type { Tx } from '../db/database.ts'
import { grant } from '../ledger/grant.ts'
import type { Grant, Granted } from '../ledger/grant.ts'
import { balanceWithThreshold } from '../ledger/statement.ts'
import { tellIfLow } from './low-balance.ts'

interface Given extends Omit<Grant, 'accountId' | 'nowMs'> {
  /** It may find the account by its name. */
  accountOf(tx: Tx): Promise<string>
}

/** Throws like `grant`. */
export async function giveCredits(
  ctx: Context,
  { accountOf, ...given }: Given,
  inCommit?: InCommit<Granted & { readonly accountId: string }>,
): Promise<Granted> {
  const nowMs = ctx.clock.now()
  const { granted, isTold } = await ctx.db.transaction(async (tx) => {
    const accountId = await accountOf(tx)
    const { balance: before, lowBalance } = await balanceWithThreshold(tx, accountId)
    const made = await grant(tx, { ...given, accountId, nowMs })
    if (made.replayed) return { granted: made, isTold: false }
    await inCommit?.({ tx, nowMs }, { ...made, accountId })
    const fall = { accountId, before, after: made.balance, lowBalance, nowMs }
    const { lowBalance: lowBalanceDefault } = ctx.config
    return { granted: made, isTold: await tellIfLow(tx, { ...fall, lowBalanceDefault }) }
  })
  if (isTold) ctx.wake('deliver')
  return granted
}
