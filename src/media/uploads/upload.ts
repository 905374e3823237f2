// Checks a client's picture by its content and relays it to the upstream that will read it.
import type { Context } from '../../context.ts'
import { GatewayError } from '../../errors.ts'
import type { UploadOutcome } from '../../upstream/adapter.ts'
import { isOfTheDisk } from '../health/fault.ts'
import { uploadTypeOf, WrongKind } from '../file-types.ts'
import { spool } from '../spool.ts'
import type { Spooled } from '../spool.ts'
import { streamOfPath } from '../volume/stream.ts'

/** Keevx accepts images under 20 MB (its image and video API documents). */
export const uploadBytesMax = 20 * 1024 * 1024

export const imageSpool = {
  maxBytes: uploadBytesMax,
  typeOf: uploadTypeOf,
  expectedBytes: null,
  isKept: false,
} as const

/**
 * Spools the source to disk. Throws invalid_request if the content is not one of the five image formats,
 * whatever its name says, as soon as the first bytes have arrived; unavailable if the disk accepts nothing;
 * and errors of the source. `field` is the field named in errors.
 */
export async function receiveImage(
  ctx: Context,
  source: AsyncIterable<Uint8Array>,
  field: string,
): Promise<Spooled> {
  try {
    return await spool(ctx, source, imageSpool)
  } catch (error) {
    throw imageRefusal(error, field)
  }
}

/** Turns an error from spooling a picture into a refusal; TooLong and the source's errors are unchanged. */
export function imageRefusal(error: unknown, field: string): unknown {
  if (error instanceof WrongKind) return notAnImage(field, error.found)
  return isOfTheDisk(error) ? unavailable(error.message) : error
}

export interface Relay {
  /** The order's field, for errors. */
  readonly field: string
  readonly signal: AbortSignal
  /** The upstream that the order is routed to; null without an order: the catalogue's first one. */
  readonly upstreamName: string | null
}

/**
 * Returns the upstream's URL of the file; streams it from disk, never whole in memory. Throws invalid_request
 * if the upstream refuses it, and unavailable if the upload is not possible now.
 */
export async function relayImage(
  ctx: Context,
  file: Spooled,
  { field, signal, upstreamName }: Relay,
): Promise<{ url: string }> {
  const upstream = ctx.upstreams.get(upstreamName ?? ctx.catalog.current.upstreams[0] ?? '')
  const key = upstream?.keys.pick(ctx.clock.now())
  if (!upstream || !key || 'waitUntil' in key) throw unavailable('no upstream key is ready')
  const { bytes, kind, path } = file
  const outcome = await upstream.adapter.upload(
    {
      open: () => streamOfPath(path),
      bytes,
      fileName: `upload.${kind.extension}`,
      mediaType: kind.contentType,
    },
    { key: key.key, signal },
  )
  return { url: urlOf(outcome, field) }
}

function urlOf(outcome: UploadOutcome, field: string): string {
  switch (outcome.kind) {
    case 'stored':
      return outcome.url
    case 'refused':
      throw new GatewayError(
        'invalid_request',
        { en: `${field}: ${outcome.reason}`, zh: `${field}:上游未接受该图片(${outcome.reason})` },
        { field, detail: outcome.detail },
      )
    // An upload failure says nothing about the key: a proxy may have refused just this file.
    case 'rate_limited':
    case 'unavailable':
      throw unavailable(outcome.detail)
  }
}

const notAnImage = (field: string, mime: string | null) =>
  new GatewayError(
    'invalid_request',
    {
      en: `${field}: these bytes are ${mime ?? 'no image that is known here'}. Send a JPG, PNG, BMP, WebP or GIF.`,
      zh: `${field}:文件内容${mime ? `是 ${mime}` : '不是可识别的图片'}。请上传 JPG、PNG、BMP、WebP 或 GIF。`,
    },
    { field },
  )

const retryAfterMs = 10_000

const unavailable = (detail: string) =>
  new GatewayError(
    'unavailable',
    {
      en: 'The file cannot be passed on at the moment. Nothing was charged. Try again in a few seconds.',
      zh: '暂时无法上传文件。未扣除任何积分。请稍后重试。',
    },
    { detail, retryAfterMs },
  )
