// The keys of every upstream: their state, how much is in flight, and what they last answered.
import type { Answer } from '../../../api/client.ts'
import { useAnswer } from '../../../api/queries.ts'
import { number } from '../../../parts/format.ts'
import { Skeleton } from '../../../parts/panel.tsx'
import { Problem } from '../../../parts/problem.tsx'
import { Tag } from '../../../parts/status.tsx'
import type { Tone } from '../../../parts/status.tsx'
import { Table } from '../../../parts/table.tsx'
import type { Column } from '../../../parts/table.tsx'
import { Time } from '../../../parts/time.tsx'
import { words } from '../words/words.ts'

const everyMs = 10_000

type Stats = Answer<'/admin/v1/stats'>
type Row = Stats['upstreams'][string]['keys'][number] & { readonly upstream: string }

function toneOf(state: string): Tone {
  if (state === 'ready' || state === 'ok' || state === 'active') return 'ok'
  return state === 'refused' ? 'bad' : 'wait'
}

/** `brief`: beside other things, without what each key has last answered. */
export function UpstreamKeys({ brief = false }: { readonly brief?: boolean }) {
  const text = words.value.upstream
  const { data, error } = useAnswer('/admin/v1/stats', {}, { everyMs })
  if (error) return <Problem error={error} />
  if (!data) return <Skeleton lines={3} />
  const rows = Object.entries(data.upstreams).flatMap(([upstream, { keys }]) =>
    keys.map((key) => ({ ...key, upstream })),
  )
  return (
    <Table
      caption={text.keys}
      rows={rows}
      keyOf={({ upstream, fingerprint }) => `${upstream} ${fingerprint}`}
      columns={[
        { title: text.upstream, cell: ({ upstream }) => upstream },
        {
          title: text.key,
          cell: ({ fingerprint }) => <span class="font-mono text-xs whitespace-nowrap">{fingerprint}</span>,
        },
        {
          title: text.state,
          cell: ({ state, detail }) => (
            <span title={detail ?? undefined}>
              <Tag tone={toneOf(state)}>{state}</Tag>
            </span>
          ),
        },
        {
          title: text.inFlight,
          align: 'right',
          cell: ({ submits }) =>
            `${number(submits.in_flight)} / ${number(submits.limit)}${submits.ceiling === null ? '' : ` (${number(submits.ceiling)})`}`,
        },
        ...(brief ? [] : lastAnswers()),
      ]}
    />
  )
}

const lastAnswers = (): Column<Row>[] => [
  {
    title: words.value.upstream.lastSuccess,
    align: 'right',
    wide: true,
    cell: ({ last_success_at_ms: at }) => (at === null ? '–' : <Time at={at / 1000} />),
  },
  {
    title: words.value.upstream.lastError,
    wide: true,
    cell: ({ last_error: last }) =>
      last === null ? (
        '–'
      ) : (
        <span class="block max-w-[300px] min-w-[160px]">
          <Time at={last.at_ms / 1000} /> <span class="text-ink-2">{last.words}</span>
        </span>
      ),
  },
]
