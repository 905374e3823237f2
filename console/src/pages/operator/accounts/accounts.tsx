// Accounts: searched, listed, and made.
import { useSignal } from '@preact/signals'
import { useLocation } from 'preact-iso'
import { call } from '../../../api/client.ts'
import { useAnswer, useStep } from '../../../api/queries.ts'
import { words as common } from '../../../language/language.ts'
import { Button } from '../../../parts/button.tsx'
import { Id } from '../../../parts/copy.tsx'
import { Dialog } from '../../../parts/dialog.tsx'
import { TextField } from '../../../parts/field.tsx'
import { textIn } from '../../../parts/forms.ts'
import { number } from '../../../parts/format.ts'
import { List } from '../../../parts/list.tsx'
import { Problem } from '../../../parts/problem.tsx'
import { Tag } from '../../../parts/status.tsx'
import { Time } from '../../../parts/time.tsx'
import { to, useFilters } from '../../../place.ts'
import { Heading } from '../../../shell/shell.tsx'
import { isOwner } from '../rights.ts'
import { words } from '../words/words.ts'

export function Accounts() {
  const text = words.value.accounts
  const { route } = useLocation()
  const { filters, on } = useFilters('query', 'cursor')
  const answer = useAnswer('/admin/v1/accounts', { query: { ...filters, limit: 50 } })
  const making = useSignal(false)
  return (
    <>
      <Heading title={common.value.links.accounts}>
        {isOwner() && (
          <Button
            kind="primary"
            onClick={() => {
              making.value = true
            }}
          >
            {text.create}
          </Button>
        )}
      </Heading>
      <div class="grid gap-4">
        <div class="max-w-[360px]">
          <TextField label={text.search} type="search" {...on('query')} />
        </div>
        <List
          of={answer}
          rows={({ accounts }) => accounts}
          empty={text.none}
          caption={common.value.links.accounts}
          keyOf={(account) => account.id}
          onOpen={(account) => route(to(`/accounts/${account.id}`))}
          columns={[
            {
              title: text.name,
              cell: (account) => (
                <a href={to(`/accounts/${account.id}`)} class="block hover:underline">
                  <span class="block max-w-[124px] truncate md:max-w-[280px] font-medium">
                    {account.name}
                  </span>
                  <span class="text-ink-3">
                    <Id id={account.id} short />
                  </span>
                </a>
              ),
            },
            {
              title: common.value.tasks.status,
              cell: ({ status }) => (
                <Tag tone={status === 'active' ? 'ok' : 'bad'}>{text.states[status]}</Tag>
              ),
            },
            { title: text.plan, wide: true, cell: ({ plan }) => plan ?? '–' },
            {
              title: common.value.billing.balance,
              align: 'right',
              cell: ({ balance }) => number(balance),
            },
            {
              title: text.owed,
              align: 'right',
              wide: true,
              cell: ({ owed }) => (owed > 0 ? <span class="text-bad">{number(owed)}</span> : '–'),
            },
            {
              title: text.inFlight,
              align: 'right',
              wide: true,
              cell: (account) => number(account.tasks_in_flight),
            },
            {
              title: common.value.tasks.created,
              align: 'right',
              wide: true,
              cell: (account) => <Time at={account.created_at} />,
            },
          ]}
        />
      </div>
      {making.value && (
        <Make
          onClose={() => {
            making.value = false
          }}
        />
      )}
    </>
  )
}

function Make({ onClose }: { readonly onClose: () => void }) {
  const text = words.value.accounts
  const { route } = useLocation()
  const make = useStep(
    async (form: FormData) => {
      const credits = textIn(form, 'credits')
      const account = await call('post', '/admin/v1/accounts', {
        body: { name: textIn(form, 'name'), ...(credits === '' ? {} : { credits: Number(credits) }) },
      })
      route(to(`/accounts/${account.id}`))
    },
    ['/admin/v1/accounts'],
  )
  return (
    <Dialog title={text.create} onClose={onClose}>
      <form
        class="grid gap-4"
        onSubmit={(event) => {
          event.preventDefault()
          make.mutate(new FormData(event.currentTarget))
        }}
      >
        <TextField label={text.name} name="name" required autoFocus />
        <TextField label={text.firstCredits} name="credits" type="number" min={0} step={1} />
        <Problem error={make.error} />
        <div class="flex justify-end gap-2">
          <Button onClick={onClose}>{common.value.cancel}</Button>
          <Button kind="primary" type="submit" disabled={make.isPending}>
            {text.create}
          </Button>
        </div>
      </form>
    </Dialog>
  )
}
