// Ends the open tasks of an upstream that an operator removes anyway, now instead of silently at their limit.
import { and, inArray, isNotNull } from '../../db/drizzle.ts'
import type { Context } from '../../context.ts'
import { lastPollsMax } from '../poll/poll.ts'
import { isOfTask } from '../poll/rows.ts'
import { unreachableTasks } from './find.ts'
import type { Unreachable } from './find.ts'

/**
 * Tasks of an upstream that is gone reach their limit now; the loops end and refund them, and record their
 * works as orphans. Tasks of a key that is gone are still polled, with the keys that are there, until their
 * limit.
 */
export async function giveUpUnreachable(ctx: Context): Promise<Unreachable[]> {
  const found = await unreachableTasks(ctx.db.read, ctx.config)
  const gone = found.filter(({ why }) => why === 'upstream').map(({ upstream }) => upstream)
  if (gone.length > 0) await endSoon(ctx, [...new Set(gone)])
  return found
}

async function endSoon(ctx: Context, upstreams: readonly string[]): Promise<void> {
  const nowMs = ctx.clock.now()
  await ctx.db.transaction(async (tx) => {
    const { tasks, polls, requests } = tx.tables
    const polled = tx.select({ id: polls.taskId }).from(polls)
    const isTheirs = inArray(tasks.upstream, [...upstreams])
    await tx
      .update(tasks)
      .set({ giveUpAt: nowMs })
      .where(and(inArray(tasks.id, polled), isTheirs))
    await tx
      .update(polls)
      .set({ dueAt: nowMs, lastLooks: lastPollsMax })
      .where(isOfTask(tx, () => isTheirs))
    await tx
      .update(requests)
      .set({ dueAt: nowMs })
      .where(
        and(
          isNotNull(requests.dueAt),
          inArray(requests.state, ['submitting', 'unknown', 'accepted']),
          inArray(requests.upstream, [...upstreams]),
        ),
      )
  })
}
