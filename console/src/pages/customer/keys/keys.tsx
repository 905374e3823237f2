// The account's keys: their use, their limits, and steps to make, change and revoke them.
import { useSignal } from '@preact/signals'
import { useLocation } from 'preact-iso'
import { useAnswer } from '../../../api/queries.ts'
import { words } from '../../../language/language.ts'
import { Button } from '../../../parts/button.tsx'
import { day, number } from '../../../parts/format.ts'
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
  const range = { from: day(29), to: day() }
  const usage = useAnswer('/api/v1/usage', { query: { ...range, group: 'key' } })
  const { query, route } = useLocation()
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
            title: text.days30,
            align: 'right',
            wide: true,
            cell: ({ id }) => (
              <a href={to('/tasks', { ...range, key: id })} class="hover:underline">
                {usage.data ? number(usage.data.rows.find(({ group }) => group === id)?.net ?? 0) : '…'}
              </a>
            ),
          },
          {
            title: text.caps,
            align: 'right',
            wide: true,
            cell: (key) => <Caps of={key} />,
          },
          {
            title: text.expiry,
            align: 'right',
            wide: true,
            cell: ({ expires_at: at }) => (at === null ? text.never : <Time at={at} />),
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
      {(making.value || changing.value || (query['new'] && mayMake)) && (
        <KeyDialog
          of={changing.value}
          onClose={() => {
            making.value = false
            changing.value = null
            if (query['new']) route(to('/keys'), true)
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

/** What was used of each cap that there is. */
function Caps({ of: { used, limits } }: { readonly of: Key }) {
  const text = words.value.keys
  const caps = [
    [limits.credits_per_day, used?.credits_today ?? 0, text.capToday],
    [limits.credits_total, used?.credits_total ?? 0, text.capInAll],
  ] as const
  return (
    <>
      {caps.map(
        ([most, now, say], at) =>
          most !== null && (
            <span key={at} class="block">
              {say(`${number(now)} / ${number(most)}`)}
            </span>
          ),
      )}
    </>
  )
}

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
