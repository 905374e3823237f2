// Removes files whose retention is over: rows are marked first, so that a file being removed is not served.
import type { Context } from '../context.ts'
import { blobStoreOf } from './stores/blob-stores.ts'
import { forgetMedia } from './rows.ts'
import type { MediaRow } from './rows.ts'

/** Requires a marked row. On failure the mark stays, and the removal is retried when the row is due again. */
export async function removeFile(ctx: Context, { name, store }: MediaRow): Promise<void> {
  const blobs = blobStoreOf(ctx, store)
  if (!blobs) throw new Error(`a file lies in the store ${store}, which is not configured; it stays there`)
  await blobs.remove(name)
  await ctx.db.transaction((tx) => forgetMedia(tx, name), { mayDelay: true })
}
