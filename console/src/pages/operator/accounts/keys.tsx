// Keys of an account: made for it, and revoked.
import { useSignal } from '@preact/signals'
import { call } from '../../../api/client.ts'
import { useAnswer, useStep } from '../../../api/queries.ts'
import { words as common } from '../../../language/language.ts'
import { Button } from '../../../parts/button.tsx'
import { Code } from '../../../parts/copy.tsx'
import { TextField } from '../../../parts/field.tsx'
import { number } from '../../../parts/format.ts'
import { List } from '../../../parts/list.tsx'
import { Problem } from '../../../parts/problem.tsx'
import { Tag } from '../../../parts/status.tsx'
import { Time } from '../../../parts/time.tsx'
import { to } from '../../../place.ts'
import { isOwner } from '../rights.ts'
import { words } from '../words/words.ts'

export function AccountKeys({ accountId }: { readonly accountId: string }) {
  const text = common.value.keys
  const answer = useAnswer('/admin/v1/accounts/{id}/keys', { path: { id: accountId } })
  const revoke = useStep(
    async (id: string) => await call('delete', '/admin/v1/keys/{id}', { path: { id } }),
    ['/admin/v1/accounts/{id}/keys'],
  )
  return (
    <div class="grid gap-4">
      {isOwner() && <Make accountId={accountId} />}
      <Problem error={revoke.error} />
      <List
        title={common.value.links.keys}
        of={answer}
        rows={({ keys }) => keys}
        empty={text.none}
        caption={common.value.links.keys}
        keyOf={(key) => key.id}
        columns={[
          {
            title: text.name,
            cell: (key) => (
              <a href={to('/tasks', { key: key.id })} class="block hover:underline">
                <span class="block max-w-[240px] truncate font-medium">{key.name}</span>
                <span class="font-mono text-xs text-ink-3">{key.prefix}</span>
              </a>
            ),
          },
          {
            title: common.value.tasks.status,
            cell: (key) =>
              key.revoked_at === null ? (
                <Tag tone="ok">{text.active}</Tag>
              ) : (
                <Tag tone="none">{text.revoked}</Tag>
              ),
          },
          {
            title: text.inAll,
            align: 'right',
            wide: true,
            cell: ({ used }) => used && number(used.credits_total),
          },
          {
            title: text.lastUsed,
            align: 'right',
            wide: true,
            cell: ({ last_used_at: at }) => (at === null ? text.never : <Time at={at} />),
          },
          {
            title: '',
            align: 'right',
            cell: (key) =>
              key.revoked_at === null &&
              isOwner() && (
                <Button
                  kind="danger"
                  aria-label={text.revokeNamed(key.name)}
                  disabled={revoke.isPending}
                  onClick={() => revoke.mutate(key.id)}
                >
                  {text.revoke}
                </Button>
              ),
          },
        ]}
      />
    </div>
  )
}

function Make({ accountId }: { readonly accountId: string }) {
  const text = common.value.keys
  const name = useSignal('')
  const make = useStep(async () => {
    const made = await call('post', '/admin/v1/accounts/{id}/keys', {
      path: { id: accountId },
      body: { name: name.value },
    })
    name.value = ''
    return made
  }, ['/admin/v1/accounts/{id}/keys'])
  return (
    <form
      class="grid gap-3"
      onSubmit={(event) => {
        event.preventDefault()
        make.mutate(undefined)
      }}
    >
      <div class="flex max-w-[420px] items-end gap-3">
        <div class="grow">
          <TextField
            label={words.value.accounts.newKey}
            required
            value={name.value}
            onInput={({ currentTarget: { value } }) => {
              name.value = value
            }}
          />
        </div>
        <Button type="submit" disabled={make.isPending}>
          {text.create}
        </Button>
      </div>
      <Problem error={make.error} />
      {make.data && (
        <>
          <p role="status">{text.shownOnce}</p>
          <Code text={make.data.key} />
        </>
      )}
    </form>
  )
}
