// Where a fault is injected: the real gateway as a process, a scripted Keevx, customers, and what they were told.
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll } from 'vitest'
import { adminToken, cleanUpAfterwards, newFolder, start as startCommand } from '../../cli/command.ts'
import type { Ended, Process } from '../../cli/command.ts'
import { until } from '../../support/gateway.ts'
import { operator, ready } from './outside.ts'
import { startUpstream } from './upstream.ts'
import type { Upstream } from './upstream.ts'

export interface Customer {
  readonly accountId: string
  readonly key: string
  readonly granted: number
}

/** One create and what the client learnt of it. */
export interface Order {
  readonly customer: Customer
  readonly prompt: string
  readonly count: number
  /** What a quote had said that one output costs. */
  readonly creditsEach: number
  /** `refused`: an answer said that nothing was stored or charged. `unknown` until any answer came. */
  readonly told: 'acknowledged' | 'refused' | 'unknown'
  readonly requestId: string | null
  readonly taskIds: readonly string[]
  /** What was answered where it was no acknowledgement. */
  readonly words: string
}

export interface Scene {
  readonly folder: string
  readonly upstream: Upstream
  readonly customers: readonly Customer[]
  /** Everything that clients were ever told, from the first start on, by prompt. */
  readonly orders: Map<string, Order>
  /** Tasks as they were shown once they had ended, and when first: from then on nothing of them may change. */
  readonly ended: Map<string, { readonly shown: string; readonly at: number }>
  /** What clients saw that they should not have seen, in words. */
  readonly problems: string[]
  readonly env: Readonly<Record<string, string>>
}

export interface Gateway {
  readonly url: string
  /** Of the gateway itself, also where it runs under another program. */
  readonly pid: number
  /** From its start until `/readyz` said yes. */
  readonly readyMs: number
  readonly process: Process
  signal(signal: NodeJS.Signals): void
  /** At once, with no chance to say anything. */
  kill(): Promise<void>
  /** By SIGTERM; answers how it ended. */
  stop(): Promise<Ended>
}

export interface SceneOptions {
  /** Where the store lies; a folder of the scene's own where it is left out. */
  readonly dataDir?: string
  /** Of PostgreSQL, instead of a file in that folder. */
  readonly databaseUrl?: string
  readonly yaml?: string
  /**
   * For an upstream that goes wrong: its seed and its mood. In every way, where the gateway is to `retry` or to
   * `wait`; `held`: its work ends when it is released; `doomed`: and fails then, all at once.
   */
  readonly chaos?: readonly [seed: string, mood: 'retry' | 'wait' | 'held' | 'doomed']
}

export interface StartOptions {
  readonly env?: Readonly<Record<string, string>>
  /** A command line that starts it: `strace -f …`. */
  readonly under?: readonly string[]
}

/** Every wait of the gateway in fractions of a second. */
const hastyYaml = yamlWith({ timeoutMs: 400, giveUpAfterMs: 1_000 })
/** So long that nothing is given up that would have ended well, on however busy a machine. */
export const patientYaml = yamlWith({ timeoutMs: 5_000, giveUpAfterMs: 30_000 })

interface Waits {
  readonly timeoutMs: number
  readonly giveUpAfterMs: number
  readonly ambiguous?: 'retry' | 'wait'
}

export function yamlWith({ timeoutMs, giveUpAfterMs, ambiguous = 'retry' }: Waits): string {
  const pollTask = `{ poll_every: 50ms, give_up_after: ${giveUpAfterMs}ms }`
  return `
upstreams:
  keevx:
    submit: { queue_for: 30s, timeout: ${timeoutMs}ms, attempts: 3, after_429: 50ms, after_5xx: 50ms, ambiguous: ${ambiguous}, in_flight: 16 }
    image: ${pollTask}
    video: ${pollTask}
limits: { requests_per_minute: off, unauthenticated_per_minute: off, tasks_in_flight: off }
media: { store: none }
`
}

/** One who can order without end, and one whose last credits many orders compete for. */
const creditsOf = { rich: 10_000_000, poor: 900 }

const upstreams = new Set<Upstream>()

/** To be called once in every file of faults: whatever it has started ends with it. */
export function endScenesAfterwards(): void {
  afterAll(async () => {
    for (const upstream of upstreams) await upstream.stop()
  })
  cleanUpAfterwards()
}

/** A scene whose gateway has been started once and stopped in order, with its customers in the store. */
export async function openScene(options: SceneOptions = {}): Promise<Scene> {
  const scene = await emptyScene(options)
  const gateway = await start(scene)
  const customers: Customer[] = []
  for (const [name, granted] of Object.entries(creditsOf)) {
    const { id } = await operator(gateway.url, '/accounts', { name, credits: granted })
    const { key } = await operator(gateway.url, `/accounts/${id}/keys`, { name: 'first' })
    customers.push({ accountId: id, key, granted })
  }
  await gateway.stop()
  return { ...scene, customers }
}

/** A scene that has no store yet. */
export async function emptyScene(options: SceneOptions = {}): Promise<Scene> {
  const { dataDir, databaseUrl, yaml = hastyYaml, chaos } = options
  const folder = newFolder()
  writeFileSync(join(folder, 'tollgate.yaml'), yaml)
  const upstream = await startUpstream(join(folder, 'posts.log'), chaos)
  upstreams.add(upstream)
  const env = {
    ADMIN_TOKEN: adminToken,
    KEEVX_API_KEY: 'upstream-key',
    KEEVX_BASE_URL: upstream.url,
    LOG_LEVEL: 'warn',
    DATA_DIR: dataDir ?? join(folder, 'data'),
    ...(databaseUrl !== undefined && {
      DATABASE_URL: databaseUrl,
      SEALING_KEY: Buffer.alloc(32, 'a scene').toString('base64'),
    }),
  }
  const orders = new Map<string, Order>()
  return { folder, upstream, customers: [], orders, ended: new Map(), problems: [], env }
}

export function storeOf({ env }: Scene): string {
  return join(env['DATA_DIR'] ?? '', 'tollgate.db')
}

/** Starts the gateway and waits until it can work; throws with its words where it ends instead. */
export async function start(scene: Scene, options: StartOptions = {}): Promise<Gateway> {
  const gateway = await launch(scene, options)
  if ('url' in gateway) return gateway
  throw new Error(`it ended before it was ready: ${gateway.stderr}${gateway.stdout}`)
}

/** The same where it may end on the way: then answers how it did. */
export async function launch(scene: Scene, options: StartOptions = {}): Promise<Gateway | Ended> {
  const { env, under } = options
  const startedAt = performance.now()
  const process = startCommand(scene.folder, ['serve'], {
    env: { ...scene.env, ...env },
    ...(under && { under }),
  })
  const url = () => /tollgate listens on (\S+)/.exec(process.stderr())?.[1] ?? ''
  const gone = () => process.child.exitCode !== null || process.child.signalCode !== null
  await until(async () => gone() || (url() !== '' && (await ready(url()))), Boolean, startMaxMs)
  if (gone()) return await process.ended
  const readyMs = Math.round(performance.now() - startedAt)
  const pid = innermost(process.child.pid ?? 0)
  const signal = (name: NodeJS.Signals) => void globalThis.process.kill(pid, name)
  const end = async (name: NodeJS.Signals) => {
    if (!gone()) signal(name)
    return await process.ended
  }
  return {
    url: url(),
    pid,
    readyMs,
    process,
    signal,
    kill: async () => void (await end('SIGKILL')),
    stop: async () => await end('SIGTERM'),
  }
}

/** On a machine that does much else at the same time. */
const startMaxMs = 30_000

/** The gateway starts no processes, so it is the last in the line of children. */
function innermost(pid: number): number {
  const children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim()
  return children === '' ? pid : innermost(Number(children.split(' ')[0]))
}
