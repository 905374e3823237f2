// What operators do with credits: grants, refunds by hand, decisions about unsold work, redemption codes.
import type { Context } from '../context.ts'
import { makeCodes, voidCodes } from '../credits/codes/codes.ts'
import type { MadeCodes, NewCodes } from '../credits/codes/codes.ts'
import { giveCredits } from '../credits/give.ts'
import type { Grant, Granted } from '../ledger/grant.ts'
import { reconcile } from '../tasks/corrections/reconcile.ts'
import type { Reconciled, Reconciling } from '../tasks/corrections/reconcile.ts'
import { refundByHand } from '../tasks/corrections/refund.ts'
import type { RefundByHand, RefundedByHand } from '../tasks/corrections/refund.ts'
import { idOf, noteIn } from './act.ts'
import type { Actor, Named } from './act.ts'
import { requireRefundBound } from './roles.ts'

interface CreditsToGrant extends Omit<Grant, 'accountId' | 'nowMs'> {
  readonly account: Named
}

/** Throws like `grant`. What a key has granted before changes nothing, and is not noted again. */
export async function grantCredits(ctx: Context, by: Actor, wanted: CreditsToGrant): Promise<Granted> {
  const { account, ...given } = wanted
  const accountOf = async (tx: Parameters<typeof idOf>[0]): Promise<string> => await idOf(tx, account)
  return await giveCredits(
    ctx,
    { ...given, accountOf },
    async (at, { accountId, balance, owed, entryId }) => {
      const { amount, notes, paid, idempotencyKey } = given
      const after = { amount, balance, owed, entryId, notes, paid, idempotencyKey }
      await noteIn(at, by, { action: 'grantCredits', changed: { target: accountId, after } })
    },
  )
}

/** Throws like `refundByHand`, and unauthorized beyond what the operator may give back for one task, in parts or at once. */
export async function refundTask(ctx: Context, by: Actor, asked: RefundByHand): Promise<RefundedByHand> {
  const { taskId: target, reason } = asked
  return await refundByHand(ctx, asked, async (at, { refunded, balance, refundedInAll }) => {
    requireRefundBound(by, refundedInAll)
    const after = { credits: refunded, reason, balance }
    await noteIn(at, by, { action: 'refundTask', changed: { target, after } })
  })
}

/** Throws like `reconcile`. */
export async function decide(ctx: Context, by: Actor, wanted: Reconciling): Promise<Reconciled> {
  const { id: target, decision, reason } = wanted
  return await reconcile(ctx, wanted, async (at, { charged }) => {
    const after = { decision, reason, ...charged }
    await noteIn(at, by, { action: 'reconcile', changed: { target, after } })
  })
}

/** Throws like `makeCodes`. The codes themselves are noted nowhere. */
export async function createCodes(ctx: Context, by: Actor, wanted: NewCodes): Promise<MadeCodes> {
  return await makeCodes(ctx, wanted, async (at, { batchId: target }) => {
    await noteIn(at, by, { action: 'createCodes', changed: { target, after: { ...wanted } } })
  })
}

/** Throws like `voidCodes`. `given` may be a code itself, which is not noted. */
export async function endCodes(ctx: Context, by: Actor, given: string): Promise<number> {
  return await voidCodes(ctx, given, async (at, voided) => {
    if (voided.length === 0) return
    const target = given.startsWith('batch_') ? given : (voided[0] ?? null)
    await noteIn(at, by, { action: 'voidCodes', changed: { target, after: { voided: voided.length } } })
  })
}
