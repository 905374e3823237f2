// Cancels a task that was not posted yet: it fails, and its credits are refunded in the same commit.
import type { Context } from '../../context.ts'
import type { Tx } from '../../db/database.ts'
import { GatewayError } from '../../errors.ts'
import { frameOf, isFirstFrame } from '../first-frame/rows.ts'
import { mayBePosted } from './store.ts'
import { noSuchTask } from '../read/find.ts'
import { cancelQueued, countEnded } from '../settle.ts'
import { moveRequest, taskById, tasksOfRequest } from '../store.ts'
import type { TaskRow } from '../store.ts'

export interface Cancelled {
  readonly taskId: string
  readonly creditsRefunded: number
}

/**
 * Other tasks of its request stay: the request is posted for one output fewer, or ends with the last of them.
 * A task that was cancelled before gives the same answer again. Throws not_found like a query, and too_late.
 */
export async function cancelTask(ctx: Context, accountId: string, id: string): Promise<Cancelled> {
  const [seen] = await taskById(ctx.db.read, { id })
  if (!seen || seen.accountId !== accountId || isFirstFrame(seen)) throw noSuchTask()
  // Most cancels that come too late are found without a write transaction.
  const cancelled = seen.state === 'queued' ? await ctx.db.transaction((tx) => cancel(ctx, tx, id)) : null
  countEnded(ctx, [cancelled])
  const task = cancelled ?? (await taskById(ctx.db.read, { id }))[0] ?? seen
  if (!task.cancelled) throw tooLate(task)
  return { taskId: id, creditsRefunded: task.creditsRefunded }
}

/** Null if the task has been posted, may have been posted, or has ended. */
async function cancel({ clock }: Context, tx: Tx, id: string): Promise<TaskRow | null> {
  const [task] = await taskById(tx, { id })
  if (!task || (await mayBePosted(tx, task.requestId))) return null
  const frame = task.step === null ? null : await frameOf(tx, task.requestId)
  // Its first frame is, or may be, paid work of this order.
  if (frame && (await mayBePosted(tx, frame.request.id))) return null
  const others = (await tasksOfRequest(tx, { requestId: task.requestId })).filter((other) => other.id !== id)
  const isLast = !others.some(({ state }) => state === 'queued')
  const isFirst = others.every((other) => id < other.id)
  if (frame && isFirst && !isLast) throw cancelOthersFirst()
  const at = { tx, nowMs: clock.now() }
  const cancelled = await cancelQueued(at, task)
  if (!cancelled) return null
  if (!isLast) return cancelled
  const to = { state: 'failed', dueAt: null } as const
  await moveRequest(tx, task.requestId, { from: ['queued', 'waiting'], to })
  if (frame) {
    await moveRequest(tx, frame.request.id, { from: ['queued'], to })
    await cancelQueued(at, frame.task)
  }
  return cancelled
}

/** The first frame is made for the others, and its price is in this one. */
const cancelOthersFirst = () =>
  new GatewayError('too_late', {
    en: 'The price of the first frame, which all outputs of this order are made of, is in this output, so it is cancelled last: cancel the others first. Nothing was cancelled, and its credits stay charged.',
    zh: '首帧用于该订单的所有输出,其价格计入此输出,因此须最后取消:请先取消其他输出。未取消任何内容,积分保持扣除状态。',
  })

function tooLate({ state, step, creditsRefunded }: TaskRow): GatewayError {
  if (state === 'succeeded') {
    return new GatewayError('too_late', {
      en: 'This task has already succeeded, so nothing was cancelled: its result stays available and its credits stay charged.',
      zh: '该任务已成功完成,未取消任何内容:结果仍可使用,积分不予退还。',
    })
  }
  if (state === 'failed') {
    return new GatewayError('too_late', {
      en: `This task has already failed, so there was nothing to cancel: its ${creditsRefunded} credits were returned when it failed.`,
      zh: `该任务此前已失败,无需取消:其 ${creditsRefunded} 积分已在失败时退还。`,
    })
  }
  if (state === 'queued' && step === 'video') {
    return new GatewayError('too_late', {
      en: 'The first frame of this task has already been ordered, so it can no longer be cancelled: its credits stay charged, and come back by themselves if the first frame or the video fails.',
      zh: '该任务的首帧已提交生成,无法再取消:积分保持扣除状态;如首帧或视频失败,将自动退还。',
    })
  }
  return new GatewayError('too_late', {
    en: 'This task has already been ordered, so it can no longer be cancelled: its credits stay charged, and come back by themselves if it fails.',
    zh: '该任务已提交生成,无法再取消:积分保持扣除状态;如任务失败,将自动退还。',
  })
}
