// A task as its owner may see it: the Open API's fields, and what we know beside them.
import { statusOf } from './state.ts'
import type { TaskRow } from './store.ts'

export type TaskColumns = Pick<
  TaskRow,
  | 'id'
  | 'requestId'
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
>

/** Times are whole Unix seconds, as the Open API has them. */
export function viewTask(task: TaskColumns) {
  return {
    task_id: task.id,
    task_status: statusOf(task),
    task_type: task.taskType,
    model_id: task.modelId,
    image_url: task.imageUrl,
    video_url: task.videoUrl,
    audio_url: task.audioUrl,
    credits: task.credits,
    created_at: Math.floor(task.createdAt / 1000),
    request_id: task.requestId,
    thumbnail_url: task.thumbnailUrl,
    error_message: task.errorMessage,
    credits_refunded: task.creditsRefunded,
    finished_at: task.finishedAt === null ? null : Math.floor(task.finishedAt / 1000),
    width: task.width,
    height: task.height,
    duration: task.durationMs === null ? null : task.durationMs / 1000,
  }
}
