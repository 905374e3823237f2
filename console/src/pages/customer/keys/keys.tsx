// The account's keys: their use, their limits, and steps to make, change and revoke them.
import { useSignal } from '@preact/signals'
import { useAnswer } from '../../../api/queries.ts'
import { words } from '../../../language/language.ts'
import { Button } from '../../../parts/button.tsx'
import { number } from '../../../parts/format.ts'
import { List } from '../../../parts/list.tsx'
import { Tag } from '../../../parts/status.tsx'
import { Time } from '../../../parts/time.tsx'
import { to } from '../../../place.ts'
import { session } from '../../../session.ts'
import { Heading } from '../../../shell/shell.tsx'
import { KeyDialog } from './key-dialog.tsx'
import { RevokeDialog } from './revoke-dialog.tsx'
import type { Key } from './key.ts'

export function Keys() {
  const text = words.value.keys
  const answer = useAnswer('/api/v1/keys')
  const making = useSignal(false)
  const changing = useSignal<Key | null>(null)
  const revoking = useSignal<Key | null>(null)
  const mayMake = session.value?.role === 'customer' && session.value.may.make_keys
  return (
    <>
      <Heading title={words.value.links.keys}>
        <Button
          kind="primary"
          disabled={!mayMake}
          title={mayMake ? undefined : text.mayNot}
          onClick={() => {
            making.value = true
          }}
        >
          {text.create}
        </Button>
      </Heading>
      {!mayMake && <p class="mb-4 text-ink-2">{text.mayNot}</p>}
      <List
        of={answer}
        rows={({ keys }) => keys}
        empty={text.none}
        caption={words.value.links.keys}
        keyOf={(key) => key.id}
        columns={[
          {
            title: text.name,
            cell: (key) => (
              <a href={to('/tasks', { key: key.id })} class="block hover:underline">
                <span class="block max-w-[260px] truncate font-medium">{key.name}</span>
                <span class="font-mono text-xs text-ink-3">{key.prefix}</span>
              </a>
            ),
          },
          { title: words.value.tasks.status, cell: (key) => <State of={key} /> },
          {
            title: text.today,
            align: 'right',
            wide: true,
            cell: ({ used, limits }) => used && ofMost(used.credits_today, limits.credits_per_day),
          },
          {
            title: text.inAll,
            align: 'right',
            wide: true,
            cell: ({ used, limits }) => used && ofMost(used.credits_total, limits.credits_total),
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
              key.revoked_at === null && (
                <span class="inline-flex gap-1">
                  {mayMake && (
                    <Button
                      kind="quiet"
                      aria-label={text.changeNamed(key.name)}
                      onClick={() => {
                        changing.value = key
                      }}
                    >
                      {text.change}
                    </Button>
                  )}
                  <Button
                    kind="danger"
                    aria-label={text.revokeNamed(key.name)}
                    onClick={() => {
                      revoking.value = key
                    }}
                  >
                    {text.revoke}
                  </Button>
                </span>
              ),
          },
        ]}
      />
      {(making.value || changing.value) && (
        <KeyDialog
          of={changing.value}
          onClose={() => {
            making.value = false
            changing.value = null
          }}
        />
      )}
      {revoking.value && (
        <RevokeDialog
          of={revoking.value}
          onClose={() => {
            revoking.value = null
          }}
        />
      )}
    </>
  )
}

const ofMost = (used: number, most: number | null): string =>
  most === null ? number(used) : `${number(used)} / ${number(most)}`

function State({ of: key }: { readonly of: Key }) {
  const text = words.value.keys
  const hasExpired = key.expires_at !== null && key.expires_at * 1000 <= Date.now()
  return (
    <span class="inline-flex flex-wrap gap-1">
      {key.revoked_at !== null ? (
        <Tag tone="none">{text.revoked}</Tag>
      ) : hasExpired ? (
        <Tag tone="wait">{text.expired}</Tag>
      ) : (
        <Tag tone="ok">{text.active}</Tag>
      )}
      {key.test && <Tag tone="run">{text.test}</Tag>}
    </span>
  )
}
