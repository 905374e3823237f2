// Keeps a customer's picture on our disk and gives it a URL of ours; the upstream fetches it when it is ordered with.
import type { Context } from '../../context.ts'
import { GatewayError } from '../../errors.ts'
import { randomText } from '../../ids.ts'
import { diskStore } from '../stores/disk.ts'
import { StoreDown, StoreFault, wordsOfFault } from '../health/fault.ts'
import { mediaPath } from '../keep.ts'
import { mediaNameLength } from '../stores/blob-store.ts'
import { syncSpooled } from '../spool.ts'
import type { Spooled } from '../spool.ts'
import { keepsUploads, uploadLifetimeMs } from './ours.ts'
import { againMs, removeUpload } from './remove.ts'
import { requireUploadRoom } from './room.ts'
import { giveUpUpload, insertUpload, markUploadKept } from './rows.ts'

export interface Upload {
  readonly accountId: string
  readonly file: Spooled
  /** Aborted when the client is gone: it never learns the URL, so nothing is kept for it. */
  readonly signal: AbortSignal
}

export interface KeptUpload {
  readonly url: string
  readonly expiresAt: number
}

/** Longer than putting a file takes; then its writer is gone, and what there is of it is removed. */
const writingMs = 30 * 60_000

/** Whether uploads are kept by us now: they are to be, and the disk takes files. */
export const keepsUploadsNow = (ctx: Context): boolean =>
  keepsUploads(ctx.config) && ctx.resultStore.state() !== 'down'

/**
 * Null where uploads are not kept by us, or not now: then the file is still where it was spooled. Throws rate_limited
 * where the account keeps as much as it may; then nothing of it is kept.
 */
export async function keepUpload(ctx: Context, upload: Upload): Promise<KeptUpload | null> {
  if (!keepsUploadsNow(ctx)) return null
  const { accountId, file, signal } = upload
  const name = `${randomText(mediaNameLength)}.${file.kind.extension}`
  await announce(ctx, name, upload)
  try {
    await ctx.resultStore.use(name, async (opened) => await put(ctx, name, file, opened))
  } catch (error) {
    // Its row goes when its writer counts as gone: a disk that hangs may put the file there later.
    if (error instanceof StoreDown || error instanceof StoreFault) return null
    throw error
  }
  const expiresAt = ctx.clock.now() + uploadLifetimeMs(ctx.config)
  const isKept = !signal.aborted && (await ctx.db.transaction((tx) => markUploadKept(tx, name, expiresAt)))
  if (isKept) return { url: `${ctx.config.publicUrl}${mediaPath}/${name}`, expiresAt }
  await giveUp(ctx, name, accountId)
  throw notKept()
}

/** The row stands before the file, so that no file is ever forgotten. */
async function announce(ctx: Context, name: string, { accountId, file }: Upload): Promise<void> {
  const { bytes, kind } = file
  const createdAt = ctx.clock.now()
  await ctx.db.transaction(async (tx) => {
    await requireUploadRoom(ctx, tx, { accountId, bytes })
    await insertUpload(tx, {
      name,
      accountId,
      contentType: kind.contentType,
      bytes,
      createdAt,
      dueAt: createdAt + writingMs,
    })
  })
}

async function put(ctx: Context, name: string, file: Spooled, signal: AbortSignal): Promise<void> {
  try {
    // What is only passed on is spooled without it.
    await syncSpooled(file)
    await diskStore(ctx.mediaRoot).put(name, file, signal)
  } catch (cause) {
    throw new StoreFault(wordsOfFault(cause), { cause })
  }
}

/** Nobody has its URL, so it need not wait for its time. */
async function giveUp(ctx: Context, name: string, accountId: string): Promise<void> {
  const againAt = ctx.clock.now() + againMs
  try {
    await ctx.db.transaction((tx) => giveUpUpload(tx, name, againAt), { mayDelay: true })
    await removeUpload(ctx, { name })
  } catch (error) {
    ctx.log.warn({ err: error, account: accountId }, 'an upload that broke off is removed later')
  }
}

const notKept = () =>
  new GatewayError(
    'unavailable',
    {
      en: 'The file could not be kept. Nothing was charged. Upload it again.',
      zh: '文件未能保存。未扣除任何积分。请重新上传。',
    },
    { retryAfterMs: 3_000 },
  )
