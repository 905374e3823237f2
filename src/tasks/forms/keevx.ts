// A task in the form of Keevx's documents: what its queries and its callbacks hold.
import type { TaskStatus } from '../state.ts'
import type { viewTask } from '../read/view.ts'

type TaskView = ReturnType<typeof viewTask>

/** The image page calls it GENERATING as long as it lasts, the video page PENDING and PROCESSING. */
const statuses: Readonly<Record<TaskView['task_type'], Readonly<Record<TaskStatus, string>>>> = {
  image: { 1: 'GENERATING', 2: 'GENERATING', 3: 'SUCCEEDED', 4: 'FAILED' },
  video: { 1: 'PENDING', 2: 'PROCESSING', 3: 'SUCCEEDED', 4: 'FAILED' },
}

export const operationOf = { image: 'image_generate', video: 'image_to_video' } as const

/** The `data` of a query: empty texts for what is not there; a finished video also has its measures. */
export function keevxTask(task: TaskView) {
  const isVideo = task.task_type === 'video'
  return {
    task_id: task.task_id,
    status: statuses[task.task_type][task.task_status],
    ...mediaOf(task),
    thumbnail_url: task.thumbnail_url ?? '',
    error_message: task.error_message ?? '',
    ...(isVideo && task.duration !== null && { duration: task.duration }),
    ...(isVideo && task.width !== null && { width: task.width }),
    ...(isVideo && task.height !== null && { height: task.height }),
  }
}

/** The body of a callback. Its example for images has no thumbnail. */
export function keevxCallback(task: TaskView) {
  const { task_id, status, thumbnail_url, error_message } = keevxTask(task)
  return {
    code: 0,
    msg: 'ok',
    task_type: operationOf[task.task_type],
    data: {
      task_id,
      status,
      ...mediaOf(task),
      ...(task.task_type === 'video' && { thumbnail_url }),
      error_message,
    },
  }
}

const mediaOf = ({ task_type: type, image_url: image, video_url: video }: TaskView) =>
  type === 'video' ? { video_url: video ?? '' } : { image_url: image ?? '' }
