// What stands between gateways and the world: an upstream whose orders are counted, a load balancer.
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { buffer } from 'node:stream/consumers'
import { inspect } from 'node:util'
import { onTestFinished } from 'vitest'
import { until } from '../support/gateway.ts'
import { startSandbox } from '../../sandbox/sandbox.ts'
import type { Sandbox } from '../../sandbox/sandbox.ts'

interface Passed {
  readonly status: number
  readonly text: string
  /** What was in the body of the request. */
  readonly sent?: any
}

/** Sends a request on to another origin. */
async function passOn(request: IncomingMessage, origin: string): Promise<Passed> {
  const { authorization = '', source = '', 'content-type': type = 'application/json' } = request.headers
  const method = request.method ?? 'GET'
  const body = method === 'POST' ? new Uint8Array(await buffer(request)) : null
  const headers = { authorization, source: String(source), 'content-type': type }
  const answer = await fetch(`${origin}${request.url}`, { method, headers, body })
  const sent: unknown = body && JSON.parse(Buffer.from(body).toString())
  return { status: answer.status, text: await answer.text(), sent }
}

interface Served {
  readonly url: string
  /** Requests that nothing answered, and why. */
  readonly failures: readonly string[]
}

async function serve(answer: (request: IncomingMessage) => Promise<Passed>): Promise<Served> {
  const failures: string[] = []
  const respond = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const { status, text } = await answer(request)
    response.writeHead(status, { 'content-type': 'application/json' }).end(text)
  }
  const server = createServer((request, response) => {
    respond(request, response).catch((error: unknown) => {
      failures.push(`${request.method} ${request.url}: ${inspect(error)}`)
      response.destroy()
    })
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => void server.close())
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, failures }
}

export interface CountedUpstream {
  /** Its base URL. */
  readonly url: string
  readonly sandbox: Sandbox
  /** The most orders that were under way at once. */
  most(): number
}

interface CountedOptions {
  /** An order is made, its callback is heard, and then it is answered 500. */
  readonly answeredBy?: Balancer
}

/** Closed when the test ends. */
export async function startCounted({ answeredBy }: CountedOptions = {}): Promise<CountedUpstream> {
  const sandbox = await startSandbox({ apiKey: 'upstream-key', imageMs: 30 })
  if (!answeredBy) sandbox.always('submit', { kind: 'delay', ms: 250 })
  const { origin } = new URL(sandbox.baseUrl)
  let [open, most] = [0, 0]
  const { url } = await serve(async (request) => {
    const isOrder = request.method === 'POST'
    if (isOrder) most = Math.max(most, (open += 1))
    const { status, text, sent } = await passOn(request, origin)
    if (isOrder && answeredBy) await answeredBy.heard(String(sent?.callback_url))
    if (isOrder) open -= 1
    if (isOrder && answeredBy) return { status: 500, text: 'Internal Server Error' }
    // Results elsewhere than at the upstream that is configured are taken for a trap.
    return { status, text: text.replaceAll(origin, `http://${request.headers.host}`) }
  })
  onTestFinished(async () => await sandbox.close())
  return { url: `${url}/v1`, sandbox, most: () => most }
}

export interface Balancer extends Served {
  /** The gateways that it sends requests to, one after another. */
  readonly origins: string[]
  /** Resolves when a request to this URL was answered. */
  heard(url: string): Promise<void>
}

export async function startBalancer(): Promise<Balancer> {
  const origins: string[] = []
  let turn = 0
  const heard = new Set<string>()
  const { url, failures } = await serve(async (request) => {
    const passed = await passOn(request, origins[turn++ % origins.length] ?? '')
    heard.add(request.url ?? '')
    return passed
  })
  return {
    url,
    origins,
    failures,
    heard: async (of) => void (await until(() => heard.has(new URL(of).pathname), Boolean)),
  }
}
