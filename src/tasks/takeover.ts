// Takes over what the process before us held, when the store is ours alone and so nobody else can hold it.
import { and, eq, gt, isNotNull, sql } from '../db/drizzle.ts'
import type { Context } from '../context.ts'
import { takeOverDeliveries } from '../webhooks/claim.ts'
import { takeOverKeeps } from './keeps.ts'
import { slowerTimes, spread } from './pace.ts'

/** Without this, what a killed process had in hand would wait until its leases end. */
export async function takeOver(ctx: Context): Promise<void> {
  const nowMs = ctx.clock.now()
  await ctx.db.transaction(async (tx) => {
    const { requests, tasks } = tx.tables
    await takeOverDeliveries(tx, nowMs)
    // Nobody is left to hear these answers; the sweep says what that means.
    await tx
      .update(requests)
      .set({ dueAt: nowMs })
      .where(and(eq(requests.state, 'submitting'), isNotNull(requests.dueAt)))
    await takeOverKeeps(tx, nowMs)
    for (const { name, settings } of ctx.upstreams.values()) {
      for (const taskType of ['image', 'video'] as const) {
        const everyMs = spread(settings[taskType].pollEveryMs)
        const inMs = sql`(${tasks.dueAt} - ${nowMs})`
        // Whether callbacks still arrive is to be seen; until then looks come closer, and stay spread.
        const isPace = sql`${inMs} <= ${everyMs * (slowerTimes + 1)}`
        const soonMs = sql`CASE WHEN ${isPace} THEN ${inMs} / ${slowerTimes} ELSE ${everyMs} END`
        const late = and(eq(tasks.state, 'running'), gt(tasks.dueAt, nowMs + everyMs))
        await tx
          .update(tasks)
          .set({ dueAt: sql`CAST(${nowMs} + ${soonMs} AS bigint)` })
          .where(and(late, eq(tasks.taskType, taskType), eq(tasks.upstream, name)))
      }
    }
  })
}
