// Pictures that a create bears in its own body, as data: URIs: each is uploaded like a file, and its URL takes its place.
import type { Context } from '../context.ts'
import { GatewayError } from '../errors.ts'
import { createGate } from './gate.ts'
import type { Gate } from './gate.ts'
import { TooLong } from './spool.ts'
import { receiveImage, relayImage, uploadBytesMax } from './upload.ts'
import type { Relay } from './upload.ts'

interface Place {
  /** As an error names it: `image_urls.0`. */
  readonly field: string
  readonly uri: string
}

type Fields = Readonly<Record<string, unknown>>

const isInline = (value: unknown): value is string => typeof value === 'string' && /^data:/i.test(value)

export function inlineImages(body: unknown): Place[] {
  if (typeof body !== 'object' || body === null) return []
  const { image_urls: urls, end_image_url: endUrl } = body as Fields
  const listed = Array.isArray(urls) ? (urls as unknown[]) : []
  const places = [
    ...listed.map((uri, at) => ({ field: `image_urls.${at}`, uri })),
    { field: 'end_image_url', uri: endUrl },
  ]
  return places.filter((place): place is Place => isInline(place.uri))
}

/** The same order with a URL for each: what a price or a refusal is worked out by, before anything is uploaded. */
export function withoutInlineImages(body: unknown): unknown {
  return inlineImages(body).length === 0 ? body : withUrls(body as Fields, () => standIn)
}

/** Nobody has this name, and nobody is asked for it. */
const standIn = 'https://inline.invalid/'

function withUrls(body: Fields, urlFor: (uri: string) => string): Fields {
  const replaced = (value: unknown): unknown => (isInline(value) ? urlFor(value) : value)
  const { image_urls: urls, end_image_url: endUrl } = body
  return {
    ...body,
    ...(Array.isArray(urls) && { image_urls: urls.map(replaced) }),
    ...(isInline(endUrl) && { end_image_url: replaced(endUrl) }),
  }
}

/**
 * Uploads each of them and answers the order with their URLs. Throws invalid_request, which names the field,
 * rate_limited and unavailable; then nothing was charged.
 */
export async function uploadInlineImages(
  ctx: Context,
  body: unknown,
  { accountId, upstreamName }: { readonly accountId: string; readonly upstreamName: string },
): Promise<unknown> {
  const places = inlineImages(body)
  if (places.length === 0) return body
  const leave = gateOf(ctx).enter(accountId)
  if (!leave) throw tooManyAtOnce()
  // One time for all of them: whoever ordered waits for as long.
  const signal = AbortSignal.timeout(uploadsMaxMs)
  try {
    const urls = new Map<string, string>()
    for (const { field, uri } of places) {
      if (!urls.has(uri)) urls.set(uri, await upload(ctx, uri, { field, signal, upstreamName }))
    }
    return withUrls(body as Fields, (uri) => urls.get(uri) ?? standIn)
  } finally {
    leave()
  }
}

/** Below the minute after which many proxies and clients give up. */
const uploadsMaxMs = 45_000
/** Orders whose pictures are on their way; each has a file and a connection. */
const ordersMax = 16
const ordersOfAccountMax = 4

const gates = new WeakMap<Context, Gate>()

function gateOf(ctx: Context): Gate {
  const gate = gates.get(ctx) ?? createGate({ max: ordersMax, ofAccountMax: ordersOfAccountMax })
  gates.set(ctx, gate)
  return gate
}

async function upload(ctx: Context, uri: string, relay: Relay): Promise<string> {
  const { field } = relay
  const file = await receiveImage(ctx, decode(field, uri), field).catch((error: unknown) => {
    throw error instanceof TooLong ? tooLong(field) : error
  })
  try {
    return (await relayImage(ctx, file, relay)).url
  } finally {
    await file.discard()
  }
}

/** Whole groups of four letters, so that each piece is bytes by itself. */
const pieceLength = 64 * 1024
/** Type and parameters; what it calls itself is not believed. */
const headLengthMax = 200

async function* decode(field: string, uri: string): AsyncGenerator<Buffer> {
  const head = /^data:[^,]*;base64,/i.exec(uri.slice(0, headLengthMax))?.[0]
  if (head === undefined) throw notBase64(field)
  for (let at = head.length; at < uri.length; at += pieceLength) {
    const piece = uri.slice(at, at + pieceLength)
    const isLast = at + pieceLength >= uri.length
    if (!(isLast ? /^[A-Za-z0-9+/]*={0,2}$/ : /^[A-Za-z0-9+/]*$/).test(piece)) throw notBase64(field)
    yield Buffer.from(piece, 'base64')
  }
}

const retryAfterMs = 3_000

export const tooManyAtOnce = () =>
  new GatewayError(
    'rate_limited',
    {
      en: 'Too many orders with pictures in their bodies are under way at the moment. Nothing was charged. Try again in a few seconds, or upload the pictures to /api/v1/files first.',
      zh: '当前请求体中带图片的订单过多。未扣除任何积分。请稍后重试,或先将图片上传到 /api/v1/files。',
    },
    { retryAfterMs },
  )

const notBase64 = (field: string) =>
  new GatewayError(
    'invalid_request',
    {
      en: `${field}: a data: URI must be written as data:image/…;base64, and base64 without spaces. Nothing was charged.`,
      zh: `${field}:data: URI 必须写作 data:image/…;base64, 加上不含空格的 base64 内容。未扣除任何积分。`,
    },
    { field },
  )

const tooLong = (field: string) =>
  new GatewayError(
    'invalid_request',
    {
      en: `${field}: the picture has more than ${uploadBytesMax} bytes. Nothing was charged. Send a smaller one.`,
      zh: `${field}:图片超过 ${uploadBytesMax} 字节。未扣除任何积分。请使用更小的图片。`,
    },
    { field },
  )
