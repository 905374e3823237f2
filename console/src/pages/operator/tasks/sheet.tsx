// One task as the operator sees it: result, order, attempts, entries, and a refund by hand.
import { useSignal } from '@preact/signals'
import { call } from '../../../api/client.ts'
import { useAnswer, useStep } from '../../../api/queries.ts'
import { words as common } from '../../../language/language.ts'
import { Button } from '../../../parts/button.tsx'
import { Copy, Id } from '../../../parts/copy.tsx'
import { Sheet } from '../../../parts/dialog.tsx'
import { Facts } from '../../../parts/facts.tsx'
import { TextField } from '../../../parts/field.tsx'
import { textIn } from '../../../parts/forms.ts'
import { number, signed } from '../../../parts/format.ts'
import { Result } from '../../../parts/media.tsx'
import { randomKey } from '../../../parts/random.ts'
import { Skeleton } from '../../../parts/panel.tsx'
import { Problem } from '../../../parts/problem.tsx'
import { Tag, TaskStatus } from '../../../parts/status.tsx'
import { Table } from '../../../parts/table.tsx'
import { Time } from '../../../parts/time.tsx'
import { to } from '../../../place.ts'
import { session } from '../../../session.ts'
import { words } from '../words/words.ts'

export function TaskSheet({ taskId, onClose }: { readonly taskId: string; readonly onClose: () => void }) {
  const text = words.value.sheet
  const { data: task, error } = useAnswer(
    '/admin/v1/tasks/{id}',
    { path: { id: taskId } },
    { everyMs: 5_000, until: ({ task_status: status }) => status >= 3 },
  )
  return (
    <Sheet title={common.value.sheet.title} onClose={onClose}>
      <div class="flex items-center gap-1">
        <Id id={taskId} />
        <Copy text={taskId} />
      </div>
      <Problem error={error} />
      {!task ? (
        !error && <Skeleton lines={8} />
      ) : (
        <>
          <div class="flex flex-wrap items-center gap-3">
            <TaskStatus status={task.task_status} />
            <span class="text-ink-2">{task.state}</span>
          </div>
          {task.error_message && <p class="text-bad">{task.error_message}</p>}
          {task.error_detail && <p class="text-ink-2">{task.error_detail}</p>}
          {task.task_status === 3 && <Result task={task} />}
          <Facts
            facts={[
              [
                words.value.accounts.account,
                <a key="a" href={to(`/accounts/${task.account_id}`)} class="text-accent-text hover:underline">
                  <Id id={task.account_id} />
                </a>,
              ],
              [common.value.tasks.key, <Id key="k" id={task.request.key_id} />],
              [common.value.tasks.model, task.model_id],
              [text.upstream, task.upstream],
              [
                text.upstreamId,
                task.upstream_task_id === null ? '–' : <Id key="u" id={task.upstream_task_id} />,
              ],
              [text.requestId, <Id key="r" id={task.request_id} />],
              [
                common.value.tasks.credits,
                `${number(task.credits)}${task.credits_refunded > 0 ? ` − ${number(task.credits_refunded)}` : ''}`,
              ],
              [words.value.report.cost, task.cost === null ? '?' : number(task.cost)],
              [text.plan, task.request.plan ?? '–'],
              [common.value.tasks.created, <Time key="t" at={task.created_at} />],
              [text.polls, number(task.polls_made)],
            ]}
          />
          <section class="grid gap-2">
            <h3 class="font-semibold">{common.value.sheet.request}</h3>
            <pre
              tabIndex={0}
              class="overflow-x-auto rounded-lg bg-hover p-3 font-mono text-xs whitespace-pre-wrap"
            >
              {JSON.stringify(task.request.order, null, 2)}
            </pre>
          </section>
          <section class="grid gap-2">
            <h3 class="font-semibold">{text.attempts}</h3>
            {task.attempts.map((attempt) => (
              <div key={attempt.id} class="flex flex-wrap items-center gap-2">
                <Tag tone="none">{attempt.state}</Tag>
                <Time at={attempt.started_at_ms / 1000} />
                <span class="font-mono text-xs text-ink-3">{attempt.upstream_key}</span>
                <span class="min-w-0 grow text-ink-2">{attempt.detail}</span>
              </div>
            ))}
          </section>
          <section class="grid gap-2">
            <h3 class="font-semibold">{text.entries}</h3>
            <Table
              caption={text.entries}
              rows={task.entries}
              keyOf={(entry) => entry.id}
              columns={[
                { title: common.value.billing.kind, cell: (entry) => common.value.entryKinds[entry.kind] },
                { title: common.value.tasks.credits, align: 'right', cell: (entry) => signed(entry.amount) },
                {
                  title: common.value.billing.balance,
                  align: 'right',
                  cell: (entry) => number(entry.balance),
                },
                {
                  title: common.value.tasks.created,
                  align: 'right',
                  wide: true,
                  cell: (entry) => <Time at={entry.created_at} />,
                },
              ]}
            />
          </section>
          <Refund taskId={taskId} most={task.credits - task.credits_refunded} />
        </>
      )}
    </Sheet>
  )
}

function Refund({ taskId, most }: { readonly taskId: string; readonly most: number }) {
  const text = words.value.sheet
  /** Until an answer has come: what was given back is not given again where the answer was lost. */
  const key = useSignal(randomKey())
  const refund = useStep(
    async (form: FormData) => {
      const given = await call('post', '/admin/v1/tasks/{id}/refund', {
        path: { id: taskId },
        body: {
          credits: Number(textIn(form, 'credits')),
          reason: textIn(form, 'reason'),
          idempotency_key: key.value,
        },
      })
      key.value = randomKey()
      return given
    },
    ['/admin/v1/tasks/{id}', '/admin/v1/tasks'],
  )
  const mayRefund = session.value?.role === 'operator' && session.value.operator.role !== 'viewer'
  if (!mayRefund || most === 0) return null
  return (
    <section class="grid gap-2">
      <h3 class="font-semibold">{text.refund}</h3>
      <form
        class="grid gap-3 sm:grid-cols-[120px_1fr_auto] sm:items-end"
        onSubmit={(event) => {
          event.preventDefault()
          refund.mutate(new FormData(event.currentTarget))
        }}
      >
        <TextField
          label={common.value.tasks.credits}
          name="credits"
          type="number"
          min={1}
          max={most}
          step={1}
          required
          defaultValue={most}
        />
        <TextField label={text.reason} name="reason" required maxLength={500} />
        <Button type="submit" disabled={refund.isPending}>
          {text.refundButton}
        </Button>
      </form>
      <Problem error={refund.error} />
      <p role="status" class="text-ok">
        {refund.data && text.refunded(number(refund.data.refunded), number(refund.data.balance))}
      </p>
    </section>
  )
}
