// Serves kept files to anyone with the URL: whole or a range, with headers that keep scripts from running.
import type { Readable } from 'node:stream'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { Context } from '../context.ts'
import { GatewayError } from '../errors.ts'
import { mediaPath } from '../media/keep.ts'
import { attachment, isMediaName } from '../media/stores/blob-store.ts'
import type { ByteRange, BlobStore } from '../media/stores/blob-store.ts'
import { blobStoreOf } from '../media/stores/blob-stores.ts'
import { servedFile } from '../media/served.ts'
import type { ServedFile } from '../media/served.ts'
import { VolumeStalled } from '../media/volume/turns.ts'
import type { Connections } from './connections/connections.ts'
import { sendFailure } from './wire/failure.ts'
import { noSuchPath } from './wire/refusals.ts'
import { answerMediaOptions } from './wire/headers/cors.ts'
import { isKnown } from './wire/headers/etag.ts'

/** With `Connections`, which counts open file descriptors. */
export type MediaContext = Context & { readonly connections: Pick<Connections, 'openFile'> }

interface MediaRoute {
  readonly Params: { readonly name: string }
  readonly Querystring: { readonly download?: unknown }
}

/** No key required: the file name is an unguessable secret. */
export function addMediaRoutes(
  scope: FastifyInstance,
  ctx: Context,
  connections: Pick<Connections, 'openFile'>,
): void {
  // Also handles a read error before the first byte, after the handler has returned.
  scope.setErrorHandler(async (error, _request, reply) => {
    await sendFailure(reply, error instanceof GatewayError ? error : unreadable(error))
  })
  scope.route<MediaRoute>({
    method: ['GET', 'HEAD', 'OPTIONS'],
    url: `${mediaPath}/:name`,
    handler: async (request, reply) =>
      request.method === 'OPTIONS'
        ? await answerMediaOptions(reply)
        : await serve({ ...ctx, connections }, request, reply),
  })
}

async function serve(
  ctx: MediaContext,
  request: FastifyRequest<MediaRoute>,
  reply: FastifyReply,
): Promise<FastifyReply> {
  const { name } = request.params
  const file = isMediaName(name) ? await servedFile(ctx.db.read, name) : null
  if (!file) return await notFound(reply)
  const saveAs = 'download' in request.query ? file.saveAs : null
  return await sendKeptFile(ctx, { file, saveAs }, reply)
}

export interface Shown {
  readonly file: ServedFile
  /** Null: it is shown, not saved. */
  readonly saveAs: string | null
  /** Its URL needs a key: no shared cache may keep it. */
  readonly isPrivate?: true
}

/** Sends a kept file, whole or a range; or leads to it where its store has URLs of its own. */
export async function sendKeptFile(
  ctx: MediaContext,
  { file, saveAs, isPrivate }: Shown,
  reply: FastifyReply,
): Promise<FastifyReply> {
  const { request } = reply
  const { name } = file
  const blobs = blobStoreOf(ctx, file.store)
  if (!blobs) return await notFound(reply)
  const link = await blobs.link(name, request.method === 'HEAD' ? 'HEAD' : 'GET', saveAs)
  // The target URL works only for minutes, so the redirect must not be cached.
  if (link !== null) return await reply.header('cache-control', 'no-store').redirect(link, 302)
  const lifetimeMs = file.dueAt - ctx.clock.now()
  const headers = {
    ...headersOf(file, { saveAs, lifetimeMs }),
    ...(isPrivate && { 'cache-control': 'private, no-store' }),
  }
  return await send(ctx, { file, blobs, headers }, reply)
}

interface Served {
  readonly file: ServedFile
  readonly blobs: BlobStore
  readonly headers: Readonly<Record<string, string>>
}

async function send(
  ctx: MediaContext,
  { file, blobs, headers }: Served,
  reply: FastifyReply,
): Promise<FastifyReply> {
  const { request } = reply
  const { bytes } = file
  const { etag = '' } = headers
  if (isKnown(request, etag)) {
    return await reply.headers(headers).code(304).send()
  }
  const range = rangeOf(request, bytes, etag)
  if (range === 'unsatisfiable') {
    return await reply
      .headers(headers)
      .type('text/plain; charset=utf-8')
      .header('cache-control', 'no-store')
      .header('content-range', `bytes */${bytes}`)
      .code(416)
      .send('')
  }
  const { first, last } = range ?? { first: 0, last: bytes - 1 }
  const body = await open(ctx, { file, blobs, range: { first, last } }, reply)
  if (!body) return await notFound(reply)
  reply.headers(headers).header('content-length', last - first + 1)
  if (range) reply.header('content-range', `bytes ${first}-${last}/${bytes}`)
  reply.code(range ? 206 : 200)
  if (request.method !== 'HEAD') return await reply.send(body)
  body.destroy()
  return await reply.send()
}

interface ServedPart {
  readonly file: ServedFile
  readonly blobs: BlobStore
  readonly range: ByteRange
}

/** Null, with a log entry, if the row exists and the file does not. Closed if the client disconnects. */
async function open(
  ctx: MediaContext,
  { file, blobs, range }: ServedPart,
  { request, raw }: FastifyReply,
): Promise<Readable | null> {
  const gone = new AbortController()
  raw.once('close', () => gone.abort())
  const { signal } = gone
  const letGo = ctx.connections.openFile(request.raw.socket)
  if (!letGo) throw tooManyReaders()
  const body = await blobs.read(file, range, signal).catch((cause: unknown) => {
    letGo()
    throw unreadable(cause)
  })
  if (body) {
    body.once('close', letGo)
    // The client may have disconnected while the file was opened.
    if (signal.aborted) body.destroy()
    else signal.addEventListener('abort', () => void body.destroy())
  } else letGo()
  if (!body)
    ctx.log.error({ req: request.id, store: file.store }, 'a file that was kept is not there any more')
  // A waiting client sees its connection break, and a client that left is no error: debug level is enough.
  body?.on('error', (error) =>
    request.log.debug({ req: request.id, err: error }, 'a file was not read to its end'),
  )
  return body
}

/** Caches treat this as forever. */
const yearSeconds = 31_536_000

/** The file never changes, and no cache may keep it longer than we promised to keep it ourselves. */
function cacheControl(lifetimeMs: number): string {
  const seconds = Math.min(Math.floor(lifetimeMs / 1000), yearSeconds)
  return seconds > 0 ? `public, max-age=${seconds}, immutable` : 'no-store'
}

function headersOf(
  file: ServedFile,
  { saveAs, lifetimeMs }: { readonly saveAs: string | null; readonly lifetimeMs: number },
): Record<string, string> {
  return {
    'content-type': file.contentType,
    etag: `"${file.name}"`,
    'accept-ranges': 'bytes',
    'cache-control': cacheControl(lifetimeMs),
    ...(saveAs !== null && { 'content-disposition': attachment(saveAs) }),
    // Prevents scripts from running, also if the file is opened directly.
    'content-security-policy': "default-src 'none'; sandbox",
    'x-content-type-options': 'nosniff',
    // Customers embed the files in their own pages.
    'cross-origin-resource-policy': 'cross-origin',
  }
}

export const tooManyReaders = () =>
  new GatewayError(
    'unavailable',
    {
      en: 'Too many files are being sent at the moment; the task and its price are unchanged. Try again in a few seconds.',
      zh: '当前下载过多;任务及其积分不受影响。请稍后重试。',
    },
    { retryAfterMs: 5_000 },
  )

const unreadable = (cause: unknown) => (cause instanceof VolumeStalled ? noAnswer(cause) : broken(cause))

const noAnswer = (cause: unknown) =>
  new GatewayError(
    'unavailable',
    {
      en: 'The disk that holds results does not answer at the moment; the task and its price are unchanged. Try again in a minute.',
      zh: '存放结果的磁盘暂时没有响应;任务及其积分不受影响。请一分钟后重试。',
    },
    { cause, retryAfterMs: 60_000 },
  )

const broken = (cause: unknown) =>
  new GatewayError(
    'unavailable',
    {
      en: 'The file cannot be read at the moment; the task and its price are unchanged. Try again in a few seconds.',
      zh: '暂时无法读取该文件;任务及其积分不受影响。请稍后重试。',
    },
    { cause, retryAfterMs: 5_000 },
  )

async function notFound(reply: FastifyReply): Promise<FastifyReply> {
  await sendFailure(reply, noSuchPath(), 404)
  return reply
}

/**
 * A single range; null for none, several, or an invalid one: then the whole file is sent. Only GET supports
 * ranges (RFC 9110, section 14.2).
 */
function rangeOf(
  { headers, method }: FastifyRequest,
  bytes: number,
  etag: string,
): ByteRange | 'unsatisfiable' | null {
  if (method !== 'GET') return null
  const condition = headers['if-range']
  if (condition !== undefined && condition !== etag) return null
  const [, from = '', to = ''] = /^bytes=(\d{0,15})-(\d{0,15})$/i.exec(headers.range ?? '') ?? []
  if (from === '' && to === '') return null
  if (from === '') {
    const length = Number(to)
    return length === 0 ? 'unsatisfiable' : { first: Math.max(0, bytes - length), last: bytes - 1 }
  }
  const first = Number(from)
  if (to !== '' && Number(to) < first) return null
  return first >= bytes
    ? 'unsatisfiable'
    : { first, last: Math.min(to === '' ? Infinity : Number(to), bytes - 1) }
}
