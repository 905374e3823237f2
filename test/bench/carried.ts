// Orders carried a second, posted upstream and accepted, beside creates acknowledged a second, with default settings.
import { join } from 'node:path'
import autocannon from 'autocannon'
import { metricOf, startGateway } from './servers.ts'
import type { Gateway } from './servers.ts'

interface World {
  readonly name: string
  readonly delayMs: number
  readonly hardLimit?: number
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

const worlds: readonly World[] = [
  { name: 'at once', delayMs: 0, settleSeconds: 5 },
  { name: '300 ms', delayMs: 300, settleSeconds: 8 },
  { name: '2 s', delayMs: 2_000, settleSeconds: 25 },
  { name: '300 ms, 20 at once at most', delayMs: 300, hardLimit: 20, settleSeconds: 45 },
]

export async function carried(folder: string, order: string): Promise<void> {
  if (seconds === 0) return
  for (const [at, world] of worlds.entries()) {
    const given = [String(world.delayMs), ...(world.hardLimit === undefined ? [] : [String(world.hardLimit)])]
    const gateway = await startGateway(join(folder, `carried-${at}`), {
      upstream: 'upstream.ts',
      config: 'tollgate.yaml',
      callbacks: false,
      arguments: given,
    })
    try {
      await measure(gateway, world, order)
    } finally {
      await gateway.stop()
    }
  }
}

async function measure(gateway: Gateway, { name, settleSeconds }: World, order: string): Promise<void> {
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
    process.stdout.write(
      `carried upstream ${name.padEnd(27)} ${perSecond('accepted')}/s carried  ` +
        `${perSecond('settled')}/s settled  ${Math.round(acknowledged)}/s acknowledged  ` +
        `CPU a life ${((after.cpuMs - before.cpuMs) / (after.settled - before.settled)).toFixed(2)} ms  ` +
        `limit ${limit}, ceiling ${ceiling}, 429s ${before.refused} + ${after.refused - before.refused}\n`,
    )
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

/** Keeps orders waiting, so that what is measured is a whole life: create, submit, poll and end. */
async function keepWaiting(gateway: Gateway, order: string, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    if ((await metricOf(gateway, 'tollgate_queue_depth')) < waitingMin) {
      await autocannon({
        url: gateway.url,
        connections,
        amount: waitingMin / 2,
        headers: { authorization: `Bearer ${gateway.key}`, 'content-type': 'application/json' },
        requests: [{ method: 'POST', path: '/api/v1/tasks/create', body: order }],
      })
    }
    await rest(everyMs)
  }
}

interface Counts {
  /** As the upstream counts them. */
  readonly accepted: number
  readonly refused: number
  readonly settled: number
  /** Of the gateway's process. */
  readonly cpuMs: number
}

async function countsOf(gateway: Gateway): Promise<Counts> {
  const response = await fetch(new URL('/counts', gateway.upstreamUrl))
  const counted = (await response.json()) as Pick<Counts, 'accepted' | 'refused'>
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
