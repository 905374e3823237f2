// Removes files that were kept long enough: marked first, so that nobody is served a file that goes.
import type { Context } from '../context.ts'
import { blobStoreOf } from './stores/blob-stores.ts'
import { forgetMedia } from './rows.ts'
import type { MediaRow } from './rows.ts'

/** Of a row that is marked. Where it fails, the mark stays, and it is tried again when that is due. */
export async function removeFile(ctx: Context, { name, store }: MediaRow): Promise<void> {
  const blobs = blobStoreOf(ctx, store)
  if (!blobs) throw new Error(`a file lies in the store ${store}, which is not configured; it stays there`)
  await blobs.remove(name)
  await ctx.db.transaction((tx) => forgetMedia(tx, name), { mayDelay: true })
}
