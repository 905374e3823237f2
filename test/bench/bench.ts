// `npm run bench`: creates and queries a second beside the floor, as ratios of one run; then orders carried a second.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import autocannon from 'autocannon'
import { carried } from './carried.ts'
import { metricOf, startFloor, startGateway } from './servers.ts'
import type { Gateway, Opponent } from './servers.ts'

const rounds = Number(process.env['ROUNDS'] ?? 5)
const seconds = Number(process.env['SECONDS'] ?? 4)
const connections = Number(process.env['CONNECTIONS'] ?? 64)
const folder = mkdtempSync(join(process.env['BENCH_DIR'] ?? tmpdir(), 'tollgate-bench-'))
const order = JSON.stringify({
  model_id: 'gpt-image-2',
  prompt: 'a serene zen garden at sunrise',
  aspect_ratio: '16:9',
})
/** Enough tasks that queries do not all ask for the same row. */
const taskIdsMax = 1_000
const everyMs = 250

interface Measure {
  readonly perSecond: number
  readonly p99Ms: number
}

/** By default a submit takes 300 ms, and orders are carried at once; in 2 s a submit leaves most of them waiting. */
const createsBeside = [
  { name: 'create', delayMs: 300 },
  { name: 'create, submits of 2 s', delayMs: 2_000 },
]

try {
  for (const { name, delayMs } of createsBeside) {
    await sideBySide({ name, what: 'create', delayMs }, async () => [])
  }
  await sideBySide({ name: 'query', what: 'query', delayMs: 0 }, async (opponent) => {
    const ids = await someTasks(opponent)
    if (isGateway(opponent)) await ended(opponent)
    return ids
  })
  await carried(folder, order)
} finally {
  rmSync(folder, { recursive: true, force: true })
}

interface Contest {
  readonly name: string
  readonly what: 'create' | 'query'
  readonly delayMs: number
}

/** Both on new stores: what one contest leaves behind must not be worked on in the next. */
async function sideBySide(
  { name, what, delayMs }: Contest,
  tasksOf: (opponent: Opponent) => Promise<string[]>,
): Promise<void> {
  const at = (opponent: string) => join(folder, `${opponent}-${what}-${delayMs}`)
  const opponents: Opponent[] = [await startFloor(at('floor'))]
  try {
    opponents.push(
      await startGateway(at('gateway'), {
        upstream: 'upstream.ts',
        config: 'tollgate.yaml',
        callbacks: false,
        arguments: [String(delayMs)],
      }),
    )
    const measures = new Map<string, Measure[]>(opponents.map((opponent) => [opponent.name, []]))
    const taskIds = new Map<string, string[]>()
    for (const opponent of opponents) taskIds.set(opponent.name, await tasksOf(opponent))
    // Warm both up, then take turns, so that what the machine does meanwhile hits both alike.
    for (const opponent of opponents) await shoot(opponent, what, taskIds.get(opponent.name) ?? [])
    for (const opponent of Array.from({ length: rounds }, () => opponents).flat()) {
      measures.get(opponent.name)?.push(await shoot(opponent, what, taskIds.get(opponent.name) ?? []))
    }
    report(name, measures)
  } finally {
    for (const opponent of opponents) await opponent.stop()
  }
}

function isGateway(opponent: Opponent): opponent is Gateway {
  return 'upstreamUrl' in opponent
}

/** Orders that are still carried would be measured with the queries. */
async function ended(gateway: Gateway): Promise<void> {
  while ((await metricOf(gateway, 'tollgate_tasks_ended_total')) < taskIdsMax) await rest(everyMs)
}

async function shoot({ url, key }: Opponent, what: 'create' | 'query', taskIds: string[]): Promise<Measure> {
  const headers = { authorization: `Bearer ${key}`, 'content-type': 'application/json' }
  const requests =
    what === 'create'
      ? [{ method: 'POST' as const, path: '/api/v1/tasks/create', body: order }]
      : taskIds.map((id) => ({ method: 'GET' as const, path: `/api/v1/tasks/${id}` }))
  const result = await autocannon({ url, connections, duration: seconds, headers, requests })
  if (result.non2xx > 0 || result.errors > 0) throw new Error(`${result.non2xx} answers were not 200`)
  return { perSecond: result.requests.average, p99Ms: result.latency.p99 }
}

async function someTasks({ url, key }: Opponent): Promise<string[]> {
  const ids: string[] = []
  while (ids.length < taskIdsMax) {
    const response = await fetch(`${url}/api/v1/tasks/create`, {
      method: 'POST',
      headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
      body: order,
    })
    const { data } = (await response.json()) as { data: { task_id: string } }
    ids.push(data.task_id)
  }
  return ids
}

function report(what: string, measures: ReadonlyMap<string, readonly Measure[]>): void {
  const [floor = [], gateway = []] = [...measures.values()]
  const ratios = gateway.map(({ perSecond }, at) => perSecond / (floor[at]?.perSecond ?? Number.NaN))
  const line = (name: string, list: readonly Measure[]) =>
    `${what} ${name.padEnd(8)} ${Math.round(median(list.map((m) => m.perSecond)))}/s  p99 ${median(list.map((m) => m.p99Ms)).toFixed(1)} ms`
  process.stdout.write(
    `${line('floor', floor)}\n${line('gateway', gateway)}\n${what} ratio    ${median(ratios).toFixed(2)} (median of ${ratios.length} rounds: ${ratios.map((ratio) => ratio.toFixed(2)).join(' ')})\n`,
  )
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b)
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN
}

async function rest(ms: number): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, ms))
}
