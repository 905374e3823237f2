// Downloads a result file from the upstream and puts it into the result store.
import type { Context, Upstream } from '../context.ts'
import { randomName } from '../ids.ts'
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
  /** Undefined if it is not configured any more. */
  readonly upstream: Upstream | undefined
  /** The upstream's URL of the file. */
  readonly url: string
  /** An earlier download was not the expected type: check the file even while nothing can be stored. */
  readonly isDoubtful?: boolean
}

export type Kept =
  /** Stored; its row still has to be marked as kept, in one transaction with the task's change. */
  | { readonly kind: 'kept'; readonly part: MediaPart; readonly name: string; readonly url: string }
  /** The file exists, but will never be kept. */
  | { readonly kind: 'refused'; readonly part: MediaPart; readonly detail: string }
  /** The content is not the expected type, or the URL leads to a forbidden address. */
  | { readonly kind: 'no_result'; readonly part: MediaPart; readonly detail: string }
  /**
   * `store_down` says nothing about the file: its URL is passed on at once, and it is kept when the store
   * works again. `isSeen`: the content is of the expected type, whatever prevented keeping it.
   */
  | {
      readonly kind: 'failed' | 'store_down'
      readonly part: MediaPart
      readonly detail: string
      readonly isSeen: boolean
    }

/** Enough for the longest video over a slow line. */
const downloadTimeoutMs = 10 * 60_000
const idleTimeoutMs = 20_000
/** Thumbnails are free, and a task that already has its result waits for them. */
const thumbnailLimits = { totalMs: 10_000, maxBytes: 5_000_000 }
const redirectsMax = 3
/** Longer than storing a file takes; after this its writer counts as dead, and the rest is removed. */
const writingMs = 30 * 60_000

/** Never throws: failures are returned. */
export async function keepFile(ctx: Context, wanted: Wanted, tornDown: AbortSignal): Promise<Kept> {
  const { part } = wanted
  const signal =
    part === 'thumbnail' ? AbortSignal.any([tornDown, timeoutSignal(thumbnailLimits.totalMs)]) : tornDown
  const store = storeForNew(ctx)
  if (!store) return { kind: 'refused', part, detail: 'results are not kept' }
  const { isDoubtful = false, taskId } = wanted
  let isSeen = false
  try {
    if (ctx.resultStore.state() === 'down') {
      if (isDoubtful) isSeen = await lookAtHead(ctx, wanted, signal)
      throw new StoreDown(storeDownWords)
    }
    return await ctx.resultStore.use(taskId, async (opened): Promise<Kept> => {
      const bounded = AbortSignal.any([signal, opened])
      const file = await download(ctx, wanted, bounded)
      isSeen = true
      try {
        return { kind: 'kept', part, ...(await put(ctx, { wanted, store, file }, bounded)) }
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

async function download(ctx: Context, wanted: Wanted, signal: AbortSignal): Promise<Spooled> {
  const { answer, maxBytes } = await ask(ctx, wanted, signal)
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

/** Checks the type of the file without using the disk. Throws like a download. */
async function lookAtHead(ctx: Context, wanted: Wanted, signal: AbortSignal): Promise<true> {
  const { answer } = await ask(ctx, wanted, signal)
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
  { url, part, upstream }: Wanted,
  signal: AbortSignal,
): Promise<{ answer: GuardedAnswer; maxBytes: number }> {
  const resultMax = ctx.config.media.maxBytes
  const maxBytes = part === 'thumbnail' ? Math.min(resultMax, thumbnailLimits.maxBytes) : resultMax
  const answer = await ctx.guard.fetch(url, {
    timeoutMs: downloadTimeoutMs,
    idleTimeoutMs,
    maxBytes,
    maxRedirects: redirectsMax,
    // A private upstream, such as the sandbox, has its results on the same private host.
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

interface Downloaded {
  readonly wanted: Wanted
  readonly store: StoreName
  readonly file: Spooled
}

async function put(
  ctx: Context,
  { wanted: { taskId, part }, store, file }: Downloaded,
  signal: AbortSignal,
): Promise<{ name: string; url: string }> {
  const blobs = blobStoreOf(ctx, store)
  if (!blobs) throw new Error(`the store ${store} is not configured`)
  const name = `${randomName(mediaNameLength)}.${file.kind.extension}`
  const createdAt = ctx.clock.now()
  const { bytes, kind } = file
  const row = { name, taskId, part, store, contentType: kind.contentType, bytes, createdAt }
  await ctx.db.transaction((tx) => insertWriting(tx, { ...row, dueAt: createdAt + writingMs }), {
    mayDelay: true,
  })
  try {
    await blobs.put(name, file, signal)
  } catch (cause) {
    // Aborted or timed out: not a fault of the store.
    throw signal.aborted ? cause : new StoreFault(wordsOfFault(cause), { cause })
  }
  return { name, url: `${ctx.config.publicUrl}${mediaPath}/${name}` }
}

/** Path of kept files below PUBLIC_URL. */
export const mediaPath = '/media'

function kindOf(error: unknown, ordered: Wanted['type']): 'refused' | 'no_result' | 'failed' {
  if (error instanceof TooLong) return 'refused'
  if (error instanceof OutgoingError) {
    if (error.kind === 'refused_address') return 'no_result'
    return error.kind === 'too_large' ? 'refused' : 'failed'
  }
  if (!(error instanceof WrongKind)) return 'failed'
  // An image in a format that is not kept is still what was ordered; a page or a text is not.
  return error.found?.startsWith(`${ordered}/`) ? 'refused' : 'no_result'
}

/** For the log; the guard's messages contain no path and no query. */
const wordsOf = (error: unknown): string => (error instanceof Error ? error.message : String(error))
