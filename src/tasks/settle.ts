// Ends a task exactly once: with its result, or with a refund.
import type { Context, TimedTx } from '../context.ts'
import { keepCharge } from '../ledger/charge.ts'
import { refund } from '../ledger/refund.ts'
import { ofFirstFrame, reasons, withoutFirstFrame } from '../reasons.ts'
import type { UpstreamResult } from '../upstream/adapter.ts'
import { isTold, tell } from './events/tell.ts'
import { isFirstFrame, orderOfFrame, queueWithFrame } from './first-frame/rows.ts'
import { mayBecome } from './state.ts'
import { moveRequestUnread, moveTask, tasksOfRequest } from './store.ts'
import type { TaskRow } from './store.ts'

export interface Failure {
  /** In words a customer may read. */
  readonly reason: string
  /** For the operator. */
  readonly detail: string
}

/**
 * Ends the task as failed, with its refund; null if it had ended before.
 * Joins the caller's transaction: count it with `countEnded` once that is committed.
 */
export async function failTask(
  at: TimedTx,
  task: Pick<TaskRow, 'id' | 'credits'> & Partial<Pick<TaskRow, 'step' | 'pollsMade'>>,
  failure: Failure,
): Promise<TaskRow | null> {
  const failed = await moveTask(at.tx, task.id, {
    from: mayBecome.failed,
    to: {
      state: 'failed',
      creditsRefunded: task.credits,
      errorMessage: task.step === 'video' ? ofFirstFrame(failure.reason) : failure.reason,
      errorDetail: failure.detail,
      ...countedPolls(task),
      finishedAt: at.nowMs,
    },
  })
  return await endFailed(at, failed)
}

/** Like `failTask`, for a task that still waits to be posted; null if it no longer does. */
export async function cancelQueued(
  at: TimedTx,
  { id, credits }: Pick<TaskRow, 'id' | 'credits'>,
): Promise<TaskRow | null> {
  const failed = await moveTask(at.tx, id, {
    from: mayBecome.cancelled,
    to: {
      state: 'failed',
      cancelled: true,
      creditsRefunded: credits,
      errorMessage: reasons.cancelled,
      errorDetail: 'cancelled by its owner',
      finishedAt: at.nowMs,
    },
  })
  return await endFailed(at, failed)
}

async function endFailed(at: TimedTx, failed: TaskRow | null): Promise<TaskRow | null> {
  if (failed && isFirstFrame(failed)) return await failOrderOf(at, failed)
  if (failed) await refund(at.tx, failed, at.nowMs)
  if (failed) await tell(at, failed, 'task.failed')
  return failed
}

/** Tasks that ended in the same transaction as the first frame that they waited for. */
const endedWith = new WeakMap<TaskRow, readonly (TaskRow | null)[]>()

/** The order that waits for this first frame fails with it: nothing of it was posted, and all credits come back. */
async function failOrderOf(at: TimedTx, frame: TaskRow): Promise<TaskRow> {
  const [made] = await orderOfFrame(at.tx, { requestId: frame.requestId })
  const orderId = made?.firstFrameOf ?? ''
  const to = { state: 'failed', dueAt: null } as const
  if (!(await moveRequestUnread(at.tx, orderId, { from: ['waiting'], to }))) return frame
  const failure = {
    reason: withoutFirstFrame(frame.errorMessage ?? reasons.failed),
    detail: `its first frame, ${frame.id}, failed: ${frame.errorDetail ?? ''}`,
  }
  const ended: (TaskRow | null)[] = []
  for (const task of await tasksOfRequest(at.tx, { requestId: orderId })) {
    ended.push(await failTask(at, task, failure))
  }
  endedWith.set(frame, ended)
  return frame
}

interface Success {
  readonly result: UpstreamResult
  /** When its URLs expire, if that is known. */
  readonly expiresAt: number | null
}

/** Ends the task as succeeded; null if it had ended before. */
export async function succeedTask(
  at: TimedTx,
  task: Pick<TaskRow, 'id'> & Partial<Pick<TaskRow, 'pollsMade'>>,
  { result, expiresAt }: Success,
): Promise<TaskRow | null> {
  const succeeded = await moveTask(at.tx, task.id, {
    from: mayBecome.succeeded,
    to: {
      state: 'succeeded',
      ...resultColumns(result),
      errorDetail: null,
      ...countedPolls(task),
      finishedAt: at.nowMs,
      resultExpiresAt: expiresAt,
    },
  })
  if (succeeded && isFirstFrame(succeeded)) return await queueOrderOf(at, succeeded)
  if (succeeded) await keepCharge(at.tx, succeeded)
  if (succeeded) await tell(at, succeeded, 'task.succeeded')
  return succeeded
}

/** The order that waits for this first frame is queued with it; one that has ended meanwhile is not. */
async function queueOrderOf({ tx, nowMs }: TimedTx, frame: TaskRow): Promise<TaskRow> {
  const { requestId, imageUrl } = frame
  const [made] = await orderOfFrame(tx, { requestId })
  if (imageUrl === null) throw new Error(`the first frame of request ${requestId} has no image`)
  await queueWithFrame(tx, made?.firstFrameOf ?? '', { url: imageUrl, nowMs })
  return frame
}

/** While a task runs, its polls are counted in a row of their own, which goes with its end. */
const countedPolls = ({ pollsMade }: Partial<Pick<TaskRow, 'pollsMade'>>) =>
  pollsMade === undefined ? {} : { pollsMade }

/** A result as columns of a task row. */
export function resultColumns(result: UpstreamResult) {
  const { imageUrl, videoUrl, thumbnailUrl, width, height, durationSeconds } = result
  const durationMs = whole(durationSeconds === null ? null : durationSeconds * 1000)
  return { imageUrl, videoUrl, thumbnailUrl, width: whole(width), height: whole(height), durationMs }
}

/** A value that does not fit its column must not prevent the end of a task. */
function whole(measure: number | null): number | null {
  const rounded = Math.round(measure ?? Number.NaN)
  return Number.isSafeInteger(rounded) ? rounded : null
}

/** Call it after the commit: nothing that is rolled back may be counted or delivered. */
export function countEnded(ctx: Context, ended: readonly (TaskRow | null)[]): void {
  for (const task of ended) {
    if (!task) continue
    if (isFirstFrame(task)) {
      countFirstFrame(ctx, task)
      continue
    }
    ctx.changes.tell(task.requestId)
    const { modelId: model, state } = task
    ctx.metrics.tasksEnded.inc({ model, state })
    if (task.creditsRefunded > 0) ctx.metrics.creditsRefunded.inc({ model }, task.creditsRefunded)
    const level = state === 'failed' ? 'warn' : 'info'
    ctx.log[level]({ task: task.id, request: task.requestId, state, detail: task.errorDetail }, 'task ended')
  }
  if (ended.some(isTold)) ctx.wake('deliver')
}

function countFirstFrame(ctx: Context, frame: TaskRow): void {
  const { id, requestId, state, errorDetail: detail } = frame
  ctx.log.info({ task: id, request: requestId, state, detail }, 'a first frame ended')
  if (state === 'succeeded') ctx.wake('submit')
  countEnded(ctx, endedWith.get(frame) ?? [])
}
