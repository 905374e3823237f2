// Deletes the result of an ended task because its owner says so: it is shown no more, and its files are removed.
import type { Context } from '../../context.ts'
import { GatewayError } from '../../errors.ts'
import { removeFile } from '../../media/remove.ts'
import { beginRemoval, endRetention } from '../../media/rows.ts'
import type { MediaRow } from '../../media/rows.ts'
import { endedStates } from '../../db/tables.ts'
import { moveTask } from '../store.ts'
import { deleteKeep } from './downloads.ts'

/** If the store fails to remove a file, it is asked again after this. */
const againMs = 60 * 60_000

/**
 * The task itself stays, with what it cost. Throws too_late for a task that has not ended: it is still being
 * made and paid for. A file at the upstream stays there until the upstream removes it.
 */
export async function deleteResult(ctx: Context, taskId: string): Promise<void> {
  const nowMs = ctx.clock.now()
  const files = await ctx.db.transaction(async (tx): Promise<MediaRow[] | null> => {
    const to = { deletedAt: nowMs, resultRemovedAt: nowMs, thumbnailUrl: null }
    if (!(await moveTask(tx, taskId, { from: endedStates, to }))) return null
    await deleteKeep(tx, taskId)
    const names = await endRetention(tx, taskId, nowMs)
    return names.length === 0 ? [] : await beginRemoval(tx, names, { nowMs, againAt: nowMs + againMs })
  })
  if (!files) throw notEnded()
  for (const file of files) {
    // Its row is due again in an hour.
    await removeFile(ctx, file).catch((error: unknown) =>
      ctx.log.warn({ err: error, task: taskId }, 'a deleted file could not be removed yet'),
    )
  }
}

const notEnded = () =>
  new GatewayError('too_late', {
    en: 'It is still being made, and can be deleted when it has ended. What waits in our queue can be cancelled: DELETE /api/v1/tasks/{task_id}.',
    zh: '任务仍在生成,结束后才能删除。仍在排队的任务可以取消:DELETE /api/v1/tasks/{task_id}。',
  })
