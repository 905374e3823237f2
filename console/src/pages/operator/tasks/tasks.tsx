// Tasks of all accounts: filters, views that are asked for often, and one task in a sheet.
import { useLocation } from 'preact-iso'
import { useAnswer } from '../../../api/queries.ts'
import { words as common } from '../../../language/language.ts'
import { Id } from '../../../parts/copy.tsx'
import { Select, TextField } from '../../../parts/field.tsx'
import { day, number, span } from '../../../parts/format.ts'
import { List } from '../../../parts/list.tsx'
import { Thumbnail } from '../../../parts/media.tsx'
import { TaskStatus } from '../../../parts/status.tsx'
import { Elapsed, Time } from '../../../parts/time.tsx'
import { to, useFilters } from '../../../place.ts'
import type { Filters } from '../../../place.ts'
import { Heading } from '../../../shell/shell.tsx'
import { words } from '../words/words.ts'
import { TaskSheet } from './sheet.tsx'

const names = ['status', 'model_id', 'account', 'key', 'from', 'to', 'text', 'error'] as const
/** Set by a view alone. */
const ofViews = ['refunded', 'took_above'] as const

export function Tasks({ id }: { readonly id?: string }) {
  const text = common.value.tasks
  const { query, route } = useLocation()
  const { filters, on } = useFilters(...names, ...ofViews, 'cursor')
  const answer = useAnswer('/admin/v1/tasks', { query: { ...filters, limit: 50 } })
  return (
    <>
      <Heading title={common.value.links.tasks}>
        <Views />
      </Heading>
      <div class="grid gap-4">
        <TaskFilters filters={filters} on={on} />
        <List
          of={answer}
          rows={({ tasks }) => tasks}
          empty={text.noneSuch}
          caption={common.value.links.tasks}
          keyOf={(task) => task.task_id}
          onOpen={(task) => route(to(`/tasks/${task.task_id}`, query))}
          columns={[
            { title: '', cell: (task) => <Thumbnail task={task} /> },
            {
              title: text.task,
              cell: (task) => (
                <a href={to(`/tasks/${task.task_id}`, query)} class="hover:underline">
                  <Id id={task.task_id} short />
                </a>
              ),
            },
            {
              title: words.value.accounts.account,
              wide: true,
              cell: (task) => (
                <a href={to(`/accounts/${task.account_id}`)} class="hover:underline">
                  <Id id={task.account_id} short />
                </a>
              ),
            },
            {
              title: text.model,
              wide: true,
              cell: (task) => <span class="whitespace-nowrap">{task.model_id}</span>,
            },
            {
              title: text.status,
              cell: (task) => (
                <span title={task.error_detail ?? undefined}>
                  <TaskStatus status={task.task_status} />
                </span>
              ),
            },
            {
              title: text.credits,
              align: 'right',
              cell: (task) => number(task.credits - task.credits_refunded),
            },
            {
              title: words.value.report.cost,
              align: 'right',
              wide: true,
              cell: (task) => (task.cost === null ? '?' : number(task.cost)),
            },
            {
              title: text.wait,
              align: 'right',
              wide: true,
              cell: (task) =>
                task.finished_at === null ? (
                  <Elapsed since={task.created_at} />
                ) : (
                  span(task.finished_at - task.created_at)
                ),
            },
            {
              title: text.created,
              align: 'right',
              wide: true,
              cell: (task) => <Time at={task.created_at} />,
            },
          ]}
        />
      </div>
      {id && <TaskSheet key={id} taskId={id} onClose={() => route(to('/tasks', query))} />}
    </>
  )
}

function Views() {
  const text = words.value.tasks
  const { data: health } = useAnswer('/admin/v1/upstreams/health')
  const slow = Math.max(0, ...(health?.upstreams ?? []).map(({ p95_seconds: seconds }) => seconds ?? 0))
  const views = [
    { name: text.stuck, filters: { status: 2, to: day(1) } },
    { name: text.refundedToday, filters: { refunded: 'true', from: day() } },
    { name: text.slowest, filters: { took_above: slow, from: day(1) } },
    { name: text.waiting, filters: { status: 1 } },
  ]
  return (
    <nav aria-label={text.views} class="flex flex-wrap gap-1">
      {views.map(({ name, filters }) => (
        <a
          key={name}
          href={to('/tasks', filters)}
          class="inline-flex h-8 items-center rounded-lg px-3 text-ink-2 hover:bg-hover hover:text-ink"
        >
          {name}
        </a>
      ))}
    </nav>
  )
}

interface FiltersProps {
  readonly filters: Readonly<Record<(typeof names)[number], string>>
  readonly on: Filters<(typeof names)[number]>['on']
}

function TaskFilters({ filters, on }: FiltersProps) {
  const text = common.value.tasks
  const { data: models } = useAnswer('/admin/v1/models')
  const all = { value: '', text: text.all }
  return (
    <div class="grid grid-cols-2 gap-3 md:grid-cols-4">
      <Select
        label={text.status}
        {...on('status')}
        choices={[
          all,
          ...([1, 2, 3, 4] as const).map((status) => ({
            value: String(status),
            text: common.value.status[status],
          })),
        ]}
      />
      <Select
        label={text.model}
        {...on('model_id')}
        choices={[all, ...(models?.models ?? []).map(({ id, name }) => ({ value: id, text: name }))]}
      />
      <TextField label={words.value.accounts.account} placeholder="acc_…" {...on('account')} />
      <TextField label={text.key} placeholder="key_…" {...on('key')} />
      <TextField label={common.value.range.from} type="date" max={filters.to || undefined} {...on('from')} />
      <TextField label={common.value.range.to} type="date" min={filters.from || undefined} {...on('to')} />
      <TextField label={text.text} type="search" {...on('text')} />
      <TextField label={words.value.tasks.error} type="search" {...on('error')} />
    </div>
  )
}
