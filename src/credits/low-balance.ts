// Tells an account by a webhook that its balance fell below its threshold, in the transaction that led there.
import { changeAccount } from '../accounts/accounts.ts'
import type { Account } from '../accounts/accounts.ts'
import type { Context } from '../context.ts'
import type { Tx } from '../db/database.ts'
import { announceOfAccount } from '../webhooks/outbox.ts'

export interface Fall {
  readonly accountId: string
  readonly before: number
  readonly after: number
  /** Of the account; null: as configured. 0: never. */
  readonly lowBalance: number | null
  /** As configured; null: never. */
  readonly lowBalanceDefault: number | null
}

/** The threshold that a balance has just fallen below; null: none. It falls again only after it was above. */
function crossed({ before, after, lowBalance, lowBalanceDefault }: Omit<Fall, 'accountId'>): number | null {
  const threshold = lowBalance ?? lowBalanceDefault ?? 0
  return before >= threshold && after < threshold ? threshold : null
}

/** Returns whether a webhook will be sent: wake the loop that delivers once this is committed. */
export async function tellIfLow(tx: Tx, fall: Fall & { readonly nowMs: number }): Promise<boolean> {
  const threshold = crossed(fall)
  if (threshold === null) return false
  const { accountId, after: balance, nowMs } = fall
  const data = { balance, low_balance: threshold }
  return await announceOfAccount(tx, { type: 'balance.low', accountId, data, nowMs })
}

/** Null: as configured; 0: never. */
export async function setLowBalance(
  { db }: Pick<Context, 'db'>,
  accountId: string,
  lowBalance: number | null,
): Promise<Account> {
  return await db.transaction(async (tx) => await changeAccount(tx, accountId, { lowBalance }))
}
