// Ends tasks whose files cannot be stored in time with the upstream's URLs; the files are still stored later.
import type { Context } from '../../context.ts'
import { keepsOverdue, updateKeep } from './downloads.ts'
import type { Tx } from '../../db/database.ts'
import { countEnded } from '../settle.ts'
import type { TaskRow } from '../store.ts'
import { endStoring } from './store-result.ts'

/** In one turn of a loop. */
const passedOnMax = 200

interface Waiting {
  /** Tasks whose wait ends at this time or earlier. */
  readonly untilMs: number
  /** Whether to include tasks whose fetched file was no valid result; these are polled again. */
  readonly doubtful: 'too' | 'not'
}

/** Returns how many there were. */
export async function passOn(ctx: Context, { untilMs, doubtful }: Waiting): Promise<number> {
  const waiting = await keepsOverdue(ctx.db.read, { nowMs: untilMs, limit: passedOnMax, doubtful })
  for (const { taskId } of waiting) {
    try {
      const ended = await ctx.db.transaction((tx) => passOnAtOnce(ctx, tx, taskId))
      countEnded(ctx, [ended])
    } catch (error) {
      ctx.metrics.loopErrors.inc({ loop: 'store' })
      ctx.log.error(
        { task: taskId, err: error },
        'a task could not be ended with what there is; it stays due',
      )
    }
  }
  return waiting.length
}

/** A result whose fetched file was not valid is fetched once more before the customer gets its URL. */
export const mayBePassedOn = (ctx: Context, { errorDetail }: Pick<TaskRow, 'errorDetail'>): boolean =>
  errorDetail === null && ctx.resultStore.state() !== 'works'

export async function passOnAtOnce(ctx: Context, tx: Tx, taskId: string): Promise<TaskRow | null> {
  await updateKeep(tx, taskId, { waitsUntil: null })
  return await endStoring(ctx, tx, taskId)
}

/**
 * While the store for results does not work, no task waits for it.
 */
export async function passOnWaiting(ctx: Context): Promise<void> {
  if (ctx.resultStore.state() === 'works') return
  const passed = await passOn(ctx, { untilMs: Number.MAX_SAFE_INTEGER, doubtful: 'not' })
  if (passed === passedOnMax) ctx.wake('store')
}
