// Which tasks are polled now, by which process: the due time of a claimed poll is its lease.
import { and, gt, inArray, lte, not, sql } from '../../db/drizzle.ts'
import type { Context, TimedTx } from '../../context.ts'
import { allOf } from '../../db/batched.ts'
import { statement } from '../../db/statement.ts'
import { isHeld } from '../../instances/held.ts'
import { claimPoll, pollsDue } from './rows.ts'
import type { PolledTask } from './rows.ts'

/** A poll that is not recorded after this long may be claimed again. */
export const pollLeaseMs = 60_000

/**
 * Takes up to `max` tasks whose poll is due, the longest overdue first. What else of a task decides about its
 * poll changes only together with its due time: so a task that was read before the claim is as it is after
 * it.
 */
export async function claimPolls(ctx: Context, max: number): Promise<PolledTask[]> {
  const nowMs = ctx.clock.now()
  const due = await pollsDue(ctx.db.read, { nowMs, limit: max })
  if (due.length === 0) return []
  const leaseEndsAt = nowMs + pollLeaseMs
  const { id: holder } = ctx.instances
  return await ctx.db.transaction(
    async (tx) => {
      const claims = due.map(async (task) => {
        const { id, dueAt } = task
        const claimed = await claimPoll(tx, { id, dueAt, leaseEndsAt })
        return claimed.length > 0 ? [{ ...task, dueAt: leaseEndsAt }] : []
      })
      const noted = async (): Promise<PolledTask[]> => {
        if (holder !== null) await noteHolder(tx, { leaseEndsAt, holder })
        return []
      }
      return (await allOf([...claims, noted()])).flat()
    },
    { mayDelay: true },
  )
}

const noteHolder = statement('poll_claim_holder', (tx) =>
  tx
    .insert(tx.tables.pollClaims)
    .values({ leaseEndsAt: sql.placeholder('leaseEndsAt'), holder: sql.placeholder('holder') })
    .onConflictDoNothing(),
)

/** Polls that no instance holds any more are due now. One that another has claimed in the same millisecond is, too. */
export async function releasePolls({ tx, nowMs }: TimedTx): Promise<void> {
  const { polls, pollClaims } = tx.tables
  const isGone = and(gt(pollClaims.leaseEndsAt, nowMs), not(isHeld(tx, pollClaims.holder)))
  const leases = tx.select({ leaseEndsAt: pollClaims.leaseEndsAt }).from(pollClaims).where(isGone)
  await tx
    .update(polls)
    .set({ dueAt: nowMs })
    .where(and(gt(polls.dueAt, nowMs), inArray(polls.dueAt, leases)))
  await tx.delete(pollClaims).where(isGone)
}

/** Leases that have ended need no holder. */
export const forgetHolders = statement('poll_claims_forget', (tx) => {
  const { pollClaims } = tx.tables
  return tx.delete(pollClaims).where(lte(pollClaims.leaseEndsAt, sql.placeholder('nowMs')))
})

/** The claim of a poll is its due time: whoever claimed the task later, or made it due again, decides. */
export const leaseOf = ({ id, dueAt }: PolledTask) => ({ id, leaseEndsAt: dueAt })
