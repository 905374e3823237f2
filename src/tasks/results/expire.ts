// Expires result files after their retention: their tasks stop showing them, and then they are removed.
import type { Context } from '../../context.ts'
import type { Tx } from '../../db/database.ts'
import { beginRemoval, mediaDue } from '../../media/rows.ts'
import type { MediaRow } from '../../media/rows.ts'
import { moveTask } from '../store.ts'

/** If the store fails to remove a file, it is asked again after this. */
const againMs = 60 * 60_000

/** Claims up to `max` files to remove; from now on they are no longer served or shown. */
export async function claimRemovals(ctx: Context, max: number): Promise<MediaRow[]> {
  if (!ctx.time.mayEnd(ctx.config.media.retentionMs)) return []
  const nowMs = ctx.clock.now()
  const due = await mediaDue(ctx.db.read, { nowMs, limit: max })
  if (due.length === 0) return []
  const names = due.map(({ name }) => name)
  const wasKept = new Set(due.filter(({ state }) => state === 'kept').map(({ name }) => name))
  return await ctx.db.transaction(
    async (tx) => {
      const taken = await beginRemoval(tx, names, { nowMs, againAt: nowMs + againMs })
      for (const file of taken) if (wasKept.has(file.name)) await hide(tx, file, nowMs)
      return taken
    },
    { mayDelay: true },
  )
}

/** The URL of the result stays in its row, because a success must have one, but it is not shown. */
async function hide(tx: Tx, { taskId, part }: MediaRow, nowMs: number): Promise<void> {
  const change = part === 'result' ? { resultRemovedAt: nowMs } : { thumbnailUrl: null }
  await moveTask(tx, taskId, { from: ['succeeded'], to: change })
}
