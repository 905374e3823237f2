// Orders carried a second, posted upstream and accepted, beside creates acknowledged a second, with default settings.
import { join } from 'node:path'
import autocannon from 'autocannon'
import { Pool } from 'undici'
import { metricOf, startGateway, startLean } from './servers.ts'
import type { Gateway } from './servers.ts'

interface World {
  readonly name: string
  readonly delayMs: number
  readonly hardLimit?: number
  /** The upstream tells when a work has ended. */
  readonly tells?: boolean
  /** What comes before it is counted, but not carried: the limit is being found, and a key pauses for 30 s. */
  readonly settleSeconds: number
}

/** How long is counted; the whole takes about five times as long, and two minutes. `0` leaves it out. */
const seconds = Number(process.env['CARRIED_SECONDS'] ?? 20)
/** The part of that in which creates come as fast as they are answered. */
const createShare = 0.25
const connections = 32
/** With fewer waiting orders, what is measured would be how fast this process creates them. */
const waitingMin = 2_000
const everyMs = 100
const hungerEveryMs = 10

const worlds: readonly World[] = [
  { name: '300 ms', delayMs: 300, settleSeconds: 8 },
  { name: '2 s', delayMs: 2_000, settleSeconds: 25 },
  { name: '300 ms, 20 at once at most', delayMs: 300, hardLimit: 20, settleSeconds: 45 },
]

/** In turns, so that what the machine does meanwhile hits all alike. */
const lifeRounds = Number(process.env['LIFE_ROUNDS'] ?? 3)

export async function carried(folder: string, order: string): Promise<void> {
  if (seconds === 0) return
  const cpuMs: Record<'polling' | 'callbacks' | 'lean', number[]> = { polling: [], callbacks: [], lean: [] }
  const atOnce = { name: 'at once', delayMs: 0, settleSeconds: 12 }
  for (let round = 0; round < lifeRounds; round += 1) {
    const at = (name: string) => join(folder, `${name}-${round}`)
    cpuMs.polling.push(await measured(await startFor(at('polling'), atOnce), atOnce, order))
    const told = { ...atOnce, name: 'at once, callbacks', tells: true }
    cpuMs.callbacks.push(await measured(await startFor(at('callbacks'), told), told, order))
    const lean = await startLean(at('lean'), { upstream: 'upstream.ts', arguments: ['0'] })
    cpuMs.lean.push(await measured(lean, { ...atOnce, name: 'at once, lean program' }, order))
  }
  if (lifeRounds > 0) reportLives(cpuMs)
  for (const [at, world] of worlds.entries()) {
    await measured(await startFor(join(folder, `carried-${at}`), world), world, order)
  }
}

async function startFor(
  folder: string,
  { delayMs, hardLimit = Infinity, tells = false }: World,
): Promise<Gateway> {
  return await startGateway(folder, {
    upstream: 'upstream.ts',
    config: 'tollgate.yaml',
    callbacks: tells,
    arguments: [String(delayMs), String(hardLimit), ...(tells ? ['callbacks'] : [])],
  })
}

async function measured(gateway: Gateway, world: World, order: string): Promise<number> {
  try {
    return await measure(gateway, world, order)
  } finally {
    await gateway.stop()
  }
}

function reportLives({
  polling,
  callbacks,
  lean,
}: Record<'polling' | 'callbacks' | 'lean', readonly number[]>): void {
  const ratio = (list: readonly number[], to: readonly number[]) =>
    median(list.map((cpu, at) => cpu / (to[at] ?? Number.NaN))).toFixed(2)
  process.stdout.write(
    `a life           CPU by polling ${median(polling).toFixed(2)} ms, by callbacks ${median(callbacks).toFixed(2)} ms, ` +
      `lean ${median(lean).toFixed(2)} ms; polling to lean ${ratio(polling, lean)}, callbacks to polling ${ratio(callbacks, polling)} ` +
      `(medians of ${polling.length} rounds)\n`,
  )
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b)
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN
}

/** Returns the CPU of a life in milliseconds. */
async function measure(gateway: Gateway, { name, settleSeconds }: World, order: string): Promise<number> {
  const acknowledged = await shoot(gateway, order, Math.max(1, Math.round(seconds * createShare)))
  const filling = new AbortController()
  const filled = keepWaiting(gateway, order, filling.signal)
  try {
    await rest(settleSeconds * 1_000)
    const before = await countsOf(gateway)
    const began = performance.now()
    await rest(seconds * 1_000)
    const after = await countsOf(gateway)
    const tookSeconds = (performance.now() - began) / 1_000
    const perSecond = (count: 'accepted' | 'settled') =>
      Math.round((after[count] - before[count]) / tookSeconds)
    const { limit, ceiling } = await submitsOf(gateway)
    // A life is begun and ended ten seconds apart, and may be so at different rates.
    const lives = (after.settled - before.settled + after.accepted - before.accepted) / 2
    const cpuMs = (after.cpuMs - before.cpuMs) / lives
    process.stdout.write(
      `carried upstream ${name.padEnd(27)} ${perSecond('accepted')}/s carried  ` +
        `${perSecond('settled')}/s settled  ${Math.round(acknowledged)}/s acknowledged  ` +
        `CPU a life ${cpuMs.toFixed(2)} ms  ` +
        `limit ${limit}, ceiling ${ceiling}, 429s ${before.refused} + ${after.refused - before.refused}\n`,
    )
    return cpuMs
  } finally {
    filling.abort()
    await filled
  }
}

async function shoot({ url, key }: Gateway, order: string, forSeconds: number): Promise<number> {
  const result = await autocannon({
    url,
    connections,
    duration: forSeconds,
    headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
    requests: [{ method: 'POST', path: '/api/v1/tasks/create', body: order }],
  })
  return result['2xx'] / result.duration
}

/**
 * Keeps orders waiting, so that what is measured is a whole life: create, submit, poll and end. Each connection posts
 * one order after another while too few wait: bursts of a fixed number would bound how many are carried.
 */
async function keepWaiting(gateway: Gateway, order: string, signal: AbortSignal): Promise<void> {
  let isHungry = false
  let posted = 0
  const first = await acceptedBy(gateway)
  const pool = new Pool(gateway.url, { connections })
  const headers = { authorization: `Bearer ${gateway.key}`, 'content-type': 'application/json' }
  const post = async (): Promise<void> => {
    const answer = await pool.request({ method: 'POST', path: '/api/v1/tasks/create', headers, body: order })
    await answer.body.dump()
    if (answer.statusCode !== 200) throw new Error(`an order was answered ${answer.statusCode}`)
    posted += 1
  }
  const feed = async (): Promise<void> => {
    while (!signal.aborted) {
      if (isHungry) await post()
      else await rest(hungerEveryMs)
    }
  }
  // The upstream is asked: the gateway's metrics, many times a second, would be a twentieth of what is measured.
  const look = async (): Promise<void> => {
    const waited = await metricOf(gateway, 'tollgate_queue_depth')
    while (!signal.aborted) {
      isHungry = waited + posted - ((await acceptedBy(gateway)) - first) < waitingMin
      await rest(everyMs)
    }
  }
  await Promise.all([look(), ...Array.from({ length: connections }, feed)])
  await pool.close()
}

interface Counts {
  /** As the upstream counts them. */
  readonly accepted: number
  readonly refused: number
  readonly settled: number
  /** Of the gateway's process. */
  readonly cpuMs: number
}

async function askUpstream({ upstreamUrl }: Gateway): Promise<Pick<Counts, 'accepted' | 'refused'>> {
  const response = await fetch(new URL('/counts', upstreamUrl))
  return (await response.json()) as Pick<Counts, 'accepted' | 'refused'>
}

const acceptedBy = async (gateway: Gateway): Promise<number> => (await askUpstream(gateway)).accepted

async function countsOf(gateway: Gateway): Promise<Counts> {
  const counted = await askUpstream(gateway)
  const settled = await metricOf(gateway, 'tollgate_tasks_ended_total')
  const cpuMs = (await metricOf(gateway, 'process_cpu_seconds_total')) * 1_000
  return { ...counted, settled, cpuMs }
}

async function submitsOf(gateway: Gateway): Promise<{ limit: number; ceiling: number | string }> {
  const ceiling = await metricOf(gateway, 'tollgate_upstream_submit_ceiling')
  return {
    limit: await metricOf(gateway, 'tollgate_upstream_submit_limit'),
    ceiling: ceiling === 0 ? 'unknown' : ceiling,
  }
}

async function rest(ms: number): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, ms))
}
