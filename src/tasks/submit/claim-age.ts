// Before an order is posted: whether its claim still holds, and what becomes of one whose claim was lost.
import { and, eq, sql } from '../../db/drizzle.ts'
import type { Context } from '../../context.ts'
import { statement } from '../../db/statement.ts'
import { answerable } from './accept.ts'
import { submitLeaseMs } from './lease.ts'
import { persist } from './persist.ts'
import type { Submission } from './submission.ts'
import { mayBecome } from '../state.ts'
import { closeAttempt } from '../attempts.ts'
import { moveRequestUnread, moveTasksOfRequest } from '../store.ts'

/** A claim older than this may have been taken for abandoned: its process stood still in between. */
const freshMs = 1_000

/**
 * Renews an old claim; false if it was lost, and then the order must not be posted. So an order can only be posted
 * by a process that was taken for gone if that stands still between this check and the first byte.
 */
export async function isStillClaimed(
  ctx: Context,
  { upstream, request, claimedAt }: Submission,
): Promise<boolean> {
  if (ctx.clock.monotonic() - claimedAt < freshMs) return true
  const { id, attemptsMade } = request
  const leaseEndsAt = ctx.clock.now() + submitLeaseMs(upstream)
  const renewed = await persist(ctx, async (tx) => await renewal(tx, { id, attemptsMade, leaseEndsAt }))
  return renewed.length > 0
}

const renewal = statement<{ id: string }>('submission_renewal', (tx) => {
  const { requests } = tx.tables
  return tx
    .update(requests)
    .set({ dueAt: sql`${sql.placeholder('leaseEndsAt')}` })
    .where(
      and(
        eq(requests.id, sql.placeholder('id')),
        eq(requests.attemptsMade, sql.placeholder('attemptsMade')),
        eq(requests.state, 'submitting'),
      ),
    )
    .returning({ id: requests.id })
})

/** Whoever took the order for abandoned did not know that it was never posted: it is queued again at its place. */
export async function queueUnposted(ctx: Context, { request, attemptId }: Submission): Promise<void> {
  const finishedAt = ctx.clock.now()
  const detail = 'it was not posted: its process stood still, and its claim was taken from it'
  await persist(ctx, async (tx) => {
    await closeAttempt(tx, attemptId, { state: 'not_accepted', detail, finishedAt })
    const dueAt = request.readyAt ?? request.createdAt
    const to = { state: 'queued', dueAt, notBefore: null, startTag: request.startTag } as const
    if (!(await moveRequestUnread(tx, request.id, { from: answerable, to }))) return
    await moveTasksOfRequest(tx, request.id, { from: mayBecome.queued, to: 'queued' })
  })
  ctx.log.warn({ request: request.id, attempt: attemptId }, detail)
  ctx.wake('submit')
}
