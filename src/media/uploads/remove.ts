// Removes uploads that were kept long enough: marked first, so that nobody is served a file that goes.
import type { Context } from '../../context.ts'
import { diskStore } from '../stores/disk.ts'
import { uploadLifetimeMs } from './ours.ts'
import { beginUploadRemoval, forgetUpload, uploadsDue } from './rows.ts'
import type { UploadRow } from './rows.ts'

/** A disk that would not remove a file is asked again after this. */
export const againMs = 60 * 60_000

/** Takes up to `max` uploads that are to go; from now on they are not served. */
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

/** Of a row that is marked. Where it fails, the mark stays, and it is tried again when that is due. */
export async function removeUpload(ctx: Context, { name }: Pick<UploadRow, 'name'>): Promise<void> {
  await diskStore(ctx.mediaRoot).remove(name)
  await ctx.db.transaction((tx) => forgetUpload(tx, name), { mayDelay: true })
}
