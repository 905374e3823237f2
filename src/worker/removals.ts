// Files that were kept as long as promised, results and uploads, each as work that takes one of them away.
import type { Context } from '../context.ts'
import { removeFile } from '../media/remove.ts'
import { claimUploadRemovals, removeUpload } from '../media/uploads/remove.ts'
import { claimRemovals } from '../tasks/results/expire.ts'

/** Uploads first: they are bounded for each account, and an account that has no room waits for it. */
export async function claimOldFiles(ctx: Context, max: number): Promise<(() => Promise<void>)[]> {
  const uploads = await claimUploadRemovals(ctx, max)
  const room = max - uploads.length
  const results = room > 0 ? await claimRemovals(ctx, room) : []
  return [
    ...uploads.map((upload) => async () => await removeUpload(ctx, upload)),
    ...results.map((file) => async () => await removeFile(ctx, file)),
  ]
}
