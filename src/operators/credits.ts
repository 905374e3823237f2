// Grants credits and takes them away, for the operator API and the commands.
import type { Context } from '../context.ts'
import { grant } from '../ledger/grant.ts'
import type { Grant, Granted } from '../ledger/grant.ts'
import { act, idOf } from './act.ts'
import type { Actor, Named } from './act.ts'

interface CreditsToGrant extends Omit<Grant, 'accountId' | 'nowMs'> {
  readonly account: Named
}

/** Throws like `grant`. What a key has granted before changes nothing, and is not noted again. */
export async function grantCredits(ctx: Context, by: Actor, wanted: CreditsToGrant): Promise<Granted> {
  const { account, ...given } = wanted
  return await act(ctx, by, {
    action: 'grantCredits',
    async work(tx, nowMs) {
      const accountId = await idOf(tx, account)
      const granted = await grant(tx, { ...given, accountId, nowMs })
      const { balance, entryId, replayed } = granted
      const { amount, notes, idempotencyKey } = given
      const after = { amount, balance, entryId, notes, idempotencyKey }
      return { result: granted, changed: replayed ? null : { target: accountId, after } }
    },
  })
}
