// Tasks as agents read them: words, the same for programs, and links to the results.
import type { Text } from '../../../../errors.ts'
import { expiryTime } from '../../../../expiry.ts'
import { showTasks } from '../../../../tasks/read/view.ts'
import type { TaskColumns } from '../../../../tasks/read/view.ts'
import type { TaskStatus } from '../../../../tasks/state.ts'
import { taskAnswer } from '../../../v1/answers.ts'
import { inLanguageOf } from '../../../wire/language.ts'
import { serializerOf } from '../../../wire/response-serializer.ts'
import type { Content, ToolCall } from '../call.ts'

const keep = serializerOf(taskAnswer)

export type TaskView = ReturnType<typeof keep>

export async function viewTasks(
  { ctx, request }: ToolCall,
  tasks: readonly TaskColumns[],
): Promise<TaskView[]> {
  const views = await showTasks(ctx.db.read, tasks, expiryTime(ctx))
  return views.map((view) => keep(inLanguageOf(request, view)))
}

const resultUrl = (task: TaskView): string | null => task.image_url ?? task.video_url ?? task.audio_url

export function linkTo(task: TaskView): Content[] {
  const uri = resultUrl(task)
  if (uri === null) return []
  const mimeType = typeIn(uri) ?? (task.task_type === 'image' ? 'image/png' : 'video/mp4')
  return [
    { type: 'resource_link', uri, name: task.task_id, title: `${task.model_id} ${task.task_type}`, mimeType },
  ]
}

const types: Readonly<Record<string, string>> = {
  png: 'image/png',
  jpg: 'image/jpeg',
  jpeg: 'image/jpeg',
  webp: 'image/webp',
  gif: 'image/gif',
  mp4: 'video/mp4',
  webm: 'video/webm',
  mov: 'video/quicktime',
}

/** By the end of the URL's path. */
function typeIn(uri: string): string | null {
  const path = URL.canParse(uri) ? new URL(uri).pathname : ''
  return types[path.slice(path.lastIndexOf('.') + 1).toLowerCase()] ?? null
}

export function taskText(task: TaskView): Text {
  const { task_id: id } = task
  const url = resultUrl(task)
  switch (task.task_status) {
    case 1: {
      const { en, zh } = queuedText(task)
      return {
        en: `${id}: ${en}. Call get_task with this task_id to go on waiting.`,
        zh: `${id}:${zh}。请用该 task_id 调用 get_task 继续等待。`,
      }
    }
    case 2:
      return {
        en: `${id}: running. Call get_task with this task_id to go on waiting.`,
        zh: `${id}:生成中。请用该 task_id 调用 get_task 继续等待。`,
      }
    case 3:
      return url === null ? expiredText(id) : madeText(task, url)
    default:
      return {
        en: `${id}: failed, and its ${task.credits_refunded} credits were returned. ${task.error_message ?? ''}`,
        zh: `${id}:失败,已退还 ${task.credits_refunded} 积分。${task.error_message ?? ''}`,
      }
  }
}

/** Also the progress of a call that waits, so that nobody takes a first frame of minutes for a long queue. */
export function queuedText({
  steps = [],
  queue_position: at,
}: Pick<TaskView, 'steps' | 'queue_position'>): Text {
  const isMakingFrame = steps.some(({ step, status }) => step === 'first_frame' && status === beingMade)
  if (isMakingFrame) return { en: 'its first frame is being made', zh: '正在生成首帧' }
  return at === undefined
    ? { en: 'queued', zh: '排队中' }
    : { en: `queued, position ${at}`, zh: `排队中,第 ${at} 位` }
}

const beingMade: TaskStatus = 2

const expiredText = (id: string): Text => ({
  en: `${id}: succeeded, but its result has expired and cannot be downloaded any more.`,
  zh: `${id}:已成功,但结果已过期,无法再下载。`,
})

function madeText({ task_id: id, task_type: type, result_expires_at: until }: TaskView, url: string): Text {
  const date = until === null ? null : new Date(until * 1_000).toISOString()
  return {
    en: `${id}: succeeded. The ${type}: ${url}${date === null ? '' : ` (download it before ${date})`}`,
    zh: `${id}:成功。${type === 'image' ? '图片' : '视频'}:${url}${date === null ? '' : `(请在 ${date} 之前下载)`}`,
  }
}

export const joined = (texts: readonly Text[], between = '\n'): Text => ({
  en: texts.map(({ en }) => en).join(between),
  zh: texts.map(({ zh }) => zh).join(between),
})
