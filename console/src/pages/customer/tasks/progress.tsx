// One task on its way: Queued, Running, Done; then what it made, or why it failed.
import { useAnswer, useStep } from '../../../api/queries.ts'
import { call } from '../../../api/client.ts'
import type { Answer } from '../../../api/client.ts'
import { words } from '../../../language/language.ts'
import { Button, ButtonLink } from '../../../parts/button.tsx'
import { number, span } from '../../../parts/format.ts'
import { Icon } from '../../../parts/icons.tsx'
import { Result, sourceOf } from '../../../parts/media.tsx'
import { Skeleton } from '../../../parts/panel.tsx'
import { Problem } from '../../../parts/problem.tsx'
import { Elapsed } from '../../../parts/time.tsx'
import { to } from '../../../place.ts'

type Task = Answer<'/api/v1/tasks/{task_id}'>

/** The stream of events says it sooner; this is for when it is cut. */
const pollMs = 3_000

interface ProgressProps {
  readonly taskId: string
  readonly usualSeconds: number | null
  readonly onUse?: (url: string) => void
}

export function TaskProgress({ taskId, usualSeconds, onUse }: ProgressProps) {
  const { data: task, error } = useAnswer(
    '/api/v1/tasks/{task_id}',
    { path: { task_id: taskId } },
    { everyMs: pollMs, until: ({ task_status: status }) => status >= 3 },
  )
  if (error) return <Problem error={error} />
  if (!task) return <Skeleton lines={2} height={32} />
  return (
    <div class="grid content-start gap-4">
      <Steps task={task} />
      {task.task_status < 3 ? (
        <Waiting task={task} usualSeconds={usualSeconds} />
      ) : task.task_status === 3 ? (
        <Made task={task} {...(onUse ? { onUse } : {})} />
      ) : (
        <Failure task={task} />
      )}
    </div>
  )
}

function Steps({ task }: { readonly task: Task }) {
  const text = words.value.progress
  const names = [text.queued, text.running, task.task_status === 4 ? text.failed : text.done]
  const at = Math.min(task.task_status, 3) - 1
  return (
    <ol class="flex flex-wrap items-center gap-2 text-xs text-ink-3">
      {names.map((name, index) => (
        <li
          key={name}
          aria-current={index === at ? 'step' : undefined}
          class="flex items-center gap-2 aria-[current]:font-medium aria-[current]:text-ink"
        >
          {index > 0 && <Icon name="next" size={12} />}
          {name}
        </li>
      ))}
    </ol>
  )
}

function Waiting({ task, usualSeconds }: { readonly task: Task; readonly usualSeconds: number | null }) {
  const text = words.value.progress
  const cancel = useStep(
    async () => await call('delete', '/api/v1/tasks/{task_id}', { path: { task_id: task.task_id } }),
    ['/api/v1/tasks', '/api/v1/tasks/{task_id}', '/api/v1/credits'],
  )
  const ratio = task.width && task.height ? task.width / task.height : 4 / 3
  return (
    <div class="grid gap-3">
      <div class="skeleton w-full" style={{ aspectRatio: String(ratio), maxHeight: '50dvh' }} />
      <div class="flex flex-wrap items-center gap-3 text-ink-2">
        <p class="grow">
          <Elapsed since={task.created_at} />
          {task.queue_position !== undefined && ` · ${text.place(String(task.queue_position))}`}
          {usualSeconds !== null && ` · ${text.usually(span(usualSeconds))}`}
        </p>
        {task.task_status === 1 && (
          <Button disabled={cancel.isPending} onClick={() => cancel.mutate(undefined)}>
            {text.cancel}
          </Button>
        )}
      </div>
      <Problem error={cancel.error} />
    </div>
  )
}

function Made({ task, onUse }: { readonly task: Task; readonly onUse?: (url: string) => void }) {
  const text = words.value.progress
  const url = task.video_url ?? task.image_url
  return (
    <div class="grid gap-3">
      <Result task={task} />
      <div class="flex flex-wrap items-center gap-2">
        {url && (
          <ButtonLink href={sourceOf(url)} download>
            <Icon name="download" />
            {text.download}
          </ButtonLink>
        )}
        {onUse ? (
          <>
            {task.image_url && <Button onClick={() => onUse(task.image_url ?? '')}>{text.use}</Button>}
            <ButtonLink kind="quiet" href={to(`/tasks/${task.task_id}`)}>
              {text.details}
            </ButtonLink>
          </>
        ) : (
          task.image_url && (
            <ButtonLink href={to('/playground', { image: task.image_url })}>{text.use}</ButtonLink>
          )
        )}
        <span class="num ml-auto text-xs text-ink-3">
          {task.finished_at !== null && span(task.finished_at - task.created_at)} · {number(task.credits)}{' '}
          {words.value.playground.credits}
        </span>
      </div>
    </div>
  )
}

function Failure({ task }: { readonly task: Task }) {
  const text = words.value.progress
  return (
    <div role="alert" class="grid gap-1 rounded-lg bg-bad-soft px-4 py-3">
      <p class="font-medium text-bad">{task.error_message ?? text.failed}</p>
      <p class="num text-ink-2">{text.returned(number(task.credits_refunded))}</p>
    </div>
  )
}
