// A client's own picture, checked by what its bytes are and relayed to the upstream that will read it.
import { fileTypeFromBuffer } from 'file-type'
import type { Context, Upstream } from '../context.ts'
import { GatewayError } from '../errors.ts'
import type { UploadOutcome } from '../upstream/adapter.ts'

/** Keevx takes images under 20 MB (its image and video API documents). */
export const uploadBytesMax = 20 * 1024 * 1024
const imageTypes = new Set(['image/jpeg', 'image/png', 'image/bmp', 'image/webp', 'image/gif'])

/**
 * Returns the URL under which the upstream keeps the file. Throws invalid_request for what is not one of
 * the five image formats, whatever its name says, and unavailable when the upstream cannot be had now.
 */
export async function uploadImage(
  ctx: Context,
  file: { bytes: Uint8Array; fileName: string; signal: AbortSignal },
): Promise<{ url: string }> {
  const found = await fileTypeFromBuffer(file.bytes)
  if (!found || !imageTypes.has(found.mime)) throw notAnImage(found?.mime ?? null)
  const upstream = ctx.upstreams.values().next().value
  const key = upstream?.keys.pick(ctx.clock.now())
  if (!upstream || !key || 'waitUntil' in key) throw unavailable('no upstream key is ready')
  const outcome = await upstream.adapter.upload(
    { bytes: file.bytes, fileName: `upload.${found.ext}`, mediaType: found.mime },
    { key: key.key, signal: file.signal },
  )
  return { url: urlOf(ctx, upstream, key.fingerprint, outcome) }
}

function urlOf(ctx: Context, upstream: Upstream, fingerprint: string, outcome: UploadOutcome): string {
  const nowMs = ctx.clock.now()
  switch (outcome.kind) {
    case 'stored':
      return outcome.url
    case 'refused':
      throw new GatewayError(
        'invalid_request',
        { en: `file: ${outcome.reason}`, zh: `file:上游未接受该图片(${outcome.reason})` },
        { field: 'file', detail: outcome.detail },
      )
    case 'key_rejected':
      upstream.keys.reject(fingerprint, outcome.detail, nowMs)
      throw unavailable(outcome.detail)
    case 'rate_limited':
      upstream.keys.pause(fingerprint, nowMs + (outcome.retryAfterMs ?? upstream.settings.submit.after429Ms))
      throw unavailable(outcome.detail)
    case 'unavailable':
      throw unavailable(outcome.detail)
  }
}

const notAnImage = (mime: string | null) =>
  new GatewayError(
    'invalid_request',
    {
      en: `file: these bytes are ${mime ?? 'no image that is known here'}. Send a JPG, PNG, BMP, WebP or GIF.`,
      zh: `file:文件内容${mime ? `是 ${mime}` : '不是可识别的图片'}。请上传 JPG、PNG、BMP、WebP 或 GIF。`,
    },
    { field: 'file' },
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
