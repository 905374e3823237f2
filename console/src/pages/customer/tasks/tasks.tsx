// All tasks of the account: a list or a gallery by filters, and one of them in a sheet.
import { useLocation } from 'preact-iso'
import { useAnswer } from '../../../api/queries.ts'
import { words } from '../../../language/language.ts'
import { number, span } from '../../../parts/format.ts'
import { Id } from '../../../parts/copy.tsx'
import { List } from '../../../parts/list.tsx'
import { Thumbnail } from '../../../parts/media.tsx'
import { Segments } from '../../../parts/segments.tsx'
import { TaskStatus } from '../../../parts/status.tsx'
import { Elapsed, Time } from '../../../parts/time.tsx'
import { to, useFilters } from '../../../place.ts'
import { Heading } from '../../../shell/shell.tsx'
import { FirstOrder } from '../overview/teach.tsx'
import { TaskFilters, taskFilters } from './filters.tsx'
import { Gallery } from './gallery.tsx'
import { promptOf } from './input.ts'
import { TaskSheet } from './sheet.tsx'
import { Totals } from './totals.tsx'

export function Tasks({ id }: { readonly id?: string }) {
  const text = words.value.tasks
  const { query, route } = useLocation()
  const { filters, narrow, on } = useFilters(...taskFilters, 'view', 'cursor')
  const { view, ...asked } = filters
  const answer = useAnswer('/api/v1/tasks', {
    query: { ...asked, include: 'input', limit: 48 },
  })
  const open = (taskId: string) => route(to(`/tasks/${taskId}`, query))
  return (
    <>
      <Heading title={words.value.links.tasks}>
        <Segments
          label={text.view}
          chosen={view === 'gallery' ? 'gallery' : 'list'}
          choices={[
            { value: 'list', text: text.list },
            { value: 'gallery', text: text.gallery },
          ]}
          onChoose={(chosen) => narrow({ view: chosen === 'list' ? '' : chosen })}
        />
      </Heading>
      <div class="grid gap-4">
        <TaskFilters filters={filters} on={on} />
        <Totals filters={filters} />
        <List
          of={answer}
          rows={({ tasks }) => tasks}
          empty={taskFilters.some((name) => filters[name] !== '') ? text.noneSuch : <FirstOrder />}
          caption={words.value.links.tasks}
          keyOf={(task) => task.task_id}
          onOpen={(task) => open(task.task_id)}
          columns={[
            { title: '', cell: (task) => <Thumbnail task={task} /> },
            {
              title: text.task,
              cell: (task) => (
                <a
                  href={to(`/tasks/${task.task_id}`, query)}
                  class="block max-w-[124px] hover:underline md:max-w-[340px]"
                >
                  <span class="block truncate">{promptOf(task) ?? task.model_id}</span>
                  <span class="text-ink-3">
                    <Id id={task.task_id} short />
                  </span>
                </a>
              ),
            },
            {
              title: text.model,
              wide: true,
              cell: (task) => <span class="whitespace-nowrap">{task.model_id}</span>,
            },
            { title: text.status, cell: (task) => <TaskStatus status={task.task_status} /> },
            {
              title: text.credits,
              align: 'right',
              cell: (task) => (
                <span class={task.credits_refunded > 0 ? 'text-ink-3 line-through' : ''}>
                  {number(task.credits)}
                </span>
              ),
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
        >
          {view === 'gallery'
            ? (tasks) => (
                <div class="p-4">
                  <Gallery tasks={tasks} />
                </div>
              )
            : undefined}
        </List>
      </div>
      {id && <TaskSheet key={id} taskId={id} onClose={() => route(to('/tasks', query))} />}
    </>
  )
}
