// Fetches a file of a result from where the upstream has it, and puts it where we keep files.
import type { Context, Upstream } from '../context.ts'
import { randomText } from '../ids.ts'
import { timeoutSignal } from '../net/deadline.ts'
import { OutgoingError } from '../net/error.ts'
import type { GuardedAnswer } from '../net/fetch.ts'
import { StoreDown, StoreFault, wordsOfFault } from './health/fault.ts'
import { headBytes, imageTypeOf, videoTypeOf, WrongKind } from './file-types.ts'
import { mediaNameLength } from './stores/blob-store.ts'
import { blobStoreOf, storeForNew } from './stores/blob-stores.ts'
import type { StoreName } from './stores/blob-stores.ts'
import { insertWriting } from './rows.ts'
import type { MediaPart } from './rows.ts'
import { spool, TooLong } from './spool.ts'
import type { Spooled } from './spool.ts'

export interface Wanted {
  readonly taskId: string
  readonly part: MediaPart
  readonly type: 'image' | 'video'
  /** Where the upstream has it. */
  readonly url: string
  /** What was fetched before was no such file: it has to be looked at also while nothing can be kept. */
  readonly isDoubtful?: boolean
}

export type Kept =
  /** Its row waits to be marked as kept, together with what that means for its task. */
  | { readonly kind: 'kept'; readonly part: MediaPart; readonly name: string; readonly url: string }
  /** It is there, and will not be kept at another time either. */
  | { readonly kind: 'refused'; readonly part: MediaPart; readonly detail: string }
  /** What lies there is no such file, or lies where nobody may be sent. */
  | { readonly kind: 'no_result'; readonly part: MediaPart; readonly detail: string }
  /**
   * `store_down` says nothing of the file: it is passed on at once, and kept when the store works again. `isSeen`:
   * what lies there is such a file, whatever kept it from being kept.
   */
  | {
      readonly kind: 'failed' | 'store_down'
      readonly part: MediaPart
      readonly detail: string
      readonly isSeen: boolean
    }

/** The longest video over a slow line. */
const downloadTimeoutMs = 10 * 60_000
const idleTimeoutMs = 20_000
/** Nobody paid for it, and a task that has its result waits for it. */
const thumbnailLimits = { totalMs: 10_000, maxBytes: 5_000_000 }
const redirectsMax = 3
/** Longer than putting a file takes; then its writer is gone, and what there is of it is removed. */
const writingMs = 30 * 60_000

/** Never throws: what fails is told as such. */
export async function keepFile(
  ctx: Context,
  upstream: Upstream | undefined,
  wanted: Wanted,
  tornDown: AbortSignal,
): Promise<Kept> {
  const { part } = wanted
  const signal =
    part === 'thumbnail' ? AbortSignal.any([tornDown, timeoutSignal(thumbnailLimits.totalMs)]) : tornDown
  const store = storeForNew(ctx)
  if (!store) return { kind: 'refused', part, detail: 'results are not kept' }
  const { isDoubtful = false, taskId } = wanted
  let isSeen = false
  try {
    if (ctx.resultStore.state() === 'down') {
      if (isDoubtful) isSeen = await lookAtHead(ctx, upstream, wanted, signal)
      throw new StoreDown(storeDownWords)
    }
    return await ctx.resultStore.use(taskId, async (opened): Promise<Kept> => {
      const bounded = AbortSignal.any([signal, opened])
      const file = await download(ctx, upstream, wanted, bounded)
      isSeen = true
      try {
        return { kind: 'kept', part, ...(await put(ctx, store, wanted, file, bounded)) }
      } finally {
        await file.discard()
      }
    })
  } catch (error) {
    const detail = wordsOf(error)
    if (error instanceof StoreDown) return { kind: 'store_down', part, detail, isSeen }
    const kind = kindOf(error, wanted.type)
    return kind === 'failed' ? { kind, part, detail, isSeen } : { kind, part, detail }
  }
}

const storeDownWords = 'the store for results does not work'

async function download(
  ctx: Context,
  upstream: Upstream | undefined,
  wanted: Wanted,
  signal: AbortSignal,
): Promise<Spooled> {
  const { answer, maxBytes } = await ask(ctx, upstream, wanted, signal)
  try {
    const length = Number(answer.headers['content-length'] ?? Number.NaN)
    if (!Number.isSafeInteger(length) && answer.headers['transfer-encoding'] === undefined) {
      throw new Error('it told no length, so an end and a broken connection look the same')
    }
    return await spool(ctx, answer.body, {
      maxBytes,
      typeOf: typeCheckOf(wanted),
      expectedBytes: Number.isSafeInteger(length) ? length : null,
      isKept: true,
    })
  } finally {
    answer.close()
  }
}

const typeCheckOf = ({ type }: Wanted) => (type === 'image' ? imageTypeOf : videoTypeOf)

/** Whether it is such a file, without a disk. Throws as a download does. */
async function lookAtHead(
  ctx: Context,
  upstream: Upstream | undefined,
  wanted: Wanted,
  signal: AbortSignal,
): Promise<true> {
  const { answer } = await ask(ctx, upstream, wanted, signal)
  try {
    const pieces: Uint8Array[] = []
    let bytes = 0
    for await (const piece of answer.body) {
      pieces.push(Uint8Array.from(piece))
      bytes += piece.length
      if (bytes >= headBytes) break
    }
    await typeCheckOf(wanted)(Buffer.concat(pieces))
    return true
  } finally {
    answer.close()
  }
}

async function ask(
  ctx: Context,
  upstream: Upstream | undefined,
  { url, part }: Wanted,
  signal: AbortSignal,
): Promise<{ answer: GuardedAnswer; maxBytes: number }> {
  const resultMax = ctx.config.media.maxBytes
  const maxBytes = part === 'thumbnail' ? Math.min(resultMax, thumbnailLimits.maxBytes) : resultMax
  const answer = await ctx.guard.fetch(url, {
    timeoutMs: downloadTimeoutMs,
    idleTimeoutMs,
    maxBytes,
    maxRedirects: redirectsMax,
    // An upstream that is private itself, as the sandbox is, has its results beside it.
    origins: upstream ? [upstream.settings.baseUrl] : [],
    signal,
  })
  try {
    if (!isWhole(answer.status)) throw new Error(`it was answered with HTTP ${answer.status}`)
    const encoding = answer.headers['content-encoding'] ?? 'identity'
    if (encoding !== 'identity') throw new Error('it came packed, which was not asked for')
    return { answer, maxBytes }
  } catch (error) {
    answer.close()
    throw error
  }
}

const isWhole = (status: number): boolean => status === 200

async function put(
  ctx: Context,
  store: StoreName,
  { taskId, part }: Wanted,
  file: Spooled,
  signal: AbortSignal,
): Promise<{ name: string; url: string }> {
  const blobs = blobStoreOf(ctx, store)
  if (!blobs) throw new Error(`the store ${store} is not configured`)
  const name = `${randomText(mediaNameLength)}.${file.kind.extension}`
  const createdAt = ctx.clock.now()
  const { bytes, kind } = file
  const row = { name, taskId, part, store, contentType: kind.contentType, bytes, createdAt }
  await ctx.db.transaction((tx) => insertWriting(tx, { ...row, dueAt: createdAt + writingMs }), {
    mayDelay: true,
  })
  try {
    await blobs.put(name, file, signal)
  } catch (cause) {
    // Torn down, or too late: that says nothing of the store.
    throw signal.aborted ? cause : new StoreFault(wordsOfFault(cause), { cause })
  }
  return { name, url: `${ctx.config.publicUrl}${mediaPath}/${name}` }
}

/** Where kept files are served, below PUBLIC_URL. */
export const mediaPath = '/media'

function kindOf(error: unknown, ordered: Wanted['type']): 'refused' | 'no_result' | 'failed' {
  if (error instanceof TooLong) return 'refused'
  if (error instanceof OutgoingError) {
    if (error.kind === 'refused_address') return 'no_result'
    return error.kind === 'too_large' ? 'refused' : 'failed'
  }
  if (!(error instanceof WrongKind)) return 'failed'
  // An image is what was ordered, also in a format that is not kept here; a page or a text never is.
  return error.found?.startsWith(`${ordered}/`) ? 'refused' : 'no_result'
}

/** For the log; the guard's words hold no path and no query. */
const wordsOf = (error: unknown): string => (error instanceof Error ? error.message : String(error))
