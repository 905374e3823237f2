// One account: its balance, credits by hand, state and plan, keys, link, statement and tasks.
import { useAnswer, useStep } from '../../../api/queries.ts'
import { call } from '../../../api/client.ts'
import { words as common } from '../../../language/language.ts'
import { Button, ButtonLink } from '../../../parts/button.tsx'
import { Code, Copy, Id } from '../../../parts/copy.tsx'
import { Csv } from '../../../parts/csv.tsx'
import { number, signed } from '../../../parts/format.ts'
import { List } from '../../../parts/list.tsx'
import { Panel, Skeleton, Tile, Tiles } from '../../../parts/panel.tsx'
import { Problem } from '../../../parts/problem.tsx'
import { Tag } from '../../../parts/status.tsx'
import { Time } from '../../../parts/time.tsx'
import { to, useFilters } from '../../../place.ts'
import { Heading } from '../../../shell/shell.tsx'
import { isOwner, mayHelp } from '../rights.ts'
import { words } from '../words/words.ts'
import { AccountKeys } from './keys.tsx'
import { Grant } from './grant.tsx'
import { Limits } from './limits.tsx'
import { Privacy } from './privacy.tsx'

export function AccountPage({ id }: { readonly id: string }) {
  const text = words.value.accounts
  const { data: account, error } = useAnswer('/admin/v1/accounts/{id}', { path: { id } })
  const change = useStep(
    async (status: 'active' | 'suspended') =>
      await call('patch', '/admin/v1/accounts/{id}', { path: { id }, body: { status } }),
    ['/admin/v1/accounts/{id}', '/admin/v1/accounts'],
  )
  if (error) return <Problem error={error} />
  if (!account) return <Skeleton lines={8} height={32} />
  const isActive = account.status === 'active'
  const isErased = account.erased_at !== undefined
  return (
    <>
      <Heading title={account.name}>
        <Tag tone={isActive ? 'ok' : 'bad'}>{isErased ? text.erased : text.states[account.status]}</Tag>
        <span class="flex items-center text-ink-3">
          <Id id={id} />
          <Copy text={id} />
        </span>
        <ButtonLink href={to('/tasks', { account: id })}>{common.value.links.tasks}</ButtonLink>
        {isOwner() && !isErased && (
          <Button
            kind={isActive ? 'danger' : 'plain'}
            disabled={change.isPending}
            onClick={() => change.mutate(isActive ? 'suspended' : 'active')}
          >
            {isActive ? text.suspend : text.resume}
          </Button>
        )}
      </Heading>
      <div class="grid gap-4">
        <Problem error={change.error} />
        <Tiles>
          <Tile label={common.value.billing.balance} value={number(account.balance)} />
          <Tile label={text.owed} value={number(account.owed)} />
          <Tile
            label={text.inFlight}
            value={number(account.tasks_in_flight)}
            href={to('/tasks', { account: id, status: 2 })}
          />
          <Tile label={text.plan} value={account.plan ?? '–'} />
          <Tile label={common.value.tasks.created} value={<Time at={account.created_at} />} />
        </Tiles>
        {!isErased && (
          <>
            <div class="grid gap-4 lg:grid-cols-2 lg:items-start">
              {isOwner() && <Grant account={account} />}
              <div class="grid min-w-0 gap-4">
                {mayHelp() && <Link accountId={id} />}
                <Privacy account={account} />
              </div>
            </div>
            {isOwner() && <Limits key={JSON.stringify(account.limits)} account={account} />}
            <AccountKeys accountId={id} />
          </>
        )}
        <Statement accountId={id} />
        {isErased && <Privacy account={account} />}
      </div>
    </>
  )
}

function Link({ accountId }: { readonly accountId: string }) {
  const text = words.value.accounts
  const make = useStep(
    async () => await call('post', '/admin/v1/accounts/{id}/link', { path: { id: accountId }, body: {} }),
  )
  return (
    <Panel title={text.link}>
      <div class="grid gap-3">
        <p class="text-ink-2">{text.linkText}</p>
        <Problem error={make.error} />
        {make.data && (
          <>
            <Code text={make.data.url} />
            <p class="text-xs text-ink-3">
              {text.linkUntil} <Time at={make.data.expires_at} />
            </p>
          </>
        )}
        <div>
          <Button disabled={make.isPending} onClick={() => make.mutate(undefined)}>
            {text.makeLink}
          </Button>
        </div>
      </div>
    </Panel>
  )
}

function Statement({ accountId }: { readonly accountId: string }) {
  const text = common.value.billing
  const { filters } = useFilters('cursor')
  const given = { path: { id: accountId }, query: { ...filters, limit: 50 } }
  const answer = useAnswer('/admin/v1/accounts/{id}/ledger', given)
  return (
    <List
      title={text.statement}
      actions={<Csv of={answer} name={`${accountId}.csv`} />}
      of={answer}
      rows={({ entries }) => entries}
      empty={text.noEntries}
      caption={text.statement}
      keyOf={(entry) => entry.id}
      columns={[
        { title: common.value.tasks.created, cell: (entry) => <Time at={entry.created_at} /> },
        { title: text.kind, cell: (entry) => common.value.entryKinds[entry.kind] },
        {
          title: words.value.accounts.notes,
          wide: true,
          cell: (entry) => (
            <span class="block max-w-[300px]">
              {entry.public_note}
              {entry.private_note && <span class="block text-xs text-ink-3">{entry.private_note}</span>}
            </span>
          ),
        },
        {
          title: words.value.accounts.paid,
          align: 'right',
          wide: true,
          cell: ({ paid }) => (paid ? `${paid.amount} ${paid.currency}` : ''),
        },
        {
          title: common.value.tasks.task,
          wide: true,
          cell: ({ task_id: taskId }) =>
            taskId && (
              <a href={to(`/tasks/${taskId}`)} class="text-accent-text hover:underline">
                <Id id={taskId} short />
              </a>
            ),
        },
        { title: common.value.tasks.credits, align: 'right', cell: (entry) => signed(entry.amount) },
        { title: text.balance, align: 'right', cell: (entry) => number(entry.balance) },
      ]}
    />
  )
}
