// `npm run bench:soak`: tasks in flight by the hundred thousand, at full speed, and what that does to the process.
import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import autocannon from 'autocannon'
import { startGateway } from './servers.ts'
import type { Opponent } from './servers.ts'

const inFlight = Number(process.env['IN_FLIGHT'] ?? 100_000)
const seconds = Number(process.env['SECONDS'] ?? 60)
const connections = 32
const everyMs = 1_000
const linesEvery = 5
const order = JSON.stringify({
  model_id: 'gpt-image-2',
  prompt: 'a serene zen garden at sunrise',
  aspect_ratio: '16:9',
})

interface Sample {
  readonly settledPerSecond: number
  readonly open: number
  readonly rssMb: number
  readonly loopP99Ms: number
}

const folder = mkdtempSync(join(process.env['BENCH_DIR'] ?? tmpdir(), 'tollgate-soak-'))
const gateway = await startGateway(folder, { upstream: 'sandbox.ts', config: 'soak.yaml', callbacks: true })
try {
  const began = performance.now()
  await create(gateway, inFlight)
  process.stdout.write(`soak    ${inFlight} tasks created after ${since(began).toFixed(1)} s\n`)
  await firstEnded(gateway)
  report(await hold(gateway))
} finally {
  await gateway.stop()
  rmSync(folder, { recursive: true, force: true })
}

/** Until the first tasks end nothing is settled, and there is nothing to measure. */
async function firstEnded(opponent: Opponent): Promise<void> {
  while ((await metricsOf(opponent)).ended === 0) await pause()
}

/** For as long as the soak lasts, every task that ends is replaced by a new one. */
async function hold(opponent: Opponent): Promise<Sample[]> {
  const samples: Sample[] = []
  const began = performance.now()
  let last = { at: began, ...(await metricsOf(opponent)) }
  // Beside the samples: how fast tasks are replaced must not set how often it is looked.
  let filling: Promise<void> | null = null
  const fill = (amount: number) =>
    (filling ??= create(opponent, amount).finally(() => {
      filling = null
    }))
  while (since(began) < seconds) {
    await pause()
    const now = { at: performance.now(), ...(await metricsOf(opponent)) }
    samples.push({
      settledPerSecond: (now.ended - last.ended) / ((now.at - last.at) / 1_000),
      open: now.open,
      rssMb: rssMbOf(opponent.pid),
      loopP99Ms: now.loopP99Ms,
    })
    last = now
    if (samples.length % linesEvery === 0) line(samples.slice(-linesEvery))
    if (now.open < inFlight) fill(inFlight - now.open).catch(() => undefined)
  }
  await (filling as Promise<void> | null)
  return samples
}

async function pause(): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, everyMs))
}

async function create({ url, key }: Opponent, amount: number): Promise<void> {
  const headers = { authorization: `Bearer ${key}`, 'content-type': 'application/json' }
  const requests = [{ method: 'POST' as const, path: '/api/v1/tasks/create', body: order }]
  const result = await autocannon({
    url,
    connections: Math.min(connections, amount),
    amount,
    headers,
    requests,
  })
  if (result.non2xx > 0 || result.errors > 0) throw new Error(`${result.non2xx} creates were refused`)
}

async function metricsOf({ url }: Opponent): Promise<{ ended: number; open: number; loopP99Ms: number }> {
  const text = await (await fetch(`${url}/metrics`)).text()
  const sum = (name: string) =>
    [...text.matchAll(new RegExp(`^${name}(?:\\{[^}]*\\})? (\\S+)$`, 'gm'))].reduce(
      (total, [, value]) => total + Number(value),
      0,
    )
  return {
    ended: sum('tollgate_tasks_ended_total'),
    open: sum('tollgate_tasks_open'),
    loopP99Ms: sum('nodejs_eventloop_lag_p99_seconds') * 1_000,
  }
}

function rssMbOf(pid: number): number {
  const kib = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]
  return Number(kib) / 1024
}

function line(samples: readonly Sample[]): void {
  process.stdout.write(
    `soak    ${median(samples.map(({ open }) => open))} open, ${Math.round(median(samples.map((sample) => sample.settledPerSecond)))} settled/s, ` +
      `RSS ${Math.round(median(samples.map((sample) => sample.rssMb)))} MB, ` +
      `event loop p99 ${median(samples.map((sample) => sample.loopP99Ms)).toFixed(0)} ms\n`,
  )
}

function report(samples: readonly Sample[]): void {
  const rss = samples.map(({ rssMb }) => rssMb)
  const half = Math.floor(rss.length / 2)
  const [before, after] = [median(rss.slice(0, half)), median(rss.slice(half))]
  const store = join(folder, 'data/tollgate.db')
  const sizeMb = [store, `${store}-wal`]
    .map((file) => (statSync(file, { throwIfNoEntry: false })?.size ?? 0) / 1024 / 1024)
    .reduce((sum, size) => sum + size, 0)
  process.stdout.write(
    `soak    ${Math.min(...samples.map(({ open }) => open))} open at least, ` +
      `${Math.round(median(samples.map((sample) => sample.settledPerSecond)))} settled/s (median), ` +
      `RSS ${Math.round(before)} MB in the first half, ${Math.round(after)} MB in the second, ${Math.round(Math.max(...rss))} MB at most, ` +
      `event loop p99 ${median(samples.map((sample) => sample.loopP99Ms)).toFixed(0)} ms (median of seconds), ` +
      `store ${Math.round(sizeMb)} MB\n`,
  )
}

function since(began: number): number {
  return (performance.now() - began) / 1_000
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b)
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN
}
