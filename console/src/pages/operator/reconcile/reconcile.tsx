// Work whose fate only a person can decide: each with its evidence, its cost, and a decision.
import { useSignal } from '@preact/signals'
import { call } from '../../../api/client.ts'
import type { Answer } from '../../../api/client.ts'
import { useAnswer, useStep } from '../../../api/queries.ts'
import { words as common } from '../../../language/language.ts'
import { Button } from '../../../parts/button.tsx'
import { Id } from '../../../parts/copy.tsx'
import { Dialog } from '../../../parts/dialog.tsx'
import { Facts } from '../../../parts/facts.tsx'
import { TextArea } from '../../../parts/field.tsx'
import { textIn } from '../../../parts/forms.ts'
import { number } from '../../../parts/format.ts'
import { List } from '../../../parts/list.tsx'
import { Empty } from '../../../parts/panel.tsx'
import { Problem } from '../../../parts/problem.tsx'
import { Segments } from '../../../parts/segments.tsx'
import { Tag } from '../../../parts/status.tsx'
import { Time } from '../../../parts/time.tsx'
import { to, useFilters } from '../../../place.ts'
import { session } from '../../../session.ts'
import { Heading } from '../../../shell/shell.tsx'
import { words } from '../words/words.ts'

type Item = Answer<'/admin/v1/reconcile'>['items'][number]
const decisions = ['keep_refund', 'charge', 'write_off'] as const

export function Reconcile() {
  const text = words.value.reconcile
  const { filters, narrow } = useFilters('status', 'cursor')
  const answer = useAnswer('/admin/v1/reconcile', { query: filters })
  return (
    <>
      <Heading title={common.value.links.reconcile}>
        <Segments
          label={common.value.tasks.status}
          chosen={filters.status === 'decided' ? 'decided' : 'open'}
          choices={[
            { value: 'open', text: text.open },
            { value: 'decided', text: text.decided },
          ]}
          onChoose={(chosen) => narrow({ status: chosen === 'open' ? '' : chosen })}
        />
      </Heading>
      <List
        caption={common.value.links.reconcile}
        of={answer}
        rows={({ items }) => items}
        keyOf={({ id }) => id}
        empty={
          <Empty title={text.nothing}>
            <p class="max-w-[440px]">{text.explained}</p>
          </Empty>
        }
      >
        {(items) => (
          <ul>
            {items.map((item) => (
              <Work key={item.id} item={item} />
            ))}
          </ul>
        )}
      </List>
    </>
  )
}

function Work({ item }: { readonly item: Item }) {
  const text = words.value.reconcile
  const deciding = useSignal<(typeof decisions)[number] | null>(null)
  const isOwner = session.value?.role === 'operator' && session.value.operator.role === 'owner'
  const { evidence } = item
  // Late, and no credits had come back: what the order got is another work.
  const isSecond =
    evidence.refunded_at === null && evidence.attempts.some(({ state }) => state === 'accepted')
  return (
    <li class="grid gap-4 border-b border-line p-4 last:border-0">
      <div class="flex flex-wrap items-center gap-2">
        <Tag tone="wait">{text.kinds[item.kind]}</Tag>
        {item.task_id && (
          <a href={to(`/tasks/${item.task_id}`)} class="font-normal text-accent-text hover:underline">
            <Id id={item.task_id} />
          </a>
        )}
        <span class="ml-auto text-ink-3">
          <Time at={item.created_at} />
        </span>
      </div>
      <p>{text.reasons[isSecond && evidence.reason.startsWith('late_') ? 'second' : evidence.reason]}</p>
      <Facts
        facts={[
          [
            words.value.accounts.account,
            <a key="a" href={to(`/accounts/${item.account_id}`)} class="text-accent-text hover:underline">
              <Id id={item.account_id} />
            </a>,
          ],
          [words.value.sheet.upstream, evidence.upstream],
          [words.value.sheet.upstreamId, evidence.upstream_task_id ?? '–'],
          [common.value.tasks.credits, number(item.credits)],
          [words.value.report.cost, item.cost === null ? '?' : number(item.cost)],
          ...(evidence.refunded_at === null
            ? []
            : [[text.refundedAt, <Time key="t" at={evidence.refunded_at} />] as const]),
          ...evidence.attempts.map(
            (attempt) =>
              [
                attempt.state,
                <span key={attempt.id}>
                  <Time at={attempt.started_at} /> {attempt.detail}
                </span>,
              ] as const,
          ),
        ]}
      />
      {item.decision ? (
        <p>
          <strong>{text.decisions[item.decision.decision]}</strong> · {item.decision.reason} ·{' '}
          <Time at={item.decision.decided_at} />
        </p>
      ) : (
        isOwner && (
          <div class="flex flex-wrap gap-2">
            {decisions.map((decision) => (
              <Button
                key={decision}
                onClick={() => {
                  deciding.value = decision
                }}
              >
                {text.decisions[decision]}
              </Button>
            ))}
          </div>
        )
      )}
      {deciding.value && (
        <Decide
          item={item}
          decision={deciding.value}
          onClose={() => {
            deciding.value = null
          }}
        />
      )}
    </li>
  )
}

interface DecideProps {
  readonly item: Item
  readonly decision: (typeof decisions)[number]
  readonly onClose: () => void
}

function Decide({ item, decision, onClose }: DecideProps) {
  const text = words.value.reconcile
  const decide = useStep(
    async (form: FormData) => {
      await call('post', '/admin/v1/reconcile/{id}', {
        path: { id: item.id },
        body: { decision, reason: textIn(form, 'reason') },
      })
      onClose()
    },
    ['/admin/v1/reconcile', '/admin/v1/report'],
  )
  return (
    <Dialog title={text.decisions[decision]} onClose={onClose}>
      <form
        class="grid gap-4"
        onSubmit={(event) => {
          event.preventDefault()
          decide.mutate(new FormData(event.currentTarget))
        }}
      >
        <p>{text.meanings[decision]}</p>
        <TextArea label={words.value.sheet.reason} name="reason" required maxLength={500} />
        <Problem error={decide.error} />
        <div class="flex justify-end gap-2">
          <Button onClick={onClose}>{common.value.cancel}</Button>
          <Button kind="primary" type="submit" disabled={decide.isPending}>
            {text.decisions[decision]}
          </Button>
        </div>
      </form>
    </Dialog>
  )
}
