// Decides a piece of work that was made and not sold: once each.
import type { Context, InCommit } from '../../context.ts'
import { chargeForLate } from './charge.ts'
import type { ChargedAgain } from './charge.ts'
import { recordDecision, workById } from './items.ts'
import type { Decision } from './items.ts'

export interface Reconciling {
  readonly id: string
  readonly decision: Decision
  /** For the operator alone. */
  readonly reason: string
}

export interface Reconciled {
  readonly decision: Decision
  /** Null: nobody was charged. */
  readonly charged: ChargedAgain | null
}

/** Throws not_found, insufficient_credits, and invalid_request if it was decided before or there is nothing to charge for. */
export async function reconcile(
  ctx: Context,
  { id, decision, reason }: Reconciling,
  inCommit?: InCommit<Reconciled>,
): Promise<Reconciled> {
  if (decision === 'charge') {
    const charged = await chargeForLate(ctx, { id, reason }, async (at, done) => {
      await inCommit?.(at, { decision, charged: done })
    })
    return { decision, charged }
  }
  const done = { decision, charged: null }
  await ctx.db.transaction(async (tx) => {
    const nowMs = ctx.clock.now()
    await workById(tx, id)
    await recordDecision(tx, { orphanId: id, decision, reason, credits: 0, createdAt: nowMs })
    await inCommit?.({ tx, nowMs }, done)
  })
  return done
}
