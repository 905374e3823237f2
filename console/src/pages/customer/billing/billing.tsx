// Billing: the balance, codes, where to buy, the warning of a low balance, and the statement.
import { useSignal } from '@preact/signals'
import { call } from '../../../api/client.ts'
import { useAnswer, useStep } from '../../../api/queries.ts'
import { brand } from '../../../brand.ts'
import { words } from '../../../language/language.ts'
import { Button, ButtonLink } from '../../../parts/button.tsx'
import { Csv } from '../../../parts/csv.tsx'
import { TextField } from '../../../parts/field.tsx'
import { number, signed } from '../../../parts/format.ts'
import { List } from '../../../parts/list.tsx'
import { Panel, Skeleton } from '../../../parts/panel.tsx'
import { Problem } from '../../../parts/problem.tsx'
import { Time } from '../../../parts/time.tsx'
import { to, useFilters } from '../../../place.ts'
import { Heading } from '../../../shell/shell.tsx'
import { said } from '../../../shell/marks.tsx'
import { Teach } from '../overview/teach.tsx'
import { LowBalance } from './low-balance.tsx'

export function Billing() {
  const text = words.value.billing
  const { buy_url: buyUrl = null, buy_text: buyText = null } = brand.value ?? {}
  return (
    <>
      <Heading title={words.value.links.billing}>
        {buyUrl && (
          <ButtonLink kind="primary" href={buyUrl} rel="noreferrer">
            {buyText ? said(buyText) : text.buy}
          </ButtonLink>
        )}
      </Heading>
      <div class="grid gap-4">
        <div class="grid gap-4 lg:grid-cols-3 lg:items-start">
          <Balance />
          <Redeem />
          <LowBalance />
        </div>
        <Statement />
      </div>
    </>
  )
}

function Balance() {
  const { data, error } = useAnswer('/api/v1/credits')
  return (
    <Panel title={words.value.overview.balance}>
      <Problem error={error} />
      {data ? (
        <>
          <p class="num text-2xl font-semibold tracking-tight">
            {number(data.balance)}{' '}
            <span class="text-lg font-medium text-ink-2">{words.value.playground.credits}</span>
          </p>
          <p class="num text-xs text-ink-2">
            {[
              words.value.overview.inFlight(number(data.in_flight)),
              data.owed ? words.value.overview.owed(number(data.owed)) : '',
            ]
              .filter(Boolean)
              .join(' · ')}
          </p>
        </>
      ) : (
        <Skeleton lines={2} />
      )}
    </Panel>
  )
}

function Redeem() {
  const text = words.value.billing
  const code = useSignal('')
  const redeem = useStep(async () => {
    const redeemed = await call('post', '/api/v1/credits/redeem', { body: { code: code.value } })
    code.value = ''
    return redeemed
  }, ['/api/v1/credits', '/api/v1/ledger'])
  return (
    <Panel title={text.redeem}>
      <form
        class="grid gap-3"
        onSubmit={(event) => {
          event.preventDefault()
          redeem.mutate(undefined)
        }}
      >
        <TextField
          label={text.code}
          placeholder="tg-XXXXX-XXXXX-XXXXX-XXXXX"
          value={code.value}
          required
          class="font-mono"
          onInput={({ currentTarget: { value } }) => {
            code.value = value
          }}
        />
        <Problem error={redeem.error} />
        <div class="flex items-center gap-3">
          <Button type="submit" disabled={redeem.isPending}>
            {text.redeemButton}
          </Button>
          <p role="status" class="text-ok">
            {redeem.data && text.redeemed(number(redeem.data.credits))}
          </p>
        </div>
      </form>
    </Panel>
  )
}

function Statement() {
  const text = words.value.billing
  const { filters } = useFilters('cursor')
  const answer = useAnswer('/api/v1/ledger', { query: { ...filters, limit: 50 } })
  return (
    <List
      title={text.statement}
      actions={<Csv of={answer} name="statement.csv" />}
      of={answer}
      rows={({ entries }) => entries}
      empty={<Teach title={text.noEntries} method="POST" path="credits/redeem" body={{ code: 'tg-…' }} />}
      caption={text.statement}
      keyOf={(entry) => entry.id}
      columns={[
        {
          title: words.value.tasks.created,
          wide: true,
          cell: (entry) => <Time at={entry.created_at} />,
        },
        {
          title: text.kind,
          cell: (entry) => (
            <span>
              {words.value.entryKinds[entry.kind]}
              <span class="block text-xs text-ink-3 md:hidden">
                <Time at={entry.created_at} />
              </span>
              {entry.public_note !== null && (
                <span class="block max-w-[280px] truncate text-xs text-ink-3">{entry.public_note}</span>
              )}
            </span>
          ),
        },
        {
          title: words.value.tasks.task,
          wide: true,
          cell: ({ task_id: taskId }) =>
            taskId !== null && (
              <a class="font-mono text-xs text-accent-text hover:underline" href={to(`/tasks/${taskId}`)}>
                {taskId.slice(0, 14)}…
              </a>
            ),
        },
        {
          title: words.value.tasks.credits,
          align: 'right',
          cell: ({ amount }) => <span class={amount > 0 ? 'text-ok' : ''}>{signed(amount)}</span>,
        },
        { title: text.balance, align: 'right', cell: (entry) => number(entry.balance) },
      ]}
    />
  )
}
