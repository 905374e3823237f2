// `npm run bench:growth -- --tasks 1000000 --store postgres`: a store of years beside an empty one, as ratios of one run.
import { mkdtempSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import autocannon from 'autocannon'
import { auditInThread } from '../../src/ledger/audit.ts'
import { neverLate } from '../../src/ledger/verify.ts'
import { command, residentMib } from './growth/processes.ts'
import { cpuOf } from './postgres/cpu.ts'
import { hot, listTimes, queriesPerSecond, someAccount, someTasks } from './growth/reads.ts'
import { postgresStores, sqliteStores } from './growth/stores.ts'
import { metricOf, startGateway, startUpstream } from './servers.ts'
import type { Gateway } from './servers.ts'

const tasksMax = 10_000_000
/** A store so small that all of it is in memory. */
const fewTasks = 1_000
const atRestMaxSeconds = 300
const claimsLookMs = 50
const slowMs = 20_000
const { values } = parseArgs({
  options: {
    tasks: { type: 'string', default: '100000' },
    /** Or `postgres`. */
    store: { type: 'string', default: 'sqlite' },
    rounds: { type: 'string', default: '3' },
    seconds: { type: 'string', default: '4' },
    /** Whose claims and ends are measured, in each round. */
    orders: { type: 'string', default: '5000' },
    /** Stores that stand here already are measured as they are, and stay; without it they are made anew. */
    folder: { type: 'string' },
    /** Which parts to measure, with commas between them. */
    only: { type: 'string', default: 'starts,creates,claims,backlog,reads,lists,audit,copies' },
  },
})
const claimedOrders = Number(values.orders)
const [tasks, rounds, seconds] = [Number(values.tasks), Number(values.rounds), Number(values.seconds)]
if (!(tasks >= 1 && tasks <= tasksMax)) throw new Error(`--tasks must be from 1 to ${tasksMax}`)
const folder = values.folder ?? mkdtempSync(join(process.env['BENCH_DIR'] ?? tmpdir(), 'tollgate-growth-'))
const order = JSON.stringify({ model_id: 'gpt-image-2', prompt: 'a serene zen garden at sunrise' })

const stores = values.store === 'postgres' ? await postgresStores(folder) : sqliteStores(folder)

interface Start {
  readonly gateway: Gateway
  readonly startMs: number
}

async function start(name: string, upstreamUrl = upstream.url): Promise<Start> {
  const began = performance.now()
  const setting = { upstream: 'upstream.ts', config: 'tollgate.yaml', callbacks: false } as const
  const place = { upstreamUrl, databaseUrl: stores.urlOf(name) }
  const gateway = await startGateway(join(folder, name), { ...setting, ...place })
  return { gateway, startMs: performance.now() - began }
}

async function createOrders({ url, key }: Gateway, bound: { duration: number } | { amount: number }) {
  return await autocannon({
    url,
    connections: 32,
    ...bound,
    headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
    requests: [{ method: 'POST', path: '/api/v1/tasks/create', body: order }],
  })
}

/** Of the gateway, and of the server of its store. */
const cpuUsed = ({ pid }: Gateway): number =>
  cpuOf(pid) + (stores.serverPid === null ? 0 : cpuOf(stores.serverPid))

const createsPerSecond = async (gateway: Gateway): Promise<number> =>
  (await createOrders(gateway, { duration: seconds })).requests.average

const median = (values_: readonly number[]): number =>
  values_.toSorted((one, other) => one - other)[Math.floor(values_.length / 2)] ?? Number.NaN

const say = (what: string, words: string): void => void process.stdout.write(`${what.padEnd(28)} ${words}\n`)

/** How fast orders that wait are claimed, posted, polled and ended, without creates beside them. */
async function claimsPerSecond(gateway: Gateway): Promise<number> {
  const ended = async () => await metricOf(gateway, 'tollgate_tasks_ended_total')
  const before = await ended()
  await createOrders(gateway, { amount: claimedOrders })
  const [began, from] = [performance.now(), await ended()]
  while ((await ended()) < before + claimedOrders) await pause(claimsLookMs)
  return (before + claimedOrders - from) / ((performance.now() - began) / 1_000)
}

/** Stores take turns, as below. The first round of each finds the limit of submits, and is not counted. */
async function claims(names: readonly string[]): Promise<void> {
  const rates = new Map<string, number[]>(names.map((name) => [name, []]))
  const started = await Promise.all(
    names.map(async (name) => ({ name, gateway: (await start(name)).gateway })),
  )
  for (const { gateway } of started) await atRest(gateway)
  for (let round = 0; round <= rounds; round += 1) {
    for (const { name, gateway } of started) {
      const rate = await claimsPerSecond(gateway)
      if (round > 0) rates.get(name)?.push(rate)
    }
  }
  report('claim to end', rates, '/s')
  for (const { gateway } of started) await gateway.stop()
}

/** Stores take turns, so that what the machine does meanwhile hits all alike. */
async function starts(names: readonly string[]): Promise<void> {
  const tookMs = new Map<string, number[]>(names.map((name) => [name, []]))
  for (const name of Array.from({ length: rounds }, () => names).flat()) {
    const { gateway, startMs } = await start(name)
    tookMs.get(name)?.push(startMs)
    await gateway.stop()
  }
  report('start', tookMs, 'ms')
}

/** The upstream takes long: few orders are posted meanwhile, and what is measured are creates. */
async function creates(names: readonly string[]): Promise<void> {
  const slow = await startUpstream({ upstream: 'upstream.ts', arguments: [String(slowMs)] })
  const started = await Promise.all(
    names.map(async (name) => ({ name, gateway: (await start(name, slow.url)).gateway })),
  )
  for (const { gateway } of started) await createOrders(gateway, { duration: seconds })
  const rates = new Map<string, number[]>(names.map((name) => [name, []]))
  const cpus = new Map<string, number[]>(names.map((name) => [name, []]))
  for (const { name, gateway } of Array.from({ length: rounds }, () => started).flat()) {
    const before = cpuUsed(gateway)
    const { requests } = await createOrders(gateway, { duration: seconds })
    cpus.get(name)?.push((cpuUsed(gateway) - before) / requests.total)
    rates.get(name)?.push(requests.average)
  }
  for (const { gateway } of started) await gateway.stop()
  await slow.stop()
  report('create', rates, '/s')
  report('CPU a create', cpus, 'us')
}

/** Beside the first store, the median of single rounds. */
function report(what: string, measured: ReadonlyMap<string, readonly number[]>, unit: string): void {
  const [first = []] = [...measured.values()]
  for (const [name, values_] of measured) {
    const ratios = values_.map((value, at) => value / (first[at] ?? Number.NaN))
    const all = values_.map(Math.round).join(' ')
    say(
      `${what}, ${name}`,
      `${Math.round(median(values_))} ${unit}  ratio ${median(ratios).toFixed(2)} (${all})`,
    )
  }
}

async function audit(name: string): Promise<void> {
  const { gateway } = await start(name)
  const quiet = await createsPerSecond(gateway)
  const began = performance.now()
  let [slices, longest, last] = [0, 0, began]
  const onSlice = () => {
    const now = performance.now()
    slices += 1
    longest = Math.max(longest, now - last)
    last = now
  }
  const { signal } = new AbortController()
  const auditing = auditInThread(
    { databaseUrl: stores.urlOf(name), nowMs: Date.now(), late: neverLate },
    { signal, onSlice },
  )
  const busy = await createsPerSecond(gateway)
  const { ok, entries } = await auditing
  const tookMs = performance.now() - began
  say(
    'audit',
    `${ok ? 'adds up' : 'DRIFT'}, ${entries} entries, ${slices} slices, ${(tookMs / 1000).toFixed(1)} s, longest ${Math.round(longest)} ms`,
  )
  say('create beside an audit', `ratio ${(busy / quiet).toFixed(2)}`)
  const logBytes = stores.logBytes(name)
  if (logBytes !== null) say('log of the store', `${(logBytes / 2 ** 20).toFixed(0)} MiB`)
  await gateway.stop()
}

/** Orders that were created before are posted and polled first: that would be measured as well. */
async function atRest(gateway: Gateway): Promise<void> {
  const isBusy = async () => (await metricOf(gateway, 'tollgate_tasks_open')) > 0
  for (let second = 0; second < atRestMaxSeconds && (await isBusy()); second += 1) await pause(1_000)
}

/** Hot: the same few tasks; cold: tasks spread over the whole store. Beside a store that has only a few. */
async function reads(name: string, smallName: string): Promise<void> {
  const rates = { small: [] as number[], hot: [] as number[], cold: [] as number[] }
  const [small, grown] = [await start(smallName), await start(name)]
  await atRest(grown.gateway)
  const few = hot(await someTasks(stores, smallName, small.gateway))
  const all = await someTasks(stores, name, grown.gateway)
  for (let round = 0; round < rounds; round += 1) {
    rates.small.push(await queriesPerSecond(small.gateway.url, few, seconds))
    rates.hot.push(await queriesPerSecond(grown.gateway.url, hot(all), seconds))
    rates.cold.push(await queriesPerSecond(grown.gateway.url, all, seconds))
  }
  const base = median(rates.small)
  say('query, small', `${Math.round(base)}/s`)
  for (const which of ['hot', 'cold'] as const)
    say(
      `query, ${which}`,
      `${Math.round(median(rates[which]))}/s  ratio ${(median(rates[which]) / base).toFixed(2)}`,
    )
  for (const [which, { gateway }] of Object.entries({ small, grown }))
    say(`memory after that, ${which}`, `${Math.round(residentMib(gateway.pid, 'VmRSS'))} MiB`)
  await Promise.all([small.gateway.stop(), grown.gateway.stop()])
}

/** Pages that people turn, one after another. */
async function lists(name: string): Promise<void> {
  const { gateway } = await start(name)
  await atRest(gateway)
  const { account, key } = await someAccount(stores, name, gateway)
  for (const { path, medianMs, longestMs } of await listTimes(gateway, key, account))
    say(path, `${medianMs.toFixed(1)} ms, longest ${longestMs.toFixed(1)} ms`)
  await gateway.stop()
}

/** Commands on a store that nobody serves. */
async function copies(name: string): Promise<void> {
  const home = join(folder, name)
  const copy = join(folder, 'copy.db')
  const backup = await command(home, ['backup', copy])
  const restore = await command(home, ['restore', copy])
  for (const [what, { ms, mib }] of Object.entries({ backup, restore }))
    say(what, `${(ms / 1000).toFixed(1)} s, ${Math.round(mib)} MiB of memory at most`)
  say('size of the copy', `${Math.round(statSync(copy).size / 2 ** 20)} MiB`)
}

const upstream = await startUpstream({ upstream: 'upstream.ts' })
try {
  await stores.make('empty', 0)
  await stores.make('few', fewTasks)
  await stores.make('grown', tasks)
  const isAsked = new Set(values.only.split(','))
  const hasBacklog = isAsked.has('backlog') && stores.addBacklog !== null
  if (hasBacklog) await stores.addBacklog?.('grown', 'backlog', tasks)
  const compared = ['empty', 'grown', ...(hasBacklog ? ['backlog'] : [])]
  if (isAsked.has('starts')) await starts(compared)
  if (isAsked.has('creates')) await creates(compared)
  if (isAsked.has('claims')) await claims(['empty', 'grown'])
  if (isAsked.has('reads')) await reads('grown', 'few')
  if (isAsked.has('lists')) await lists('grown')
  if (isAsked.has('audit')) await audit('grown')
  if (isAsked.has('copies') && values.store === 'sqlite') await copies('grown')
} finally {
  await upstream.stop()
  await stores.stop()
  if (values.folder === undefined) rmSync(folder, { recursive: true, force: true })
}
