// `npm run bench:growth -- --tasks 1000000`: a store of years beside an empty one, as ratios of one run.
import { copyFileSync, existsSync, mkdirSync, mkdtempSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import autocannon from 'autocannon'
import { auditInThread } from '../../src/ledger/audit.ts'
import { neverLate } from '../../src/ledger/verify.ts'
import { storeAt } from '../../src/db/store-at.ts'
import { command, residentMib } from './growth/processes.ts'
import { hot, listTimes, queriesPerSecond, someTasks } from './growth/reads.ts'
import { openTestStore } from '../support/test-store.ts'
import { addOldDeliveries, seed } from './growth/seed.ts'
import { metricOf, startGateway, startUpstream } from './servers.ts'
import type { Gateway } from './servers.ts'

const tasksMax = 10_000_000
/** A store so small that all of it is in memory. */
const fewTasks = 1_000
const spanMs = 365 * 24 * 3_600_000
const atRestMaxSeconds = 300
const claimedOrders = 5_000
const claimsLookMs = 50
const { values } = parseArgs({
  options: {
    tasks: { type: 'string', default: '100000' },
    rounds: { type: 'string', default: '3' },
    seconds: { type: 'string', default: '4' },
    /** Stores that stand here already are measured as they are, and stay; without it they are made anew. */
    folder: { type: 'string' },
    /** Which parts to measure, with commas between them. */
    only: { type: 'string', default: 'compare,reads,audit,copies' },
  },
})
const [tasks, rounds, seconds] = [Number(values.tasks), Number(values.rounds), Number(values.seconds)]
if (!(tasks >= 1 && tasks <= tasksMax)) throw new Error(`--tasks must be from 1 to ${tasksMax}`)
const folder = values.folder ?? mkdtempSync(join(process.env['BENCH_DIR'] ?? tmpdir(), 'tollgate-growth-'))
const order = JSON.stringify({ model_id: 'gpt-image-2', prompt: 'a serene zen garden at sunrise' })

const fileIn = (name: string): string => join(folder, name, 'data/tollgate.db')
const storeIn = (name: string) => openTestStore(`file:${fileIn(name)}`)

async function make(name: string, count: number): Promise<void> {
  if (existsSync(fileIn(name))) return
  mkdirSync(join(folder, name, 'data'), { recursive: true })
  await storeAt(`file:${fileIn(name)}`).make()
  if (count === 0) return
  // None runs: the upstream of this benchmark does not know of them, and would be asked.
  const running = 0
  await seed(storeIn(name), {
    tasks: count,
    queued: 0,
    running,
    accounts: 50,
    oldDeliveries: 0,
    nowMs: Date.now(),
    spanMs,
  })
}

/** The same store with a delivery of each task that is to be deleted: seeding it anew would take as long again. */
async function addBacklog(from: string, to: string): Promise<void> {
  if (existsSync(fileIn(to))) return
  mkdirSync(join(folder, to, 'data'), { recursive: true })
  copyFileSync(fileIn(from), fileIn(to))
  await addOldDeliveries(storeIn(to), tasks)
}

interface Start {
  readonly gateway: Gateway
  readonly startMs: number
}

async function start(name: string): Promise<Start> {
  const began = performance.now()
  const setting = { upstream: 'upstream.ts', config: 'tollgate.yaml', callbacks: false } as const
  const gateway = await startGateway(join(folder, name), { ...setting, upstreamUrl: upstream.url })
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
  const rateOf = (name: string) => median(rates.get(name) ?? [])
  for (const name of names) {
    const timeRatio = rateOf(names[0] ?? '') / rateOf(name)
    say(`claim to end, ${name}`, `${Math.round(rateOf(name))}/s  time ratio ${timeRatio.toFixed(2)}`)
  }
  for (const { gateway } of started) await gateway.stop()
}

/** Stores take turns, so that what the machine does meanwhile hits all alike. */
async function compare(names: readonly string[]): Promise<void> {
  const starts = new Map<string, number[]>(names.map((name) => [name, []]))
  const creates = new Map<string, number[]>(names.map((name) => [name, []]))
  for (const name of Array.from({ length: rounds }, () => names).flat()) {
    const { gateway, startMs } = await start(name)
    starts.get(name)?.push(startMs)
    creates.get(name)?.push(await createsPerSecond(gateway))
    await gateway.stop()
  }
  const [empty = ''] = names
  for (const name of names) {
    const of = (map: ReadonlyMap<string, readonly number[]>, key: string) => median(map.get(key) ?? [])
    say(
      `start, ${name}`,
      `${Math.round(of(starts, name))} ms  ratio ${(of(starts, name) / of(starts, empty)).toFixed(2)}`,
    )
    say(
      `create, ${name}`,
      `${Math.round(of(creates, name))}/s  ratio ${(of(creates, name) / of(creates, empty)).toFixed(2)}`,
    )
  }
}

async function audit(name: string): Promise<void> {
  const { gateway } = await start(name)
  const logBytes = () => statSync(`${fileIn(name)}-wal`, { throwIfNoEntry: false })?.size ?? 0
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
    { databaseUrl: `file:${fileIn(name)}`, nowMs: Date.now(), late: neverLate },
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
  say('log of the store', `${(logBytes() / 2 ** 20).toFixed(0)} MiB`)
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
  const few = hot(await someTasks(fileIn(smallName), small.gateway))
  const all = await someTasks(fileIn(name), grown.gateway)
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
  for (const { path, medianMs, longestMs } of await listTimes(grown.gateway, all[0]?.key ?? ''))
    say(path, `${medianMs.toFixed(1)} ms, longest ${longestMs.toFixed(1)} ms`)
  for (const [which, { gateway }] of Object.entries({ small, grown }))
    say(`memory after that, ${which}`, `${Math.round(residentMib(gateway.pid, 'VmRSS'))} MiB`)
  await Promise.all([small.gateway.stop(), grown.gateway.stop()])
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
  await make('empty', 0)
  await make('few', fewTasks)
  await make('grown', tasks)
  const isAsked = new Set(values.only.split(','))
  if (isAsked.has('compare')) {
    await addBacklog('grown', 'backlog')
    await compare(['empty', 'grown', 'backlog'])
  }
  if (isAsked.has('claims')) await claims(['empty', 'grown'])
  if (isAsked.has('reads')) await reads('grown', 'few')
  if (isAsked.has('audit')) await audit('grown')
  if (isAsked.has('copies')) await copies('grown')
} finally {
  await upstream.stop()
  if (values.folder === undefined) rmSync(folder, { recursive: true, force: true })
}
