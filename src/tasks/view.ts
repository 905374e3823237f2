// A task as its owner may see it: the Open API's fields, and what we know beside them.
import type { Connection } from '../db/database.ts'
import { queuePositions } from './queue/position.ts'
import { statusOf } from './state.ts'
import type { TaskRow } from './store.ts'

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
  | 'errorMessage'
  | 'width'
  | 'height'
  | 'durationMs'
  | 'createdAt'
  | 'finishedAt'
  | 'resultExpiresAt'
  | 'resultRemovedAt'
>

/** As its owner asks for it: with its place in the queue while it waits there. Newest first, as in a list. */
export async function showTasks(read: Connection, tasks: readonly TaskColumns[]) {
  const isAnyQueued = tasks.some(({ state }) => state === 'queued')
  const positions = isAnyQueued ? await queuePositions(read, tasks) : []
  return tasks.map((task, at) => {
    const position = positions[at] ?? null
    return position === null ? viewTask(task) : { ...viewTask(task), queue_position: position }
  })
}

export async function showTask(read: Connection, task: TaskColumns) {
  if (task.state !== 'queued') return viewTask(task)
  const [shown] = await showTasks(read, [task])
  return shown ?? viewTask(task)
}

/** Times are whole Unix seconds, as the Open API has them. */
export function viewTask(task: TaskColumns) {
  // What is being stored is the upstream's still; what was removed leads nowhere.
  const isShown = task.state === 'succeeded' && task.resultRemovedAt === null
  const shown = <Value>(value: Value): Value | null => (isShown ? value : null)
  const whenMade = <Value>(value: Value): Value | null => (task.state === 'succeeded' ? value : null)
  return {
    task_id: task.id,
    task_status: statusOf(task),
    task_type: task.taskType,
    model_id: task.modelId,
    image_url: shown(task.imageUrl),
    video_url: shown(task.videoUrl),
    audio_url: shown(task.audioUrl),
    credits: task.credits,
    created_at: Math.floor(task.createdAt / 1000),
    request_id: task.requestId,
    thumbnail_url: shown(task.thumbnailUrl),
    result_expires_at: shown(secondsOf(task.resultExpiresAt)),
    result_expired: task.resultRemovedAt !== null,
    error_message: task.errorMessage,
    credits_refunded: task.creditsRefunded,
    finished_at: secondsOf(task.finishedAt),
    // Known with the result, and also when that is removed.
    width: whenMade(task.width),
    height: whenMade(task.height),
    duration: whenMade(task.durationMs === null ? null : task.durationMs / 1000),
  }
}

const secondsOf = (ms: number | null): number | null => (ms === null ? null : Math.floor(ms / 1000))
