// How well each upstream has answered over 24 hours, and what its last errors mean.
import type { Answer } from '../../../api/client.ts'
import { useAnswer } from '../../../api/queries.ts'
import { language, words as common } from '../../../language/language.ts'
import { number, percent, span } from '../../../parts/format.ts'
import { Panel, Skeleton } from '../../../parts/panel.tsx'
import { Problem } from '../../../parts/problem.tsx'
import { Spark } from '../../../parts/spark.tsx'
import { Tag } from '../../../parts/status.tsx'
import { Table } from '../../../parts/table.tsx'
import { Time } from '../../../parts/time.tsx'
import { words } from '../words/words.ts'

const everyMs = 15_000

type Health = Answer<'/admin/v1/upstreams/health'>['upstreams'][number]
type Answers = Health['quarters'][number]

const useHealth = () => useAnswer('/admin/v1/upstreams/health', {}, { everyMs })

const badOf = ({ rate_limited: limited, failing }: Pick<Answers, 'rate_limited' | 'failing'>) =>
  limited + failing

const labelOf = ({ accepted, rate_limited: limited, failing }: Health): string =>
  words.value.upstream.health.label(number(accepted), number(limited), number(failing))

const seconds = (value: number | null): string => (value === null ? '–' : span(value))

/** `brief`: beside other things, without what became of the works. */
export function HealthTable({ brief = false }: { readonly brief?: boolean }) {
  const text = words.value.upstream.health
  const { data, error } = useHealth()
  if (error) return <Problem error={error} />
  if (!data) return <Skeleton lines={2} height={32} />
  return (
    <Table
      caption={text.title}
      rows={data.upstreams}
      keyOf={({ name }) => name}
      columns={[
        { title: words.value.upstream.upstream, cell: ({ name }) => name },
        {
          title: text.orders,
          wide: true,
          cell: (upstream) => (
            <Spark
              label={labelOf(upstream)}
              bars={upstream.quarters.map((quarter) => [quarter.accepted, badOf(quarter)])}
            />
          ),
        },
        {
          title: text.good,
          align: 'right',
          cell: (upstream) => (
            <span class="whitespace-nowrap">
              {percent(upstream.accepted, upstream.accepted + badOf(upstream))}
            </span>
          ),
        },
        {
          title: text.bad,
          align: 'right',
          cell: ({ rate_limited: limited, failing }) => `${number(limited)} / ${number(failing)}`,
        },
        ...(brief
          ? []
          : [
              {
                title: common.value.overview.succeeded,
                align: 'right',
                wide: true,
                cell: ({ succeeded, failed }: Health) => percent(succeeded, succeeded + failed),
              } as const,
            ]),
        {
          title: text.took,
          align: 'right',
          cell: ({ median_seconds: median, p95_seconds: p95 }) => (
            <span class="whitespace-nowrap">
              {seconds(median)} / {seconds(p95)}
            </span>
          ),
        },
      ]}
    />
  )
}

export function Troubles() {
  const text = words.value.upstream.health
  const { data } = useHealth()
  if (!data) return null
  const troubles = data.upstreams.flatMap(({ name, troubles: of }) => of.map((each) => ({ ...each, name })))
  return (
    <Panel title={text.troubles} flush>
      {troubles.length === 0 && <p class="px-4 py-8 text-center text-ink-2">{text.noTroubles}</p>}
      <ul>
        {troubles.map((trouble) => (
          <li
            key={`${trouble.name} ${trouble.cause}`}
            class="grid gap-1.5 border-b border-line px-4 py-3 last:border-0"
          >
            <div class="flex flex-wrap items-center gap-x-3 gap-y-1">
              <Tag tone={trouble.cause === 'rate_limited' ? 'wait' : 'bad'}>{text.causes[trouble.cause]}</Tag>
              <span class="grow">{text.of(trouble.name, number(trouble.orders))}</span>
              <span class="text-xs text-ink-3">
                <Time at={trouble.last_at} />
              </span>
            </div>
            <p>{trouble.meaning[language.value]}</p>
            <p class="text-ink-2">{trouble.advice[language.value]}</p>
            {trouble.detail && <code class="text-xs break-words text-ink-3">{trouble.detail}</code>}
          </li>
        ))}
      </ul>
    </Panel>
  )
}
