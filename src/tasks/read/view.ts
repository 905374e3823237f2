// A task as its owner may see it: the Open API's fields, and our additional ones.
import type { Connection } from '../../db/database.ts'
import { expired, isPast } from '../../expiry.ts'
import { stepsOf } from '../first-frame/steps.ts'
import type { Step } from '../first-frame/steps.ts'
import { queuePositions } from '../queue/position.ts'
import { statusOf } from '../state.ts'
import type { TaskRow } from '../store.ts'

export type TaskColumns = Pick<
  TaskRow,
  | 'id'
  | 'requestId'
  | 'accountId'
  | 'state'
  | 'upstreamPending'
  | 'taskType'
  | 'modelId'
  | 'imageUrl'
  | 'videoUrl'
  | 'audioUrl'
  | 'thumbnailUrl'
  | 'credits'
  | 'creditsRefunded'
  | 'creditsReturned'
  | 'errorMessage'
  | 'width'
  | 'height'
  | 'durationMs'
  | 'createdAt'
  | 'finishedAt'
  | 'resultExpiresAt'
  | 'resultRemovedAt'
  | 'deletedAt'
  | 'upstream'
  | 'step'
>

/** The answer to an owner's query, with the queue position of queued tasks. Newest first, as in a list. */
export async function showTasks(read: Connection, tasks: readonly TaskColumns[], nowMs: number) {
  const isAnyQueued = tasks.some(({ state }) => state === 'queued')
  const positions = isAnyQueued ? await queuePositions(read, tasks) : []
  const allSteps: (Step[] | null)[] = []
  for (const task of tasks) allSteps.push(task.step === null ? null : await stepsOf(read, task))
  return tasks.map((task, at) => {
    const position = positions[at] ?? null
    const view = viewTask(task, nowMs)
    const steps = allSteps[at] ?? null
    return {
      ...view,
      ...(steps !== null && { steps }),
      ...(position !== null && { queue_position: position }),
    }
  })
}

export async function showTask(read: Connection, task: TaskColumns, nowMs: number) {
  if (task.state !== 'queued') return await viewWithSteps(read, task, nowMs)
  const [shown] = await showTasks(read, [task], nowMs)
  return shown ?? viewTask(task, nowMs)
}

/** The task with its steps if it has several, and without its position in the queue. */
export async function viewWithSteps(read: Connection, task: TaskColumns, nowMs: number) {
  const steps = await stepsOf(read, task)
  const view = viewTask(task, nowMs)
  return steps === null ? view : { ...view, steps }
}

/** `nowMs`: from `expiryTime`. Times are whole Unix seconds, as in the Open API. */
export function viewTask(task: TaskColumns, nowMs: number) {
  // A result that is being stored is not shown yet: its URLs are still the upstream's.
  const isMade = task.state === 'succeeded'
  const whenMade = <Value>(value: Value): Value | null => (isMade ? value : null)
  const view = {
    task_id: task.id,
    task_status: statusOf(task),
    task_type: task.taskType,
    model_id: task.modelId,
    image_url: whenMade(task.imageUrl),
    video_url: whenMade(task.videoUrl),
    audio_url: whenMade(task.audioUrl),
    credits: task.credits,
    created_at: Math.floor(task.createdAt / 1000),
    request_id: task.requestId,
    thumbnail_url: whenMade(task.thumbnailUrl),
    result_expires_at: whenMade(secondsOf(task.resultExpiresAt)),
    result_expired: false,
    error_message: task.errorMessage,
    credits_refunded: task.creditsRefunded + (task.creditsReturned ?? 0),
    finished_at: secondsOf(task.finishedAt),
    // Known with the result, and still shown after its removal.
    width: whenMade(task.width),
    height: whenMade(task.height),
    duration: whenMade(task.durationMs === null ? null : task.durationMs / 1000),
  }
  const isExpired = task.resultRemovedAt !== null || isPast(task.resultExpiresAt, nowMs)
  return isMade && isExpired ? expired(view) : view
}

const secondsOf = (ms: number | null): number | null => (ms === null ? null : Math.floor(ms / 1000))
