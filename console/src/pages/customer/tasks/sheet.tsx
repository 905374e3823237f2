// One task, whole: its result, its times, what was ordered, its credits and its webhooks.
import { root } from '../../../api/client.ts'
import { keyPlace } from '../../../session.ts'
import { call } from '../../../api/client.ts'
import { useAnswer, useStep } from '../../../api/queries.ts'
import { words } from '../../../language/language.ts'
import { Button, ButtonLink } from '../../../parts/button.tsx'
import { Code, Copy, Id } from '../../../parts/copy.tsx'
import { Sheet } from '../../../parts/dialog.tsx'
import { number, signed } from '../../../parts/format.ts'
import { Facts } from '../../../parts/facts.tsx'
import { Skeleton } from '../../../parts/panel.tsx'
import { Problem } from '../../../parts/problem.tsx'
import { Tag } from '../../../parts/status.tsx'
import { Table } from '../../../parts/table.tsx'
import { Time } from '../../../parts/time.tsx'
import { to } from '../../../place.ts'
import { codeIn } from '../playground/examples.ts'
import { deliveryTones } from '../webhooks/deliveries.tsx'
import { TaskProgress } from './progress.tsx'

export function TaskSheet({ taskId, onClose }: { readonly taskId: string; readonly onClose: () => void }) {
  const text = words.value.sheet
  return (
    <Sheet title={text.title} onClose={onClose}>
      <div class="flex items-center gap-1">
        <Id id={taskId} />
        <Copy text={taskId} />
      </div>
      <TaskProgress taskId={taskId} usualSeconds={null} />
      <Details taskId={taskId} />
    </Sheet>
  )
}

function Details({ taskId }: { readonly taskId: string }) {
  const text = words.value.sheet
  const { data: detail, error } = useAnswer('/api/v1/tasks/{task_id}/details', { path: { task_id: taskId } })
  const resend = useStep(
    async (id: string) => await call('post', '/api/v1/webhooks/deliveries/{id}/resend', { path: { id } }),
    ['/api/v1/tasks/{task_id}/details', '/api/v1/webhooks/deliveries'],
  )
  if (error) return <Problem error={error} />
  if (!detail) return <Skeleton lines={6} />
  const { task, input } = detail
  const { prompt, ...chosen } = input
  return (
    <>
      <section class="grid gap-2">
        <h3 class="font-semibold">{text.timeline}</h3>
        <ol class="grid gap-1.5 border-l border-line pl-4">
          {detail.timeline.map(({ event, at }) => (
            <li key={`${event}${at}`} class="flex gap-3">
              <span class="grow">{text.events[event]}</span>
              <Time at={at} />
            </li>
          ))}
        </ol>
      </section>
      <section class="grid gap-2">
        <h3 class="font-semibold">{text.request}</h3>
        {prompt === null ? (
          <p class="text-ink-3">{text.removed}</p>
        ) : (
          <>
            <p class="rounded-lg bg-hover p-3 whitespace-pre-wrap">{prompt}</p>
            <Facts
              facts={[
                [words.value.tasks.model, task.model_id],
                ...Object.entries(chosen).map(
                  ([name, value]) =>
                    [
                      words.value.playground.fields[name as never] ?? name,
                      typeof value === 'string' ? value : JSON.stringify(value),
                    ] as const,
                ),
                [words.value.tasks.key, detail.key.name],
              ]}
            />
            <div class="flex flex-wrap gap-2">
              <ButtonLink href={to('/playground', { model: task.model_id, task: task.task_id })}>
                {text.repeat}
              </ButtonLink>
            </div>
            <Code
              text={codeIn('cURL', {
                origin: location.origin + root,
                key: keyPlace,
                body: { model_id: task.model_id, ...input },
              })}
            />
          </>
        )}
      </section>
      <section class="grid gap-2">
        <h3 class="font-semibold">{text.ledger}</h3>
        <Table
          caption={text.ledger}
          rows={detail.entries}
          keyOf={(entry) => entry.id}
          columns={[
            { title: words.value.billing.kind, cell: (entry) => words.value.entryKinds[entry.kind] },
            { title: words.value.tasks.credits, align: 'right', cell: (entry) => signed(entry.amount) },
            { title: words.value.billing.balance, align: 'right', cell: (entry) => number(entry.balance) },
            {
              title: words.value.tasks.created,
              align: 'right',
              wide: true,
              cell: (entry) => <Time at={entry.created_at} />,
            },
          ]}
        />
      </section>
      {detail.deliveries.length > 0 && (
        <section class="grid gap-2">
          <h3 class="font-semibold">{words.value.links.webhooks}</h3>
          <Problem error={resend.error} />
          {detail.deliveries.map((delivery) => (
            <div key={delivery.id} class="flex flex-wrap items-center gap-2">
              <Tag tone={deliveryTones[delivery.status]}>{words.value.webhooks.states[delivery.status]}</Tag>
              <span class="min-w-0 grow truncate">
                {delivery.type} · {delivery.url}
              </span>
              <Button disabled={resend.isPending} onClick={() => resend.mutate(delivery.id)}>
                {words.value.webhooks.resend}
              </Button>
            </div>
          ))}
        </section>
      )}
    </>
  )
}
