// What was sent to the account's webhooks, with attempts and the next try.
import { call } from '../../../api/client.ts'
import { useAnswer, useStep } from '../../../api/queries.ts'
import { words } from '../../../language/language.ts'
import { Button } from '../../../parts/button.tsx'
import { List } from '../../../parts/list.tsx'
import { Problem } from '../../../parts/problem.tsx'
import { Segments } from '../../../parts/segments.tsx'
import { Tag } from '../../../parts/status.tsx'
import { Time } from '../../../parts/time.tsx'
import { to, useFilters } from '../../../place.ts'
import { Teach } from '../overview/teach.tsx'

export const deliveryTones = { pending: 'wait', delivered: 'ok', failed: 'bad', superseded: 'none' } as const

const states = ['', 'pending', 'delivered', 'failed'] as const

export function Deliveries() {
  const text = words.value.webhooks
  const { filters, narrow } = useFilters('status', 'cursor')
  const answer = useAnswer('/api/v1/webhooks/deliveries', { query: filters })
  const resend = useStep(
    async (id: string) => await call('post', '/api/v1/webhooks/deliveries/{id}/resend', { path: { id } }),
    ['/api/v1/webhooks/deliveries'],
  )
  return (
    <>
      <Problem error={resend.error} />
      <List
        title={text.deliveries}
        of={answer}
        rows={({ deliveries }) => deliveries}
        empty={
          filters.status === '' ? (
            <Teach
              title={text.noDeliveries}
              method="PUT"
              path="webhooks"
              body={{ url: 'https://example.com/hooks' }}
            />
          ) : (
            words.value.none
          )
        }
        actions={
          <Segments
            label={words.value.tasks.status}
            chosen={states.find((state) => state === filters.status) ?? ''}
            choices={states.map((value) => ({
              value,
              text: value === '' ? words.value.tasks.all : text.states[value],
            }))}
            onChoose={(status) => narrow({ status })}
          />
        }
        caption={text.deliveries}
        keyOf={(delivery) => delivery.id}
        columns={[
          {
            title: words.value.tasks.status,
            cell: ({ status }) => <Tag tone={deliveryTones[status]}>{text.states[status]}</Tag>,
          },
          {
            title: text.event,
            cell: ({ type, task_id: taskId }) =>
              taskId === null ? (
                type
              ) : (
                <a class="text-accent-text hover:underline" href={to(`/tasks/${taskId}`)}>
                  {type}
                </a>
              ),
          },
          {
            title: 'URL',
            wide: true,
            cell: ({ url, last_status: status, last_error: reason }) => (
              <span class="block max-w-[220px]">
                <span class="block truncate">{url}</span>
                <span class="block truncate text-xs text-ink-3" title={reason ?? undefined}>
                  {[status, reason].filter((part) => part !== null).join(' · ')}
                </span>
              </span>
            ),
          },
          { title: text.attempts, align: 'right', wide: true, cell: ({ attempts }) => attempts },
          {
            title: text.nextTry,
            align: 'right',
            wide: true,
            cell: ({ next_at: next }) => (next === null ? '–' : <Time at={next} />),
          },
          {
            title: words.value.tasks.created,
            align: 'right',
            wide: true,
            cell: ({ created_at: at }) => <Time at={at} />,
          },
          {
            title: '',
            align: 'right',
            cell: ({ id }) => (
              <Button kind="quiet" disabled={resend.isPending} onClick={() => resend.mutate(id)}>
                {text.resend}
              </Button>
            ),
          },
        ]}
      />
    </>
  )
}
