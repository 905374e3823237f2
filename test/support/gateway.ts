// A whole gateway for a test: real HTTP, a real database in a folder of its own, the sandbox Keevx over loopback.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startApp } from '../../src/app/app.ts'
import type { App } from '../../src/app/app.ts'
import { loadConfig } from '../../src/config/config.ts'
import type { Clock } from '../../src/clock.ts'
import type { MemoryUse } from '../../src/http/bodies/memory.ts'
import type { ServerBounds } from '../../src/http/connections/front.ts'
import { createLog } from '../../src/log.ts'
import { refreshSites } from '../../src/upstream/openapi/catalogue.ts'
import { startSandboxFor } from '../../src/cli/with-sandbox.ts'
import { startSandbox } from '../../sandbox/sandbox.ts'
import type { Sandbox, SandboxOptions } from '../../sandbox/sandbox.ts'
import { withAllModels } from './all-models.ts'
import type { TestStore } from './stores/dialect.ts'
import { discardStore, openTestStore, placeFreshStore, storeEnvironment } from './test-store.ts'

export const adminToken = 'an-admin-token-of-more-than-32-characters'

interface Limits {
  readonly queueFor: string
  readonly timeout: string
  readonly giveUpAfter: string
}

const yamlWith = ({ queueFor, timeout, giveUpAfter }: Limits) => `
upstreams:
  keevx:
    adapter: keevx
    submit: { queue_for: ${queueFor}, timeout: ${timeout}, attempts: 3, after_429: 100ms, after_5xx: 50ms, ambiguous: retry, in_flight: 16 }
    image: { poll_every: 30ms, give_up_after: ${giveUpAfter} }
    video: { poll_every: 30ms, give_up_after: ${giveUpAfter} }
limits: { requests_per_minute: off, unauthenticated_per_minute: off, tasks_in_flight: off }
media: { store: none }
catalog: keevx
`

/**
 * All built-in models, and Keevx's pauses, a hundred times shorter. The limits are not: on a busy machine everything may take seconds,
 * and a test of a limit turns the clock or names a limit of its own.
 */
export const quickYaml = yamlWith({ queueFor: '5m', timeout: '30s', giveUpAfter: '5m' })

/** For tests that turn the clock themselves: limits that are soon reached by turning it. */
export const shortLimitsYaml = yamlWith({ queueFor: '20s', timeout: '1s', giveUpAfter: '3s' })

export interface GatewayOptions {
  /** tollgate.yaml, whole; `quickYaml` where it is left out. */
  readonly yaml?: string
  readonly env?: Record<string, string>
  readonly clock?: Clock
  /** A store that exists, instead of a new one in the gateway's folder. */
  readonly store?: TestStore
  /** How long a stop answers requests where other instances go on; not at all by default. */
  readonly drainMs?: number
  /** Of connections and load, other than those of a gateway at work. */
  readonly bounds?: ServerBounds
  /** As `serve --new-sealing-key` does. */
  readonly newSealingKey?: boolean
  readonly sandbox?: SandboxOptions
  /** Of the sandbox behind test keys. */
  readonly testSandbox?: SandboxOptions
  /** Instead of a sandbox of its own: the base URL of another upstream. */
  readonly upstreamUrl?: string
  /** Lines of the log, as they are written. */
  readonly onLog?: (line: string) => void
  /** What the process may take of memory. */
  readonly memory?: MemoryUse
}

export interface Gateway {
  readonly app: App
  readonly url: string
  readonly sandbox: Sandbox
  readonly folder: string
  /** Its store from outside: what is stored, and a way to change or damage it. */
  readonly store: TestStore
  call(method: string, path: string, options?: CallOptions): Promise<Answer>
  operator(method: string, path: string, body?: unknown): Promise<Answer>
  /** An account with credits and a key. */
  customer(credits?: number): Promise<Customer>
  /** Stops the gateway and starts another on the same store, with the same sandbox. */
  restart(meanwhile?: () => void): Promise<void>
  stop(): Promise<void>
}

export interface CallOptions {
  readonly key?: string
  readonly body?: unknown
  readonly headers?: Record<string, string>
}

export interface Answer {
  readonly status: number
  readonly headers: Headers
  readonly text: string
  readonly json: any
}

export interface Customer {
  readonly accountId: string
  readonly key: string
  create(body: unknown, headers?: Record<string, string>): Promise<Answer>
  get(path: string, headers?: Record<string, string>): Promise<Answer>
  task(id: string): Promise<Answer['json']>
  /** The task once it has ended, or an error after `untilMaxMs`. */
  ended(id: string): Promise<Answer['json']>
  /** The task once its result is served by the gateway: a busy machine may pass it on first and keep it later. */
  kept(id: string): Promise<Answer['json']>
  balance(): Promise<number>
}

export async function startGateway(options: GatewayOptions = {}): Promise<Gateway> {
  const folder = mkdtempSync(join(tmpdir(), 'tollgate-test-'))
  writeFileSync(join(folder, 'tollgate.yaml'), withAllModels(options.yaml ?? quickYaml))
  const sandbox = await startSandbox({ apiKey: 'upstream-key', imageMs: 50, videoMs: 80, ...options.sandbox })
  const config = loadConfig({
    cwd: folder,
    env: {
      PORT: '0',
      KEEVX_API_KEY: 'upstream-key',
      KEEVX_BASE_URL: options.upstreamUrl ?? sandbox.baseUrl,
      ADMIN_TOKEN: adminToken,
      ...storeEnvironment(options.store),
      ...options.env,
    },
  })
  const level = options.onLog ? 'debug' : 'silent'
  const start = async () => {
    await refreshSites(config)
    return await startApp({
      config,
      startTestUpstream: async (settings) => {
        const quick = { imageMs: 50, videoMs: 80, ...options.testSandbox }
        const started = await startSandboxFor(settings, quick)
        return { config: started.sandboxConfig, close: async () => await started.sandbox.close() }
      },
      log: createLog(level, { write: options.onLog ?? (() => undefined) }),
      ...(options.clock && { clock: options.clock }),
      ...(options.memory && { memory: options.memory }),
      ...(options.bounds && { bounds: options.bounds }),
      drainMs: options.drainMs ?? 0,
      newSealingKey: options.newSealingKey ?? false,
    })
  }
  const store = options.store ?? openTestStore(config.databaseUrl)
  await placeFreshStore(config.databaseUrl)
  let app = await start()

  const call = (method: string, path: string, callOptions: CallOptions = {}) =>
    request(`${app.url}${path}`, method, callOptions)
  const operator = (method: string, path: string, body?: unknown) =>
    call(method, `/admin/v1${path}`, { key: adminToken, ...(body === undefined ? {} : { body }) })

  return {
    get app() {
      return app
    },
    get url() {
      return app.url
    },
    sandbox,
    folder,
    store,
    call,
    operator,
    customer: (credits = 1_000) => customer(call, operator, credits),
    async restart(meanwhile) {
      await app.stop()
      meanwhile?.()
      app = await start()
    },
    async stop() {
      await store.close()
      await app.stop()
      await sandbox.close()
      if (!options.store) await discardStore(config.databaseUrl)
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

async function request(url: string, method: string, { key, body, headers }: CallOptions): Promise<Answer> {
  const response = await fetch(url, {
    method,
    headers: {
      ...(key !== undefined && { authorization: `Bearer ${key}` }),
      ...(body !== undefined && { 'content-type': 'application/json' }),
      ...headers,
    },
    ...(body !== undefined && { body: typeof body === 'string' ? body : JSON.stringify(body) }),
  })
  const text = await response.text()
  return { status: response.status, headers: response.headers, text, json: parse(text) }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}

async function customer(
  call: Gateway['call'],
  operator: Gateway['operator'],
  credits: number,
): Promise<Customer> {
  const body = credits === 0 ? { name: 'customer' } : { name: 'customer', credits }
  const accountId = (await admitted(() => operator('POST', '/accounts', body))).id
  const { key } = await admitted(() => operator('POST', `/accounts/${accountId}/keys`, { name: 'test' }))
  const get = (path: string, headers?: Record<string, string>) =>
    call('GET', `/api/v1${path}`, { key, ...(headers && { headers }) })
  const task = (id: string) => admitted(() => get(`/tasks/${id}`))
  return {
    accountId,
    key,
    create: (order, headers) =>
      call('POST', '/api/v1/tasks/create', { key, body: order, ...(headers && { headers }) }),
    get,
    task,
    ended: async (id) =>
      await until(
        async () => await task(id),
        (found) => found.task_status >= 3,
      ),
    kept: async (id) =>
      await until(
        async () => await task(id),
        (found) => keptUrl.test(String(found.image_url ?? found.video_url)),
      ),
    balance: async () => (await admitted(() => get('/credits'))).balance,
  }
}

/** The name of a kept file says nothing of its task, and cannot be guessed. */
export const keptUrl = /\/media\/[\w-]{32}\.\w+$/

/** The data of an answer. A busy gateway may answer 503, which did nothing: the same is asked again. */
export async function admitted(ask: () => Promise<Answer>): Promise<Answer['json']> {
  return (await until(ask, ({ status }) => status !== 503)).json.data
}

/** Far more than anything takes; only a test that fails waits for so long. */
const untilMaxMs = 120_000
/** First after a moment, then ever more rarely: hundreds of tests that look together would keep the cores busy. */
const untilEveryMinMs = 5
const untilEveryMaxMs = 100
const untilSlower = 1.3

/** Looks until what is seen will do; fails with what was seen last. */
export async function until<Seen>(
  look: () => Promise<Seen> | Seen,
  willDo: (seen: Seen) => boolean,
  maxMs = untilMaxMs,
): Promise<Seen> {
  const deadline = Date.now() + maxMs
  for (let everyMs = untilEveryMinMs; ; everyMs = Math.min(untilEveryMaxMs, everyMs * untilSlower)) {
    const seen = await look()
    if (willDo(seen)) return seen
    if (Date.now() > deadline)
      throw new Error(`waited ${maxMs} ms in vain; last seen: ${JSON.stringify(seen)}`)
    await new Promise((resolve) => setTimeout(resolve, everyMs))
  }
}
