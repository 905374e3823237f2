// Pictures in the body of a create, as data: URIs: uploads each like a file and puts its URL in its place.
import type { Context } from '../../context.ts'
import { stripBlanks } from '../../characters.ts'
import { GatewayError } from '../../errors.ts'
import { timeoutSignal } from '../../net/deadline.ts'
import { createInlineUriReader, inlineUriHead } from './inline-uri.ts'
import type { Decoded } from './inline-uri.ts'
import { createGate } from './concurrency-limit.ts'
import type { Gate } from './concurrency-limit.ts'
import { InlinePicture, isSpooled } from './inline-picture.ts'
import type { PictureTrouble } from './inline-picture.ts'
import { TooLong } from '../spool.ts'
import type { Spooled } from '../spool.ts'
import { imageRefusal, receiveImage, relayImage, uploadBytesMax } from './upload.ts'
import type { Relay } from './upload.ts'

/** A short text, or a picture that was extracted while the body arrived. */
type Inline = string | InlinePicture

interface ImageSlot {
  /** The field's name in errors: `image_urls.0`. */
  readonly field: string
  readonly inline: Inline
}

type Fields = Readonly<Record<string, unknown>>

const isInline = (value: unknown): value is Inline =>
  value instanceof InlinePicture ||
  (typeof value === 'string' && /^data:/i.test(stripBlanks(value).slice(0, 'data:'.length)))

export function inlineImages(body: unknown): ImageSlot[] {
  if (typeof body !== 'object' || body === null) return []
  const { image_urls: urls, end_image_url: endUrl } = body as Fields
  const listed = Array.isArray(urls) ? (urls as unknown[]) : []
  const slots = [
    ...listed.map((inline, at) => ({ field: `image_urls.${at}`, inline })),
    { field: 'end_image_url', inline: endUrl },
  ]
  return slots.filter((slot): slot is ImageSlot => isInline(slot.inline))
}

/** The order with a placeholder URL for each picture, for prices and refusals before anything is uploaded. */
export function withoutInlineImages(body: unknown): unknown {
  return inlineImages(body).length === 0 ? body : withUrls(body as Fields, () => standIn)
}

/** A reserved name that is never resolved. */
const standIn = 'https://inline.invalid/'

function withUrls(body: Fields, urlFor: (inline: Inline) => string): Fields {
  const replaced = (value: unknown): unknown => (isInline(value) ? urlFor(value) : value)
  const { image_urls: urls, end_image_url: endUrl } = body
  return {
    ...body,
    ...(Array.isArray(urls) && { image_urls: urls.map(replaced) }),
    ...(isInline(endUrl) && { end_image_url: replaced(endUrl) }),
  }
}

/**
 * Uploads the pictures and returns the order with their URLs. Throws invalid_request (naming the field),
 * rate_limited and unavailable; then nothing was charged.
 */
export async function uploadInlineImages(
  ctx: Context,
  body: unknown,
  { accountId, upstreamName }: { readonly accountId: string; readonly upstreamName: string },
): Promise<unknown> {
  const places = inlineImages(body)
  if (places.length === 0) return body
  // Finds known problems before anything is uploaded.
  for (const { field, inline } of places) {
    if (inline instanceof InlinePicture) usable(field, inline)
  }
  const leave = gateOf(ctx).enter(accountId)
  if (!leave) throw tooManyAtOnce()
  // One timeout for all of them: the client waits for all of them.
  const signal = timeoutSignal(uploadsMaxMs)
  try {
    const urls = new Map<string, string>()
    for (const { field, inline } of places) {
      if (!urls.has(sameAs(inline)))
        urls.set(sameAs(inline), await upload(ctx, inline, { field, signal, upstreamName }))
    }
    return withUrls(body as Fields, (inline) => urls.get(sameAs(inline)) ?? standIn)
  } finally {
    leave()
  }
}

/** A key that is equal for identical pictures. */
function sameAs(inline: Inline): string {
  if (typeof inline === 'string') return inline
  return isSpooled(inline.content) ? inline.content.sha256 : ''
}

/** Below the minute after which many proxies and clients time out. */
const uploadsMaxMs = 45_000
/** Orders with picture uploads in progress; each uses a file and a connection. */
const ordersMax = 16
const ordersOfAccountMax = 4

const gates = new WeakMap<Context, Gate>()

function gateOf(ctx: Context): Gate {
  const gate = gates.get(ctx) ?? createGate({ max: ordersMax, ofAccountMax: ordersOfAccountMax })
  gates.set(ctx, gate)
  return gate
}

async function upload(ctx: Context, inline: Inline, relay: Relay): Promise<string> {
  const { field } = relay
  // The request that received the picture removes it from the disk.
  if (inline instanceof InlinePicture) {
    return (await relayImage(ctx, usable(field, inline), relay)).url
  }
  const file = await receiveImage(ctx, decode(field, inline), field)
  try {
    return (await relayImage(ctx, file, relay)).url
  } finally {
    await file.discard()
  }
}

function usable(field: string, { content }: InlinePicture): Spooled {
  if (isSpooled(content)) return content
  throw pictureRefusal(field, content)
}

function pictureRefusal(field: string, trouble: PictureTrouble): unknown {
  if (trouble === 'not_base64') return notBase64(field)
  return trouble instanceof TooLong ? tooLong(field) : imageRefusal(trouble, field)
}

async function* decode(field: string, text: string): AsyncGenerator<Uint8Array> {
  const uri = stripBlanks(text)
  if (inlineUriHead(uri) === null) throw notBase64(field)
  const json = Buffer.from(JSON.stringify(uri)).subarray(1)
  const decoded: Decoded = { bytes: new Uint8Array(json.length), length: 0 }
  const reader = createInlineUriReader()
  reader.read(json, 0, decoded)
  if (reader.state() !== 'whole') throw notBase64(field)
  yield decoded.bytes.subarray(0, decoded.length)
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
