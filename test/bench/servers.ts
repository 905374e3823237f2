// The two opponents as processes of their own: the gateway as an operator runs it, and the floor.
import { spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'

export interface Opponent {
  readonly name: string
  readonly url: string
  readonly key: string
  stop(): Promise<void>
}

const root = fileURLToPath(new URL('../..', import.meta.url))
const adminToken = 'the-benchmark-needs-an-admin-token-too'
const plenty = 1_000_000_000_000
/** Keevx is a service on the internet: a submit takes a while, and the gateway must not mind. */
const upstreamDelayMs = 300

export async function startFloor(folder: string): Promise<Opponent> {
  const key = 'sk-floor'
  mkdirSync(folder, { recursive: true })
  const child = spawn(process.execPath, [join(root, 'test/bench/floor.ts'), folder, key], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const url = await firstMatch(child, /^(http:\S+)/)
  return { name: 'floor', url, key, stop: () => end(child) }
}

export async function startGateway(folder: string): Promise<Opponent> {
  mkdirSync(folder, { recursive: true })
  const upstream = await startUpstream()
  const child = spawn(process.execPath, [join(root, 'src/main.ts'), 'serve'], {
    cwd: folder,
    env: {
      ...process.env,
      PORT: '0',
      ADMIN_TOKEN: adminToken,
      KEEVX_API_KEY: 'bench',
      KEEVX_BASE_URL: upstream.url,
      TOLLGATE_CONFIG: join(root, 'test/bench/tollgate.yaml'),
    },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const url = await firstMatch(child, /"url":"(http:[^"]+)"/)
  child.stdout?.resume()
  const account = await operator(url, '/accounts', { name: 'bench', credits: plenty })
  const { key } = await operator(url, `/accounts/${account.id}/keys`, { name: 'bench' })
  return {
    name: 'gateway',
    url,
    key,
    async stop() {
      await end(child)
      upstream.stop()
    },
  }
}

/** Takes every order after a pause, and says of every task that it is being made. */
async function startUpstream(): Promise<{ url: string; stop(): void }> {
  let count = 0
  const server = createServer((request, response) => {
    request.resume()
    response.setHeader('content-type', 'application/json')
    if (request.method === 'GET') {
      const task_id = request.url?.split('/').at(-1)
      response.end(
        JSON.stringify({ code: 0, msg: 'ok', data: { task_id, status: 'GENERATING', image_url: '' } }),
      )
      return
    }
    count += 1
    const body = JSON.stringify({ code: 0, msg: 'ok', data: { task_ids: [`bench-${count}`] } })
    setTimeout(() => response.end(body), upstreamDelayMs)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  return {
    url: `http://127.0.0.1:${port}/v1`,
    stop() {
      server.close()
      server.closeAllConnections()
    },
  }
}

async function operator(url: string, path: string, body: object): Promise<{ id: string; key: string }> {
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

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null) return
  child.kill('SIGTERM')
  await once(child, 'exit')
}
