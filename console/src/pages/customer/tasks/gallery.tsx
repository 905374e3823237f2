// Tasks as pictures, large.
import { words } from '../../../language/language.ts'
import { Thumbnail } from '../../../parts/media.tsx'
import type { Shown } from '../../../parts/media.tsx'
import { TaskStatus } from '../../../parts/status.tsx'
import { Elapsed } from '../../../parts/time.tsx'
import { to } from '../../../place.ts'
import { promptOf } from './input.ts'

export interface Listed extends Shown {
  readonly model_id: string
  readonly created_at: number
}

export function Gallery({ tasks }: { readonly tasks: readonly Listed[] }) {
  return (
    <ul class="grid grid-cols-2 gap-3 lg:grid-cols-4">
      {tasks.map((task) => (
        <li key={task.task_id} class="relative aspect-[4/3] overflow-hidden rounded-lg border border-line">
          <Thumbnail task={task} fill />
          <a
            href={to(`/tasks/${task.task_id}`)}
            aria-label={words.value.tasks.open(promptOf(task) ?? task.task_id)}
            class="absolute inset-0"
          />
          <div class="pointer-events-none absolute inset-x-0 bottom-0 flex items-center gap-2 bg-linear-to-t from-black/75 to-transparent px-2.5 pt-6 pb-2 text-xs text-white">
            <span class="min-w-0 grow truncate">{promptOf(task) ?? task.model_id}</span>
            {task.task_status < 3 && <Elapsed since={task.created_at} />}
          </div>
          {task.task_status !== 3 && (
            <div class="pointer-events-none absolute top-2 left-2">
              <TaskStatus status={task.task_status} />
            </div>
          )}
        </li>
      ))}
    </ul>
  )
}
