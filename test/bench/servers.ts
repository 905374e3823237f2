// The two opponents as processes of their own: the gateway as an operator runs it, and the floor.
import { spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync } from 'node:fs'
import { createServer } from 'node:net'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'

export interface Opponent {
  readonly name: string
  readonly url: string
  readonly key: string
  readonly pid: number
  stop(): Promise<void>
}

export interface Gateway extends Opponent {
  readonly upstreamUrl: string
}

/** What the gateway is started with: both are files of this folder. */
interface Setting {
  readonly upstream: 'upstream.ts' | 'sandbox.ts'
  readonly config: 'tollgate.yaml' | 'soak.yaml' | 'lives.yaml'
  /** What the upstream is started with. */
  readonly arguments?: readonly string[]
  /** One that stays between starts of a store: works that it was ordered are asked for at its address. */
  readonly upstreamUrl?: string
  /** Left out: a SQLite file in its folder. */
  readonly databaseUrl?: string
  /** Whether the upstream can reach the gateway, and so tells it when a task has ended. */
  readonly callbacks: boolean
}

const root = fileURLToPath(new URL('../..', import.meta.url))
export const adminToken = 'the-benchmark-needs-an-admin-token-too'
const plenty = 1_000_000_000_000
/** `image.poll_every` of Keevx. */
const leanPollsAfterMs = 10_000

/** In a process of its own: in this one it would take its time from whoever asks the gateway. */
export async function startUpstream({
  upstream,
  arguments: words = [],
}: Pick<Setting, 'upstream' | 'arguments'>): Promise<{ readonly url: string; stop(): Promise<void> }> {
  const child = spawn(process.execPath, [join(root, 'test/bench', upstream), ...words], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  return { url: await firstMatch(child, /^(http:\S+)/), stop: () => end(child) }
}

export async function startFloor(folder: string): Promise<Opponent> {
  const key = 'sk-floor'
  mkdirSync(folder, { recursive: true })
  const child = spawn(process.execPath, [join(root, 'test/bench/floor.ts'), folder, key], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const url = await firstMatch(child, /^(http:\S+)/)
  return { name: 'floor', url, key, pid: pidOf(child), stop: () => end(child) }
}

/** The lean program in the gateway's place: it polls after as long as the gateway does. */
export async function startLean(
  folder: string,
  setting: Pick<Setting, 'upstream' | 'arguments'>,
): Promise<Gateway> {
  mkdirSync(folder, { recursive: true })
  const upstream = await startUpstream(setting)
  const key = 'sk-lean'
  const words = [folder, key, upstream.url, String(leanPollsAfterMs)]
  const child = spawn(
    process.execPath,
    ['--max-semi-space-size=16', join(root, 'test/bench/lean.ts'), ...words],
    {
      stdio: ['ignore', 'pipe', 'inherit'],
    },
  )
  const url = await firstMatch(child, /^(http:\S+)/)
  return {
    name: 'lean',
    url,
    key,
    pid: pidOf(child),
    upstreamUrl: upstream.url,
    async stop() {
      await end(child)
      await upstream.stop()
    },
  }
}

export async function startGateway(
  folder: string,
  setting: Setting = { upstream: 'upstream.ts', config: 'tollgate.yaml', callbacks: false },
): Promise<Gateway> {
  mkdirSync(folder, { recursive: true })
  const upstream = setting.upstreamUrl === undefined ? await startUpstream(setting) : null
  const upstreamUrl = setting.upstreamUrl ?? upstream?.url ?? ''
  const port = String(await freePort())
  const child = spawn(
    process.execPath,
    ['--max-semi-space-size=16', '--max-old-space-size=1024', join(root, 'src/main.ts'), 'serve', '--orphan'],
    {
      cwd: folder,
      env: {
        ...process.env,
        PORT: port,
        ...(setting.databaseUrl !== undefined && {
          DATABASE_URL: setting.databaseUrl,
          SEALING_KEY: sealingKey,
        }),
        ...(setting.callbacks && { PUBLIC_URL: `http://127.0.0.1:${port}` }),
        ADMIN_TOKEN: adminToken,
        KEEVX_API_KEY: 'bench',
        KEEVX_BASE_URL: upstreamUrl,
        TOLLGATE_CONFIG: join(root, 'test/bench', setting.config),
      },
      stdio: ['ignore', 'pipe', 'inherit'],
    },
  )
  const url = await firstMatch(child, /"url":"(http:[^"]+)"/).catch(async (error: unknown) => {
    await upstream?.stop()
    throw error
  })
  child.stdout?.resume()
  const account = await operator(url, '/accounts', { name: 'bench', credits: plenty })
  const { key } = await operator(url, `/accounts/${account.id}/keys`, { name: 'bench' })
  return {
    name: 'gateway',
    url,
    key,
    pid: pidOf(child),
    upstreamUrl,
    async stop() {
      await end(child)
      await upstream?.stop()
    },
  }
}

/** Gateways on PostgreSQL ask for one. */
const sealingKey = Buffer.alloc(32, 'bench').toString('base64')

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  return port
}

export async function operator(
  url: string,
  path: string,
  body: object,
): Promise<{ id: string; key: string }> {
  const response = await fetch(`${url}/admin/v1${path}`, {
    method: 'POST',
    headers: { authorization: `Bearer ${adminToken}`, 'content-type': 'application/json' },
    body: JSON.stringify(body),
  })
  const { data } = (await response.json()) as { data: { id: string; key: string } }
  return data
}

async function firstMatch(child: ChildProcess, form: RegExp): Promise<string> {
  if (!child.stdout) throw new Error('no output to read')
  for await (const line of createInterface({ input: child.stdout })) {
    const found = form.exec(line)?.[1]
    if (found) return found
  }
  throw new Error('it ended before it listened')
}

function pidOf(child: ChildProcess): number {
  if (child.pid === undefined) throw new Error('the process did not start')
  return child.pid
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null) return
  child.kill('SIGTERM')
  await once(child, 'exit')
}

/** Of `/metrics`, all labels together; 0 while a counter with labels has not counted. */
export async function metricOf({ url }: Gateway, name: string): Promise<number> {
  const text = await (await fetch(`${url}/metrics`)).text()
  const lines = [...text.matchAll(new RegExp(String.raw`^${name}(?:\{[^}]*\})? (\S+)$`, 'gm'))]
  return lines.reduce((sum, [, value]) => sum + Number(value), 0)
}
