// How the gateway is set up: what runs, its store and disks, what it lacks, and the configuration in force.
import { useAnswer } from '../../../api/queries.ts'
import { Facts } from '../../../parts/facts.tsx'
import { bytes } from '../../../parts/format.ts'
import { Panel, Skeleton } from '../../../parts/panel.tsx'
import { Problem } from '../../../parts/problem.tsx'
import { Tag } from '../../../parts/status.tsx'
import { Time } from '../../../parts/time.tsx'
import { words } from '../words/words.ts'

const tones = { ok: 'ok', warning: 'wait', wrong: 'bad' } as const

export function Setup() {
  const text = words.value.system
  const { data, error } = useAnswer('/admin/v1/system', {}, { everyMs: 60_000 })
  if (error) return <Problem error={error} />
  if (!data) return <Skeleton lines={8} />
  const { database } = data
  return (
    <>
      <Panel title={text.running}>
        <Facts
          facts={[
            [text.version, `${data.version} (Node.js ${data.node})`],
            [text.gateway, `${data.host}, PID ${data.pid}`],
            [text.started, <Time key="started" at={data.started_at} />],
            [text.memory, bytes(data.memory_bytes)],
            [text.gateways, data.instances],
          ]}
        />
      </Panel>
      <Panel title={text.store}>
        <Facts
          facts={[
            [
              text.database,
              <span key="name" class="font-mono text-xs break-all">
                {database.name}
              </span>,
            ],
            [text.size, database.bytes === null ? '…' : bytes(database.bytes)],
            [
              text.copied,
              database.copied_at !== null ? (
                <Time key="copied" at={database.copied_at} />
              ) : database.kind === 'server' ? (
                text.copiedElsewhere
              ) : (
                text.neverCopied
              ),
            ],
            ...data.disks.map(
              ({ folder, free_bytes: free, bytes: all }) =>
                [text.disk, <Disk key={folder} folder={folder} free={free} all={all} />] as const,
            ),
          ]}
        />
      </Panel>
      <Panel title={text.findings} flush>
        <ul>
          {data.findings.map(({ check, state, words: said }) => (
            <li
              key={said}
              class="flex flex-wrap items-baseline gap-x-3 border-b border-line px-4 py-2 last:border-0"
            >
              <Tag tone={tones[state]}>{text.states[state]}</Tag>
              <span class="font-medium">{check}</span>
              <span class="min-w-0 basis-60 grow text-ink-2">{said}</span>
            </li>
          ))}
        </ul>
      </Panel>
      <Config />
    </>
  )
}

interface DiskProps {
  readonly folder: string
  readonly free: number
  readonly all: number
}

function Disk({ folder, free, all }: DiskProps) {
  return (
    <span class="grid gap-1">
      <span>
        {words.value.system.free(bytes(free), bytes(all))}{' '}
        <span class="font-mono text-xs break-all text-ink-3">{folder}</span>
      </span>
      <meter class="w-full" aria-label={folder} min={0} max={all} value={all - free} />
    </span>
  )
}

function Config() {
  const text = words.value.system
  const { data, error } = useAnswer('/admin/v1/config')
  return (
    <Panel title={text.config} flush>
      <div class="p-4 empty:hidden">
        <Problem error={error} />
        {!data && !error && <Skeleton lines={6} />}
      </div>
      {Object.entries(data ?? {}).map(([section, settings]) => (
        <details key={section} class="border-b border-line last:border-0">
          <summary class="cursor-pointer px-4 py-2 font-mono text-sm hover:bg-hover">{section}</summary>
          <pre class="overflow-x-auto px-4 pb-3 font-mono text-xs" tabIndex={0}>
            {JSON.stringify(settings, null, 2)}
          </pre>
        </details>
      ))}
    </Panel>
  )
}
