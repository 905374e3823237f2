// GET /v1/videos/{video_id}/content: the bytes of a video or its thumbnail, from our store or through us.
import { Readable } from 'node:stream'
import type { FastifyReply } from 'fastify'
import type { Context } from '../../../../context.ts'
import { GatewayError } from '../../../../errors.ts'
import { expiryTime } from '../../../../expiry.ts'
import { servedFile } from '../../../../media/served.ts'
import { isMediaName } from '../../../../media/stores/blob-store.ts'
import { hasEnded } from '../../../../tasks/state.ts'
import type { TaskColumns } from '../../../../tasks/read/view.ts'
import { viewTask } from '../../../../tasks/read/view.ts'
import { sendKeptFile, tooManyReaders } from '../../../media.ts'
import type { MediaContext } from '../../../media.ts'

const timeoutMs = 10 * 60_000
const idleTimeoutMs = 20_000
const redirectsMax = 3

export interface Content {
  readonly task: TaskColumns
  readonly variant: 'video' | 'thumbnail'
  /** Of the upstream that made it: its results may be on a private host, such as the sandbox. */
  readonly upstreamUrl: string | undefined
}

/** Sends it, or throws: 400 while there is none yet, 404 if there is none any more. */
export async function sendContent(
  ctx: MediaContext,
  { task, variant, upstreamUrl }: Content,
  reply: FastifyReply,
): Promise<void> {
  if (task.state !== 'succeeded') throw hasEnded(task) ? failed() : notReady()
  const shown = viewTask(task, expiryTime(ctx))
  const url = variant === 'video' ? shown.video_url : shown.thumbnail_url
  if (url === null) throw notThere(variant)
  const file = await keptFile(ctx, url)
  if (file) await sendKeptFile(ctx, { file, saveAs: null, isPrivate: true }, reply)
  else await passThrough(ctx, { url, upstreamUrl, variant }, reply)
}

async function keptFile(ctx: Context, url: string) {
  const { publicUrl } = ctx.config
  const name = url.slice(url.lastIndexOf('/') + 1)
  if (publicUrl === null || !url.startsWith(publicUrl) || !isMediaName(name)) return null
  return await servedFile(ctx.db.read, name)
}

interface Outside extends Pick<Content, 'upstreamUrl' | 'variant'> {
  readonly url: string
}

/** The upstream's file, through the guard: with the client's range, if the upstream knows ranges. */
async function passThrough(
  ctx: MediaContext,
  { url, upstreamUrl, variant }: Outside,
  reply: FastifyReply,
): Promise<void> {
  const { range } = reply.request.headers
  const gone = new AbortController()
  // It needs a connection of its own to the upstream.
  const letGo = ctx.connections.openFile(reply.request.raw.socket)
  if (!letGo) throw tooManyReaders()
  const leave = () => {
    gone.abort()
    letGo()
  }
  if (reply.raw.destroyed) leave()
  else reply.raw.once('close', leave)
  const answer = await ctx.guard
    .fetch(url, {
      timeoutMs,
      idleTimeoutMs,
      maxBytes: ctx.config.media.maxBytes,
      maxRedirects: redirectsMax,
      origins: upstreamUrl === undefined ? [] : [upstreamUrl],
      headers: range === undefined ? {} : { range },
      signal: gone.signal,
    })
    .catch((cause: unknown) => {
      throw unreadable(cause)
    })
  const { status, headers } = answer
  if (!passedOn.has(status)) {
    answer.close()
    throw unreadable(new Error(`the file was answered with HTTP ${status}`))
  }
  const type = String(headers['content-type'] ?? '')
  reply.code(status).header('cache-control', 'private, no-store')
  reply.type(
    type.startsWith(`${variant === 'video' ? 'video' : 'image'}/`) ? type : 'application/octet-stream',
  )
  for (const name of ['content-length', 'content-range', 'accept-ranges'])
    if (headers[name] !== undefined) reply.header(name, headers[name])
  if (reply.request.method === 'HEAD') {
    answer.close()
    return void reply.send()
  }
  void reply.send(Readable.from(answer.body, { objectMode: false }))
}

/** Whole, a part, and no such part. */
const passedOn = new Set([200, 206, 416])

const notReady = () =>
  new GatewayError('invalid_request', {
    en: 'The video is not ready yet: wait until its status is "completed".',
    zh: '视频尚未生成完毕,请等待 status 变为 “completed”。',
  })

const failed = () =>
  new GatewayError('invalid_request', {
    en: 'The video failed, so there is nothing to download. Its credits came back.',
    zh: '视频生成失败,没有可下载的内容,积分已退还。',
  })

const notThere = (variant: Content['variant']) =>
  new GatewayError(
    'not_found',
    variant === 'video'
      ? { en: 'The video is no longer kept.', zh: '视频已过保存期限。' }
      : { en: 'This video has no thumbnail, or no longer.', zh: '该视频没有缩略图,或已过保存期限。' },
    { field: 'variant' },
  )

const unreadable = (cause: unknown) =>
  new GatewayError(
    'unavailable',
    {
      en: 'The file cannot be read at the moment; the video and its price are unchanged. Try again in a few seconds.',
      zh: '暂时无法读取该文件;视频及其积分不受影响。请稍后重试。',
    },
    { cause, retryAfterMs: 5_000 },
  )
