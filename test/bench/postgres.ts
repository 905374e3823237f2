// `npm run bench:postgres`: the gateway on SQLite and on PostgreSQL side by side: creates, queries, whole lives.
import { mkdtempSync, rmSync, chmodSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import autocannon from 'autocannon'
import { cpuOf } from './postgres/cpu.ts'
import { askAt, startServer } from './postgres/server.ts'
import type { Server } from './postgres/server.ts'
import { reportStatements } from './postgres/statements.ts'
import { metricOf, operator, startGateway } from './servers.ts'
import type { Gateway } from './servers.ts'

const rounds = Number(process.env['ROUNDS'] ?? 5)
const seconds = Number(process.env['SECONDS'] ?? 4)
const connections = Number(process.env['CONNECTIONS'] ?? 64)
const accounts = Number(process.env['ACCOUNTS'] ?? 100)
/** Long: few orders are posted meanwhile, and what is measured are creates. */
const upstreamMs = Number(process.env['UPSTREAM_MS'] ?? 20_000)
/** For queries. */
const shortMs = 50
const taskIdsMax = 1_000
/** Of one account, in a round. */
const livesEach = Number(process.env['LIVES'] ?? 2_000)
/** Being asked costs the gateway, on PostgreSQL more. */
const lookEveryMs = 250
const ended = 'tollgate_tasks_ended_total'
/** Those whose name begins with it; left out: all. */
const only = process.env['ONLY'] ?? ''
/** The server counts statements too, which costs it some time: see `postgres/statements.ts`. */
const statements = process.env['STATEMENTS'] !== undefined
const order = JSON.stringify({
  model_id: 'gpt-image-2',
  prompt: 'a serene zen garden at sunrise',
  aspect_ratio: '16:9',
})

type What = 'create, one account' | 'create, many accounts' | 'query' | 'life' | 'life, with a key of its own'

interface Opponent extends Gateway {
  readonly keys: readonly string[]
  readonly databaseUrl: string | null
  /** The gateway, and the server of its store. */
  readonly pids: readonly number[]
}

interface Measure {
  readonly perSecond: number
  readonly p99Ms: number
  readonly commitsEach: number
  readonly cpuUsEach: readonly number[]
}

const folder = mkdtempSync(join(process.env['BENCH_DIR'] ?? tmpdir(), 'tollgate-bench-'))
chmodSync(folder, 0o755)
const server = await startServer(join(folder, 'server'), statements)
if (!server) throw new Error('this machine has no PostgreSQL')
const opponents: Opponent[] = []
try {
  await between(upstreamMs, wanted(['create, many accounts', 'create, one account']))
  await between(shortMs, wanted(['query']))
  await between(0, wanted(['life', 'life, with a key of its own']))
  if (statements) await reportStatements(server, livesEach * (rounds + 1))
} finally {
  await server.stop()
  rmSync(folder, { recursive: true, force: true })
}

function wanted(whats: readonly What[]): What[] {
  return whats.filter((what) => what.startsWith(only))
}

async function between(delayMs: number, whats: readonly What[]): Promise<void> {
  if (whats.length === 0) return
  try {
    for (const on of [null, server]) opponents.push(await opponent(on, delayMs))
    for (const what of whats) await compare(what)
  } finally {
    for (const each of opponents.splice(0)) await each.stop()
  }
}

async function opponent(on: Server | null, delayMs: number): Promise<Opponent> {
  const name = on ? 'PostgreSQL' : 'SQLite'
  const database = `bench_${delayMs}`
  const databaseUrl = on?.urlOf(database) ?? null
  if (on) {
    await askAt(on.urlOf('postgres'), async (client) => await client.query(`CREATE DATABASE ${database}`))
  }
  const gateway = await startGateway(join(folder, `${name} ${delayMs}`), {
    upstream: 'upstream.ts',
    arguments: [String(delayMs)],
    config: delayMs === 0 ? 'lives.yaml' : 'tollgate.yaml',
    callbacks: false,
    ...(databaseUrl !== null && { databaseUrl }),
  })
  const keys: string[] = []
  for (let at = 0; at < accounts; at += 1) {
    const account = await operator(gateway.url, '/accounts', { name: `bench ${at}`, credits: 1_000_000_000 })
    keys.push((await operator(gateway.url, `/accounts/${account.id}/keys`, { name: 'bench' })).key)
  }
  return { ...gateway, name, keys, databaseUrl, pids: [gateway.pid, ...(on ? [on.pid] : [])] }
}

/** Warms both up, then takes turns, so that what the machine does meanwhile hits both alike. */
async function compare(what: What): Promise<void> {
  const taskIds = new Map<string, string[]>()
  for (const each of opponents) taskIds.set(each.name, what === 'query' ? await someTasks(each) : [])
  const shot = async (each: Opponent) =>
    what.startsWith('life') ? await live(each, what) : await shoot(each, what, taskIds.get(each.name) ?? [])
  for (const each of opponents) await shot(each)
  const measures = new Map<string, Measure[]>(opponents.map(({ name }) => [name, []]))
  for (const each of Array.from({ length: rounds }, () => opponents).flat()) {
    measures.get(each.name)?.push(await shot(each))
  }
  report(what, measures)
}

async function shoot(each: Opponent, what: What, taskIds: readonly string[]): Promise<Measure> {
  const { url, key, keys } = each
  const headersOf = (secret: string) => ({
    authorization: `Bearer ${secret}`,
    'content-type': 'application/json',
  })
  const create = (secret: string) =>
    ({ method: 'POST', path: '/api/v1/tasks/create', body: order, headers: headersOf(secret) }) as const
  const query = (id: string) =>
    ({ method: 'GET', path: `/api/v1/tasks/${id}`, headers: headersOf(key) }) as const
  const requests =
    what === 'query' ? taskIds.map(query) : (what === 'create, one account' ? [key] : keys).map(create)
  const before = await turnsOf(each)
  const cpuBefore = each.pids.map(cpuOf)
  const result = await autocannon({ url, connections, duration: seconds, requests })
  if (result.non2xx > 0 || result.errors > 0) throw new Error(`${result.non2xx} answers were not 200`)
  const cpuUsEach = each.pids.map((pid, at) => (cpuOf(pid) - (cpuBefore[at] ?? 0)) / result.requests.total)
  const commitsEach = ((await turnsOf(each)) - before) / result.requests.total
  return { perSecond: result.requests.average, p99Ms: result.latency.p99, commitsEach, cpuUsEach }
}

/** Orders, and waits until the last of them has ended: creates, submits, polls and ends. */
async function live(each: Opponent, what: What): Promise<Measure> {
  const headers = { authorization: `Bearer ${each.key}`, 'content-type': 'application/json' }
  const [before, cpuBefore, endedBefore, began] = [
    await turnsOf(each),
    each.pids.map(cpuOf),
    await metricOf(each, ended),
    performance.now(),
  ]
  let sent = 0
  const setupRequest = (request: object) => ({
    ...request,
    headers: { ...headers, 'idempotency-key': `${began}-${(sent += 1)}` },
  })
  const request = { method: 'POST', path: '/api/v1/tasks/create', body: order, headers } as const
  const requests = [what === 'life' ? request : { ...request, setupRequest }]
  const created = await autocannon({ url: each.url, connections, amount: livesEach, requests })
  if (created.non2xx > 0 || created.errors > 0) throw new Error(`${created.non2xx} answers were not 200`)
  while ((await metricOf(each, ended)) - endedBefore < livesEach) await pause(lookEveryMs)
  const cpuUsEach = each.pids.map((pid, at) => (cpuOf(pid) - (cpuBefore[at] ?? 0)) / livesEach)
  const commitsEach = ((await turnsOf(each)) - before) / livesEach
  const perSecond = livesEach / ((performance.now() - began) / 1_000)
  return { perSecond, p99Ms: created.latency.p99, commitsEach, cpuUsEach }
}

/** How often the writer has committed, those of the loops included. */
async function turnsOf({ databaseUrl }: Opponent): Promise<number> {
  if (databaseUrl === null) return Number.NaN
  return await askAt(databaseUrl, async (client) => {
    const { rows } = await client.query<{ turns: string }>(
      'SELECT coalesce(sum(turn), 0) AS turns FROM writers',
    )
    return Number(rows[0]?.turns)
  })
}

async function someTasks(each: Opponent): Promise<string[]> {
  const { url, key } = each
  const ids: string[] = []
  while (ids.length < taskIdsMax) {
    const headers = { authorization: `Bearer ${key}`, 'content-type': 'application/json' }
    const response = await fetch(`${url}/api/v1/tasks/create`, { method: 'POST', headers, body: order })
    const { data } = (await response.json()) as { data: { task_id: string } }
    ids.push(data.task_id)
  }
  // Their polls and ends would be counted as work of queries.
  while ((await metricOf(each, ended)) < taskIdsMax) await pause(lookEveryMs)
  return ids
}

function report(what: What, measures: ReadonlyMap<string, readonly Measure[]>): void {
  const [ours = [], theirs = []] = [...measures.values()]
  const ratios = theirs.map(({ perSecond }, at) => perSecond / (ours[at]?.perSecond ?? Number.NaN))
  for (const [name, list] of measures) {
    const of = (number: (each: Measure) => number): number => median(list.map(number))
    const cpu = list[0]?.cpuUsEach.map((_, at) => of(({ cpuUsEach }) => cpuUsEach[at] ?? Number.NaN)) ?? []
    const words = [
      what.padEnd(22),
      name.padEnd(11),
      `${Math.round(of(({ perSecond }) => perSecond))}/s`,
      `p99 ${Math.round(of(({ p99Ms }) => p99Ms))} ms`,
      `CPU ${cpu.map(Math.round).join(' + ')} us`,
      ...(cpu.length > 1 && what !== 'query'
        ? [`${of((each) => each.commitsEach).toFixed(3)} commits each`]
        : []),
    ]
    process.stdout.write(`${words.join('  ')}\n`)
  }
  const all = ratios.map((ratio) => ratio.toFixed(2)).join(' ')
  process.stdout.write(`${what.padEnd(22)}  ratio        ${median(ratios).toFixed(2)} (${all})\n`)
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b)
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN
}
