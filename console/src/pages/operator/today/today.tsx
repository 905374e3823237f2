// The day: what was sold and what it cost, what waits, whether the ledger is right, and what needs a person.
import { useAnswer } from '../../../api/queries.ts'
import { day, number, span } from '../../../parts/format.ts'
import { money } from '../../../parts/money.ts'
import { Panel, Skeleton, Tile, Tiles } from '../../../parts/panel.tsx'
import { Problem } from '../../../parts/problem.tsx'
import { Tag } from '../../../parts/status.tsx'
import { Time } from '../../../parts/time.tsx'
import { to } from '../../../place.ts'
import { Heading } from '../../../shell/shell.tsx'
import { HealthTable } from '../upstream/health.tsx'
import { UpstreamKeys } from '../upstream/keys.tsx'
import { words } from '../words/words.ts'
import { words as common } from '../../../language/language.ts'
import { Needed } from './needed.tsx'

const everyMs = 10_000

export function Today() {
  const text = words.value.today
  return (
    <>
      <Heading title={common.value.links.today} />
      <div class="grid gap-4 lg:grid-cols-[1fr_360px] lg:items-start">
        <div class="grid min-w-0 gap-4">
          <Sold />
          <Queue />
          <Panel title={words.value.upstream.health.title} flush>
            <HealthTable brief />
          </Panel>
          <Panel title={text.upstreams} flush>
            <UpstreamKeys brief />
          </Panel>
        </div>
        <Needed />
      </div>
    </>
  )
}

function Sold() {
  const text = words.value.report
  const range = { from: day(), to: day() }
  const { data, error } = useAnswer('/admin/v1/report', { query: { ...range, group: 'model' } }, { everyMs })
  if (error) return <Problem error={error} />
  if (!data) return <Skeleton lines={1} height={96} />
  const { total, currency } = data
  const here = to('/report', range)
  return (
    <Tiles>
      <Tile
        label={text.charged}
        value={number(total.charged)}
        note={text.tasks(number(total.tasks))}
        href={here}
      />
      <Tile
        label={text.refunded}
        value={number(total.refunded)}
        note={text.failedTasks(number(total.failed))}
        href={to('/tasks', { ...range, status: 4 })}
      />
      <Tile
        label={text.net}
        value={number(total.net)}
        note={text.value(money(total.value, currency))}
        href={here}
      />
      <Tile
        label={text.cost}
        value={money(total.cost, currency)}
        note={total.unknown_costs > 0 ? text.unknown(number(total.unknown_costs)) : ''}
        href={here}
      />
      <Tile
        label={text.margin}
        value={money(total.margin, currency)}
        note={text.leakage(money(total.leakage, currency))}
        href={here}
      />
    </Tiles>
  )
}

function Queue() {
  const text = words.value.today
  const { data, error } = useAnswer('/admin/v1/stats', {}, { everyMs })
  if (error) return <Problem error={error} />
  if (!data) return <Skeleton lines={1} height={96} />
  const { queue, ledger, tasks } = data
  return (
    <Tiles>
      <Tile label={text.waiting} value={number(queue.waiting)} href={to('/tasks', { status: 1 })} />
      <Tile
        label={text.oldest}
        value={queue.oldest_waiting_seconds === null ? '–' : span(queue.oldest_waiting_seconds)}
        href={to('/tasks', { status: 1 })}
      />
      <Tile
        label={text.running}
        value={number((tasks['running'] ?? 0) + (tasks['storing'] ?? 0))}
        href={to('/tasks', { status: 2 })}
      />
      <Tile
        label={text.drift}
        value={
          ledger === null ? (
            '…'
          ) : ledger.ok ? (
            <Tag tone="ok">0</Tag>
          ) : (
            <Tag tone="bad">{ledger.broken.length}</Tag>
          )
        }
        note={ledger && <Time at={ledger.verified_at_ms / 1000} />}
        href={to('/system')}
      />
    </Tiles>
  )
}
