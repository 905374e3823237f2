// Small servers on loopback that answer as a test wants, to the byte, and remember what was asked.
import { createServer, type IncomingHttpHeaders, type ServerResponse } from 'node:http'
import { createServer as createSocketServer, type AddressInfo, type Server, type Socket } from 'node:net'
import { onTestFinished } from 'vitest'
import type { CallResult } from '../../src/upstream/call.ts'
import { createClient } from '../../src/upstream/client.ts'
import type { Adapter, Observation, Order, SubmitOutcome } from '../../src/upstream/adapter.ts'
import { createKeevxAdapter, type KeevxSettings } from '../../src/upstream/keevx/keevx.ts'

export const key = 'kx-0123456789abcdef'

/** To wait for an answer that does not come. */
export const shortMs = 250
/** For answers that do, however busy the machine is. */
const patientMs = 60_000

/** Settings of an adapter whose calls are to run out of time. */
export const hasty = { submitTimeoutMs: shortMs, queryTimeoutMs: shortMs, uploadTimeoutMs: shortMs } as const

export interface Asked {
  readonly method: string
  readonly path: string
  readonly headers: IncomingHttpHeaders
  readonly body: Buffer
}

export interface StandIn {
  readonly url: string
  readonly asked: Asked[]
  /** How many connections were made. */
  connections(): number
}

/** An HTTP server; `answer` is called when a request is there in full. */
export async function standIn(answer: (response: ServerResponse, asked: Asked) => void): Promise<StandIn> {
  const asked: Asked[] = []
  const server = createServer((request, response) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => {
      const { method = '', url = '', headers } = request
      const one = { method, path: url, headers, body: Buffer.concat(chunks) }
      asked.push(one)
      answer(response, one)
    })
  })
  const { url, connections } = await listen(server)
  onTestFinished(() => server.closeAllConnections())
  return { url, asked, connections }
}

/** A server of bare sockets; `answer` is called once the request's last byte can be presumed there. */
export async function rawStandIn(
  answer: (socket: Socket) => void,
): Promise<{ url: string; connections(): number }> {
  const server = createSocketServer((socket) => {
    socket.on('error', () => {})
    socket.once('data', () => answer(socket))
    onTestFinished(() => void socket.destroy())
  })
  return listen(server)
}

async function listen(server: Server): Promise<{ url: string; connections(): number }> {
  let connections = 0
  server.on('connection', () => {
    connections += 1
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => void server.close())
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, connections: () => connections }
}

/** A port that nobody listens on any more. */
export async function closedUrl(): Promise<string> {
  const server = createSocketServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  await new Promise<void>((resolve) => server.close(() => resolve()))
  return `http://127.0.0.1:${port}`
}

export function adapterFor(url: string, settings: Partial<KeevxSettings> = {}): Adapter {
  const adapter = createKeevxAdapter({
    baseUrl: `${url}/v1`,
    source: 'skill',
    submitTimeoutMs: patientMs,
    queryTimeoutMs: patientMs,
    uploadTimeoutMs: patientMs,
    ...settings,
  })
  onTestFinished(() => adapter.close())
  return adapter
}

export const imageOrder: Order = {
  operation: 'image_generate',
  params: { module: 'pro' },
  prompt: 'a zen garden',
  imageUrls: [],
  endImageUrl: null,
  aspectRatio: '16:9',
  resolution: '2K',
  durationSeconds: null,
  generateAudio: null,
  count: 2,
}

export const videoOrder: Order = {
  operation: 'image_to_video',
  params: { model: 'V' },
  prompt: 'waves',
  imageUrls: ['https://example.com/a.jpg'],
  endImageUrl: null,
  aspectRatio: '16:9',
  resolution: '1080p',
  durationSeconds: 6,
  generateAudio: true,
  count: 1,
}

export type Which = 'image' | 'video'

export const orders: Record<Which, Order> = { image: imageOrder, video: videoOrder }

const never = new AbortController().signal

export function submitTo(adapter: Adapter, which: Which = 'image', signal = never): Promise<SubmitOutcome> {
  return adapter.submit(orders[which], { key, signal, orderKey: 'req_1-1', callbackUrl: null })
}

/** One submit to a server that answers so. */
export async function submitAnswered(
  which: Which,
  status: number,
  body: unknown,
  headers: Record<string, string> = {},
  settings: Partial<KeevxSettings> = {},
): Promise<SubmitOutcome> {
  const { url } = await standIn((response) => reply(response, status, body, headers))
  return submitTo(adapterFor(url, settings), which)
}

export function fetchFrom(
  adapter: Adapter,
  which: Which,
  upstreamTaskId: string,
  signal = never,
): Promise<Observation> {
  return adapter.fetch({ operation: orders[which].operation, upstreamTaskId }, { key, signal })
}

/** One query to a server that answers so. */
export async function fetchAnswered(
  which: Which,
  status: number,
  body: unknown,
  headers: Record<string, string> = {},
): Promise<Observation> {
  const { url } = await standIn((response) => reply(response, status, body, headers))
  return fetchFrom(adapterFor(url), which, 'task-1')
}

/** A text or bytes as they are, anything else as JSON. */
export function reply(
  response: ServerResponse,
  status: number,
  body: unknown,
  headers: Record<string, string> = {},
) {
  const raw = typeof body === 'string' || Buffer.isBuffer(body)
  response.writeHead(status, { 'content-type': 'application/json', ...headers })
  response.end(raw ? body : JSON.stringify(body))
}

/** One call to a server, by a client of its own. */
export function ask(
  url: string,
  options: { timeoutMs?: number; reuse?: boolean; signal?: AbortSignal } = {},
): Promise<CallResult> {
  const { timeoutMs = patientMs, reuse = false, signal = new AbortController().signal } = options
  const client = createClient({ reuse, connectTimeoutMs: timeoutMs })
  onTestFinished(() => client.close())
  const call = {
    method: 'POST',
    url: `${url}/x?y=1`,
    headers: {},
    body: '{"a":1}',
    timeoutMs,
    signal,
  } as const
  return client.call(call)
}
