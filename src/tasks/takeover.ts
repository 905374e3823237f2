// Takes over what the process before us held, when the store is ours alone and so nobody else can hold it.
import { and, eq, gt } from 'drizzle-orm'
import type { Context } from '../context.ts'
import { spread } from './pace.ts'

/** Without this, what a killed process had in hand would wait until its leases end. */
export async function takeOver(ctx: Context): Promise<void> {
  const nowMs = ctx.clock.now()
  await ctx.db.transaction(async (tx) => {
    const { requests, tasks } = tx.tables
    // Nobody is left to hear these answers; the sweep says what that means.
    await tx.update(requests).set({ dueAt: nowMs }).where(eq(requests.state, 'submitting'))
    for (const { name, settings } of ctx.upstreams.values()) {
      for (const taskType of ['image', 'video'] as const) {
        const dueAt = nowMs + spread(settings[taskType].pollEveryMs)
        const late = and(eq(tasks.state, 'running'), gt(tasks.dueAt, dueAt))
        await tx
          .update(tasks)
          .set({ dueAt })
          .where(and(late, eq(tasks.taskType, taskType), eq(tasks.upstream, name)))
      }
    }
  })
}
