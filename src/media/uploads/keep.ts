// Keeps a customer's picture on our disk under our own URL; the upstream fetches it when an order uses it.
import type { Context } from '../../context.ts'
import { GatewayError } from '../../errors.ts'
import { randomName } from '../../ids.ts'
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
  /** Aborts when the client disconnects: it never learns the URL, so the file is not kept. */
  readonly signal: AbortSignal
}

export interface KeptUpload {
  readonly url: string
  readonly expiresAt: number
}

/** Longer than storing a file takes; after this its writer counts as dead, and the rest is removed. */
const writingMs = 30 * 60_000

/** Whether we keep uploads now: configured, and the disk accepts files. */
export const keepsUploadsNow = (ctx: Context): boolean =>
  keepsUploads(ctx.config) && ctx.resultStore.state() !== 'down'

/**
 * Null if we do not keep uploads, or not now: then the file is still in the spool. Throws rate_limited if the
 * account has reached its limit; then nothing is kept.
 */
export async function keepUpload(ctx: Context, upload: Upload): Promise<KeptUpload | null> {
  if (!keepsUploadsNow(ctx)) return null
  const { accountId, file, signal } = upload
  const name = `${randomName(mediaNameLength)}.${file.kind.extension}`
  await announce(ctx, name, upload)
  try {
    await ctx.resultStore.use(name, async (opened) => await put(ctx, { name, file }, opened))
  } catch (error) {
    // The row is removed when its writer counts as dead: until then a hanging disk may still write the file.
    if (error instanceof StoreDown || error instanceof StoreFault) return null
    throw error
  }
  const expiresAt = ctx.clock.now() + uploadLifetimeMs(ctx.config)
  const isKept = !signal.aborted && (await ctx.db.transaction((tx) => markUploadKept(tx, name, expiresAt)))
  if (isKept) return { url: `${ctx.config.publicUrl}${mediaPath}/${name}`, expiresAt }
  await giveUp(ctx, name, accountId)
  throw notKept()
}

/** The row is inserted before the file, so that no file is ever without one. */
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

interface NamedFile {
  readonly name: string
  readonly file: Spooled
}

async function put(ctx: Context, { name, file }: NamedFile, signal: AbortSignal): Promise<void> {
  try {
    // Uploads are spooled without a sync, because most are only passed on.
    await syncSpooled(file)
    await diskStore(ctx.mediaRoot).put(name, file, signal)
  } catch (cause) {
    throw new StoreFault(wordsOfFault(cause), { cause })
  }
}

/** The URL was never given out, so the file can be removed at once. */
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
