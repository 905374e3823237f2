// Removes expired uploads: rows are marked first, so that a file being removed is not served.
import type { Context } from '../../context.ts'
import { diskStore } from '../stores/disk.ts'
import { uploadLifetimeMs } from './ours.ts'
import { beginUploadRemoval, forgetUpload, uploadsDue } from './rows.ts'
import type { UploadRow } from './rows.ts'

/** Delay before the next attempt if the disk could not remove a file. */
export const againMs = 60 * 60_000

/** Claims up to `max` expired uploads; from now on they are not served. */
export async function claimUploadRemovals(ctx: Context, max: number): Promise<UploadRow[]> {
  if (!ctx.time.mayEnd(uploadLifetimeMs(ctx.config))) return []
  const nowMs = ctx.clock.now()
  const due = await uploadsDue(ctx.db.read, { nowMs, limit: max })
  if (due.length === 0) return []
  const names = due.map(({ name }) => name)
  return await ctx.db.transaction(
    (tx) => beginUploadRemoval(tx, names, { nowMs, againAt: nowMs + againMs }),
    { mayDelay: true },
  )
}

/** Requires a marked row. On failure the mark stays, and the removal is retried when the row is due again. */
export async function removeUpload(ctx: Context, { name }: Pick<UploadRow, 'name'>): Promise<void> {
  await diskStore(ctx.mediaRoot).remove(name)
  await ctx.db.transaction((tx) => forgetUpload(tx, name), { mayDelay: true })
}
