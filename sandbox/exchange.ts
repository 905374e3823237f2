// Handles one request: finds its route, checks authorization, and sends Keevx's answer.
import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from 'node:http'
import type { Callbacks } from './callbacks.ts'
import { readImageBody } from './image-rules.ts'
import type { Media } from './media.ts'
import { perform, sendReply } from './perform.ts'
import {
  accept,
  refuse,
  refuseKey,
  refuseLength,
  refuseNothing,
  refusePath,
  refuseSource,
} from './replies.ts'
import type { Reply } from './replies.ts'
import type { Rules, Ruling } from './rules.ts'
import type { Script } from './scripted-answers.ts'
import { acceptForSite, describeForSite, readSiteOrder, refuseForSite, uploadForSite } from './site.ts'
import type { Operation, Tasks } from './tasks.ts'
import { uploadBytesMax } from './uploads.ts'
import type { Uploads } from './uploads.ts'
import { readVideoBody } from './video-rules.ts'

export interface ExchangeOptions {
  readonly apiKey: string | null
  readonly tasks: Tasks
  readonly uploads: Uploads
  readonly script: Script
  readonly callbacks: Callbacks
  readonly media: Media
  /** Each is read and judged before the next is: all of them are in memory. */
  readonly uploadsInTurn?: boolean
}

export interface Exchange {
  readonly answer: (request: IncomingMessage, response: ServerResponse) => void
  readonly requests: ReadonlyMap<string, number>
  /** Abandons answers that are still being delayed. */
  stop(): void
}

type Route =
  | {
      readonly kind: 'submit' | 'query'
      readonly operation: Operation
      readonly key: string
      readonly id: string
    }
  | { readonly kind: 'media'; readonly key: string; readonly id: string }
  | { readonly kind: 'upload' | 'none'; readonly key: string; readonly id: string }
  | SiteRoute

/** Of a site of the tasks API, which the sandbox plays beside Keevx. */
interface SiteRoute {
  readonly kind: 'site_submit' | 'site_query' | 'site_upload'
  readonly key: string
  readonly id: string
}

/** A prompt of 1000 characters and seven long URLs are far below. */
const orderBytesMax = 256 * 1024
/** Allowance for a multipart body's boundaries and headers. */
const multipartBytesMax = uploadBytesMax + 64 * 1024

export function createExchange(options: ExchangeOptions): Exchange {
  const requests = new Map<string, number>()
  const stopping = new AbortController()
  let lastUpload: Promise<unknown> = Promise.resolve()

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const route = findRoute(request.method ?? '', (request.url ?? '').split('?', 1)[0] ?? '')
    requests.set(route.key, (requests.get(route.key) ?? 0) + 1)
    if (route.kind === 'media') return options.media.serve(route.id, request, response)
    if (!options.uploadsInTurn || !route.kind.endsWith('upload')) return await take(route, request, response)
    const turn = lastUpload.then(async () => await take(route, request, response))
    lastUpload = turn.catch(() => undefined)
    await turn
  }

  async function take(
    route: Exclude<Route, { kind: 'media' }>,
    request: IncomingMessage,
    response: ServerResponse,
  ): Promise<void> {
    const body = await readBody(request, route.kind.endsWith('upload') ? multipartBytesMax : orderBytesMax)
    if (route.kind === 'none') return sendReply(response, refusePath())
    if (isOfSite(route))
      return sendReply(response, await replyOfSite(options, route, { headers: request.headers, body }))
    const usual = () => reply(options, route, { headers: request.headers, body })
    const scripted = options.script.next(route.kind)
    if (scripted === null) return sendReply(response, await usual())
    await perform(scripted, usual, { response, stopping: stopping.signal })
  }

  return {
    answer: (request, response) => void answer(request, response).catch((error) => confess(response, error)),
    requests,
    stop: () => stopping.abort(),
  }
}

/** A bug in the sandbox or in a script's function must not look like a network fault. */
function confess(response: ServerResponse, error: unknown): void {
  // A client that disconnected during the request gets no answer.
  if (response.headersSent || response.destroyed) response.destroy()
  else sendReply(response, refuseNothing(error))
}

const rules: Readonly<Record<Operation, Rules>> = {
  image_generate: readImageBody,
  image_to_video: readVideoBody,
}

const operations: ReadonlyMap<string, Operation> = new Map(
  (Object.keys(rules) as Operation[]).map((operation) => [operation, operation]),
)

function findRoute(method: string, path: string): Route {
  const [, root, name = '', id, rest] = path.split('/')
  if (root === 'media' && (method === 'GET' || method === 'HEAD') && id === undefined)
    return { kind: 'media', key: 'GET /media/:name', id: name }
  if (method === 'POST' && path === '/v1/figure-resource/upload/file')
    return { kind: 'upload', key: `POST ${path}`, id: '' }
  const site = root === 'v1' ? siteRouteOf(method, path) : null
  if (site) return site
  const operation = operations.get(name)
  if (root === 'v1' && operation !== undefined && rest === undefined) {
    if (method === 'POST' && id === undefined)
      return { kind: 'submit', operation, key: `POST /v1/${operation}`, id: '' }
    if (method === 'GET' && id !== undefined)
      return { kind: 'query', operation, key: `GET /v1/${operation}/:id`, id }
  }
  return { kind: 'none', key: 'no such route', id: '' }
}

function siteRouteOf(method: string, path: string): SiteRoute | null {
  if (method === 'POST' && path === '/v1/tasks/create')
    return { kind: 'site_submit', key: `POST ${path}`, id: '' }
  if (method === 'POST' && path === '/v1/files') return { kind: 'site_upload', key: `POST ${path}`, id: '' }
  const [, id] = /^\/v1\/tasks\/([^/]+)$/.exec(path) ?? []
  return method === 'GET' && id !== undefined ? { kind: 'site_query', key: 'GET /v1/tasks/:id', id } : null
}

const isOfSite = (route: Route): route is SiteRoute => route.kind.startsWith('site_')

/** null: the body exceeds the limit. The rest is read and dropped, so that the client can read the answer. */
async function readBody(request: IncomingMessage, bytesMax: number): Promise<Buffer | null> {
  const parts: Buffer[] = []
  let bytes = 0
  for await (const part of request as AsyncIterable<Buffer>) {
    bytes += part.length
    if (bytes <= bytesMax) parts.push(part)
  }
  return bytes > bytesMax ? null : Buffer.concat(parts)
}

interface Received {
  readonly headers: IncomingHttpHeaders
  readonly body: Buffer | null
}

async function reply(options: ExchangeOptions, route: Route, { headers, body }: Received): Promise<Reply> {
  const asked = 'operation' in route ? route.operation : 'upload'
  if (!isKnown(headers.authorization, options.apiKey)) return refuseKey(asked)
  if (headers['source'] !== 'skill') return refuseSource(asked)
  if (!('operation' in route)) return options.uploads.take(headers['content-type'] ?? '', body)
  if (route.kind === 'query') {
    const data = options.tasks.observe(route.operation, route.id)
    return data === null ? refuse(route.operation, 'not_found', 'task does not exist') : accept(data)
  }
  return body === null ? refuseLength() : submit(options, route.operation, { headers, body })
}

async function replyOfSite(
  { apiKey, tasks, uploads }: ExchangeOptions,
  { kind, id }: SiteRoute,
  { headers, body }: Received,
): Promise<Reply> {
  if (!isKnown(headers.authorization, apiKey)) return refuseForSite('unauthorized', 'Invalid token')
  if (kind === 'site_query') return describeForSite(tasks, id)
  if (kind === 'site_upload') return uploadForSite(await uploads.take(headers['content-type'] ?? '', body))
  const sent = body && parseJson(body)
  const work = readSiteOrder(sent)
  if (!work) return refuseForSite('invalid_request', 'this is no order')
  const made = tasks.accept(work, sent as Record<string, unknown>, pickHeaders(headers))
  const ids = made.map((task) => task.id)
  return acceptForSite({ task_id: ids[0], task_ids: ids, request_id: 'sandbox' })
}

function isKnown(authorization: string | undefined, apiKey: string | null): boolean {
  const key = /^Bearer (\S+)$/.exec(authorization ?? '')?.[1]
  return key !== undefined && (apiKey === null || key === apiKey)
}

function submit(
  options: ExchangeOptions,
  operation: Operation,
  { headers, body: bytes }: Received & { readonly body: Buffer },
): Reply {
  if (!/^application\/json\b/i.test(headers['content-type'] ?? ''))
    return refuse(operation, 'parameter', 'content-type must be application/json')
  const body = parseJson(bytes)
  const ruling = rules[operation](body)
  const final = ruling.kind === 'work' ? lookAtImages(options.uploads, operation, ruling) : ruling
  if (final.kind === 'refused') return refuse(operation, final.refusal, final.detail)
  const made = options.tasks.accept(final.work, body as Record<string, unknown>, pickHeaders(headers))
  options.callbacks.expect(made)
  return accept({ task_ids: made.map((task) => task.id) })
}

const strictText = new TextDecoder('utf-8', { fatal: true })

function parseJson(bytes: Buffer): unknown {
  try {
    return JSON.parse(strictText.decode(bytes))
  } catch {
    return undefined
  }
}

/** Only images uploaded to the sandbox itself can be checked. */
function lookAtImages(uploads: Uploads, operation: Operation, ruling: Ruling & { kind: 'work' }): Ruling {
  for (const url of ruling.imageUrls) {
    const refusal = uploads.judge(url, operation)
    if (refusal !== null) return { kind: 'refused', refusal, detail: url }
  }
  return ruling
}

function pickHeaders(headers: IncomingHttpHeaders): Record<string, string> {
  const {
    authorization = '',
    source = '',
    'content-type': contentType = '',
    'user-agent': agent = '',
  } = headers
  return { authorization, source: String(source), 'content-type': contentType, 'user-agent': agent }
}
