// Commits what cannot be asked for a second time, with retries while the store is busy.
import type { Context } from '../../context.ts'
import { CommitUnknown } from '../../db/errors.ts'
import type { Tx } from '../../db/database.ts'

/** Together well below the lease of a submission, so that its answer is written down while it is still ours. */
const pausesMs = [100, 300, 1_000, 3_000] as const

/** A transaction that is tried again while it fails for certain; throws at once where nobody can say. */
export async function persist<Result>(ctx: Context, work: (tx: Tx) => Promise<Result>): Promise<Result> {
  for (const pauseMs of pausesMs) {
    try {
      return await ctx.db.transaction(work, { mayDelay: true })
    } catch (error) {
      if (error instanceof CommitUnknown) throw error
      ctx.log.warn(
        { err: error, pauseMs },
        'an answer of the upstream could not be written down; trying again',
      )
      await ctx.clock.sleep(pauseMs)
    }
  }
  return await ctx.db.transaction(work)
}
