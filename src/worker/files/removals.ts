// Claims result and upload files whose retention has ended, each as a job that removes one of them.
import type { Context } from '../../context.ts'
import { removeFile } from '../../media/remove.ts'
import { claimUploadRemovals, removeUpload } from '../../media/uploads/remove.ts'
import { claimRemovals } from '../../tasks/results/expire.ts'

/** Uploads first: they are limited per account, and an account at its limit waits for the room. */
export async function claimOldFiles(ctx: Context, max: number): Promise<(() => Promise<void>)[]> {
  const uploads = await claimUploadRemovals(ctx, max)
  const room = max - uploads.length
  const results = room > 0 ? await claimRemovals(ctx, room) : []
  return [
    ...uploads.map((upload) => async () => await removeUpload(ctx, upload)),
    ...results.map((file) => async () => await removeFile(ctx, file)),
  ]
}
