// The finished pictures of an order: read from our store, or fetched from the upstream into a file of the spool.
import type { Context } from '../../../../context.ts'
import { GatewayError } from '../../../../errors.ts'
import { expiryTime } from '../../../../expiry.ts'
import { base64Of } from '../../../../media/base64.ts'
import { imageTypeOf } from '../../../../media/file-types.ts'
import { servedFile } from '../../../../media/served.ts'
import { spool } from '../../../../media/spool.ts'
import { isMediaName } from '../../../../media/stores/blob-store.ts'
import { blobStoreOf } from '../../../../media/stores/blob-stores.ts'
import { streamOfPath } from '../../../../media/volume/stream.ts'
import type { TaskColumns } from '../../../../tasks/read/view.ts'
import { viewTask } from '../../../../tasks/read/view.ts'
import { createSpoolPlaces } from './spool-places.ts'
import type { SpoolPlaces, Wanted } from './spool-places.ts'

/** The one who reads the pictures. */
export type Client = Pick<Wanted, 'gone' | 'cut'>

export interface Picture {
  /** `png`, `jpeg`, as OpenAI names formats. */
  readonly format: string
  /** What a client may fetch instead. */
  readonly url: string
  base64(): AsyncGenerator<string>
  /** Call it when the picture is no longer needed; calling it twice is safe. */
  discard(): Promise<void>
}

/** Far above any picture that is made. */
const pictureBytesMax = 64 * 1024 * 1024
const fetchTimeoutMs = 60_000
const fetchIdleMs = 20_000
const redirectsMax = 3
const triesMax = 3
const betweenTriesMs = 1_000

/**
 * All of them, or none: then it throws unavailable, and they can be asked for again. Afterwards each must be
 * discarded.
 */
export async function openPictures(
  ctx: Context,
  tasks: readonly TaskColumns[],
  client: Client,
): Promise<Picture[]> {
  const { gone: signal } = client
  const urls = tasks.map((task) => viewTask(task, expiryTime(ctx)).image_url)
  const kept = await Promise.all(urls.map(async (url) => await keptPicture(ctx, url, signal)))
  const missing = kept.filter((picture) => picture === null).length
  // Once for all of them: two requests that each wait for the other's turns would wait for ever.
  const accountId = tasks[0]?.accountId ?? ''
  const held = missing === 0 ? null : await placesOf(ctx).enter({ ...client, accountId, count: missing })
  let left = missing
  const leaveLast = () => {
    left -= 1
    if (left === 0) held?.leave()
  }
  const opened = await Promise.allSettled(
    tasks.map(
      async (task, at) => kept[at] ?? (await spoolPicture(ctx, task, { url: urls[at] ?? '', signal })),
    ),
  )
  const pictures = opened.flatMap((one, at) => {
    if (one.status === 'rejected') return []
    const picture = one.value
    let isOpen = true
    const discard = async () => {
      if (!isOpen) return
      isOpen = false
      if (kept[at] === null) leaveLast()
      await picture.discard()
    }
    return [{ ...picture, discard }]
  })
  held?.read()
  const failed = opened.find((one) => one.status === 'rejected')
  if (!failed) return pictures
  for (const picture of pictures) await picture.discard()
  held?.leave()
  throw signal.aborted ? failed.reason : notFetched(failed.reason)
}

interface Fetched {
  readonly url: string
  readonly signal: AbortSignal
}

async function spoolPicture(ctx: Context, task: TaskColumns, { url, signal }: Fetched): Promise<Picture> {
  const file = await tryAgain(ctx, signal, async () => await fetchPicture(ctx, task, { url, signal }))
  return {
    format: formatOf(file.kind.contentType),
    url,
    base64: () => base64Of(streamOfPath(file.path)),
    discard: file.discard,
  }
}

/** Null if the URL does not lead to our store. */
async function keptPicture(ctx: Context, url: string | null, signal: AbortSignal): Promise<Picture | null> {
  if (url === null) throw noLongerKept()
  const { publicUrl } = ctx.config
  const name = url.slice(url.lastIndexOf('/') + 1)
  if (publicUrl === null || !url.startsWith(publicUrl) || !isMediaName(name)) return null
  const file = await servedFile(ctx.db.read, name)
  const blobs = file && blobStoreOf(ctx, file.store)
  if (!file || !blobs) return null
  const { bytes } = file
  const read = async () => {
    const body = await blobs.read({ name, bytes }, { first: 0, last: bytes - 1 }, signal).catch(asNotFetched)
    if (!body) throw notFetched(new Error('a file that was kept is not there any more'))
    return body
  }
  return {
    format: formatOf(file.contentType),
    url,
    async *base64() {
      yield* base64Of(await read())
    },
    discard: async () => undefined,
  }
}

async function fetchPicture(ctx: Context, { upstream }: TaskColumns, { url, signal }: Fetched) {
  const settings = ctx.upstreams.get(upstream)?.settings
  const answer = await ctx.guard.fetch(url, {
    timeoutMs: fetchTimeoutMs,
    idleTimeoutMs: fetchIdleMs,
    maxBytes: pictureBytesMax,
    maxRedirects: redirectsMax,
    // A private upstream, such as the sandbox, has its results on the same private host.
    origins: settings ? [settings.baseUrl] : [],
    signal,
  })
  try {
    const { status, headers } = answer
    const isWhole = status === 200 && (headers['content-encoding'] ?? 'identity') === 'identity'
    if (!isWhole) throw new Error(`it was answered with HTTP ${status}`)
    const length = Number(headers['content-length'] ?? Number.NaN)
    return await spool(ctx, answer.body, {
      maxBytes: pictureBytesMax,
      typeOf: imageTypeOf,
      expectedBytes: Number.isSafeInteger(length) ? length : null,
      isKept: false,
    })
  } finally {
    answer.close()
  }
}

async function tryAgain<Result>(
  ctx: Context,
  signal: AbortSignal,
  work: () => Promise<Result>,
): Promise<Result> {
  for (let tries = 1; ; tries += 1) {
    try {
      return await work()
    } catch (error) {
      if (signal.aborted || tries === triesMax) throw error
      await ctx.clock.sleep(betweenTriesMs, signal)
    }
  }
}

const places = new WeakMap<Context, SpoolPlaces>()

function placesOf(ctx: Context): SpoolPlaces {
  const found = places.get(ctx) ?? createSpoolPlaces(ctx.clock)
  places.set(ctx, found)
  return found
}

/** `image/jpeg` is `jpeg`. */
const formatOf = (contentType: string): string => contentType.slice(contentType.indexOf('/') + 1)

const asNotFetched = (cause: unknown): never => {
  throw notFetched(cause)
}

const notFetched = (cause: unknown) =>
  new GatewayError(
    'unavailable',
    {
      en: 'The picture is made, but cannot be read at the moment. Send the same request again: it takes up this order and costs nothing more.',
      zh: '图片已生成,但暂时无法读取。请重新发送相同的请求:将直接取得本订单的结果,不再扣费。',
    },
    { cause, retryAfterMs: 5_000 },
  )

const noLongerKept = () =>
  new GatewayError('not_found', {
    en: 'The picture was made, but is no longer kept.',
    zh: '图片已生成,但已过保存期限。',
  })
