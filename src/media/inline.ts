// Pictures that a create bears in its own body, as data: URIs: each is uploaded like a file, and its URL takes its place.
import { setImmediate } from 'node:timers/promises'
import type { Context } from '../context.ts'
import { stripBlanks } from '../characters.ts'
import { GatewayError } from '../errors.ts'
import { bytesOfBase64Uri, NotBase64 } from './base64.ts'
import { createGate } from './gate.ts'
import type { Gate } from './gate.ts'
import { TooLong } from './spool.ts'
import { receiveImage, relayImage, uploadBytesMax } from './upload.ts'

interface Place {
  /** As an error names it: `image_urls.0`. */
  readonly field: string
  readonly uri: string
}

type Fields = Readonly<Record<string, unknown>>

const isInline = (value: unknown): value is string =>
  typeof value === 'string' && /^data:/i.test(stripBlanks(value).slice(0, 'data:'.length))

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
export async function uploadInlineImages(ctx: Context, accountId: string, body: unknown): Promise<unknown> {
  const places = inlineImages(body)
  if (places.length === 0) return body
  const leave = gateOf(ctx).enter(accountId)
  if (!leave) throw tooManyAtOnce()
  // One time for all of them: whoever ordered waits for as long.
  const signal = AbortSignal.timeout(uploadsMaxMs)
  try {
    const urls = new Map<string, string>()
    for (const { field, uri } of places) {
      if (!urls.has(uri)) urls.set(uri, await upload(ctx, field, uri, signal))
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

async function upload(ctx: Context, field: string, uri: string, signal: AbortSignal): Promise<string> {
  const file = await receiveImage(ctx, decode(field, uri), field).catch((error: unknown) => {
    throw error instanceof TooLong ? tooLong(field) : error
  })
  try {
    return (await relayImage(ctx, file, { field, signal })).url
  } finally {
    await file.discard()
  }
}

async function* decode(field: string, uri: string): AsyncGenerator<Buffer> {
  try {
    for (const bytes of bytesOfBase64Uri(uri)) {
      if (bytes.length > 0) yield bytes
      else await setImmediate()
    }
  } catch (error) {
    throw error instanceof NotBase64 ? notBase64(field) : error
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
      en: `${field}: a data: URI must be written as data:image/…;base64, and the picture in base64; this one holds something else. Nothing was charged.`,
      zh: `${field}:data: URI 必须写作 data:image/…;base64, 加上 base64 编码的图片;当前包含其他内容。未扣除任何积分。`,
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
