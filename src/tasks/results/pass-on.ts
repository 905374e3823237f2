// Ends tasks whose files cannot be kept, or not in time, with the upstream's URLs; they are kept later all the same.
import type { Context } from '../../context.ts'
import { keepsOverdue, updateKeep } from './downloads.ts'
import type { Tx } from '../../db/database.ts'
import { countEnded } from '../settle.ts'
import type { TaskRow } from '../store.ts'
import { endStoring } from './store-result.ts'

/** In one turn of a loop. */
const passedOnMax = 200

interface Waiting {
  /** Those that wait until then, or for less long. */
  readonly untilMs: number
  /** Whether those are asked for again whose file was no result when it was fetched. */
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

/** What was no result when it was fetched is looked at once more before anybody has it. */
export const mayBePassedOn = (ctx: Context, { errorDetail }: Pick<TaskRow, 'errorDetail'>): boolean =>
  errorDetail === null && ctx.resultStore.state() !== 'works'

export async function passOnAtOnce(ctx: Context, tx: Tx, taskId: string): Promise<TaskRow | null> {
  await updateKeep(tx, taskId, { waitsUntil: null })
  return await endStoring(ctx, tx, taskId)
}

/**
 * While the store for results does not work nobody waits for it.
 */
export async function passOnWaiting(ctx: Context): Promise<void> {
  if (ctx.resultStore.state() === 'works') return
  const passed = await passOn(ctx, { untilMs: Number.MAX_SAFE_INTEGER, doubtful: 'not' })
  if (passed === passedOnMax) ctx.wake('store')
}
