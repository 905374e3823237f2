// Which tasks are polled now, by which process: the due time of a claimed task is its lease.
import { and, asc, eq, gt, inArray, isNotNull, lte, not, sql } from '../../db/drizzle.ts'
import type { Context, TimedTx } from '../../context.ts'
import { allOf } from '../../db/batched.ts'
import { statement } from '../../db/statement.ts'
import { isHeld } from '../../instances/held.ts'
import type { TaskRow } from '../store.ts'

/** A poll that is not recorded after this long may be claimed again. */
export const pollLeaseMs = 60_000

/** Takes up to `max` tasks whose poll is due, the longest overdue first. */
export async function claimPolls(ctx: Context, max: number): Promise<TaskRow[]> {
  const nowMs = ctx.clock.now()
  const due = await pollsDue(ctx.db.read, { nowMs, limit: max })
  if (due.length === 0) return []
  return await ctx.db.transaction(
    async (tx) => {
      const leaseEndsAt = nowMs + pollLeaseMs
      const { id: holder } = ctx.instances
      const claims = due.map(async ({ id }) => await pollClaim(tx, { id, nowMs, leaseEndsAt }))
      const noted = async (): Promise<TaskRow[]> => {
        if (holder !== null) await noteHolder(tx, { leaseEndsAt, holder })
        return []
      }
      return (await allOf([...claims, noted()])).flat()
    },
    { mayDelay: true },
  )
}

const pollsDue = statement<{ id: string }>('polls_due', (read) => {
  const { tasks } = read.tables
  return read
    .select({ id: tasks.id })
    .from(tasks)
    .where(and(isNotNull(tasks.dueAt), lte(tasks.dueAt, sql.placeholder('nowMs'))))
    .orderBy(asc(tasks.dueAt))
    .limit(sql.placeholder('limit'))
})

/** One statement per task: one for any number of tasks would be built and prepared anew for every claim. */
const pollClaim = statement<TaskRow>(
  'poll_claim',
  (tx) => {
    const { tasks } = tx.tables
    return tx
      .update(tasks)
      .set({ dueAt: sql`${sql.placeholder('leaseEndsAt')}` })
      .where(
        and(
          eq(tasks.id, sql.placeholder('id')),
          lte(tasks.dueAt, sql.placeholder('nowMs')),
          eq(tasks.state, 'running'),
        ),
      )
      .returning()
  },
  { row: 'id' },
)

const noteHolder = statement('poll_claim_holder', (tx) =>
  tx
    .insert(tx.tables.pollClaims)
    .values({ leaseEndsAt: sql.placeholder('leaseEndsAt'), holder: sql.placeholder('holder') })
    .onConflictDoNothing(),
)

/** Polls that no instance holds any more are due now. One that another has claimed in the same millisecond is, too. */
export async function releasePolls({ tx, nowMs }: TimedTx): Promise<void> {
  const { tasks, pollClaims } = tx.tables
  const isGone = and(gt(pollClaims.leaseEndsAt, nowMs), not(isHeld(tx, pollClaims.holder)))
  const leases = tx.select({ leaseEndsAt: pollClaims.leaseEndsAt }).from(pollClaims).where(isGone)
  await tx
    .update(tasks)
    .set({ dueAt: nowMs })
    .where(and(gt(tasks.dueAt, nowMs), inArray(tasks.dueAt, leases), eq(tasks.state, 'running')))
  await tx.delete(pollClaims).where(isGone)
}

/** Leases that have ended need no holder. */
export const forgetHolders = statement('poll_claims_forget', (tx) => {
  const { pollClaims } = tx.tables
  return tx.delete(pollClaims).where(lte(pollClaims.leaseEndsAt, sql.placeholder('nowMs')))
})

/** The claim of a poll is its due time: whoever claimed the task later, or made it due again, decides. */
export const leaseOf = ({ id, dueAt }: TaskRow) => ({ id, leaseEndsAt: dueAt })

/** Changes a running task for the poll that claimed it, or not at all. */
export const underLease = statement(
  'poll_under_lease',
  (tx) => {
    const { tasks } = tx.tables
    return tx
      .update(tasks)
      .set({
        dueAt: sql`${sql.placeholder('dueAt')}`,
        giveUpAt: sql`${sql.placeholder('giveUpAt')}`,
        pollsMade: sql`${sql.placeholder('pollsMade')}`,
        missingInRow: sql`${sql.placeholder('missingInRow')}`,
        lastLooks: sql`${sql.placeholder('lastLooks')}`,
      })
      .where(
        and(
          eq(tasks.id, sql.placeholder('id')),
          eq(tasks.state, 'running'),
          eq(tasks.dueAt, sql.placeholder('leaseEndsAt')),
        ),
      )
  },
  { row: 'id' },
)
