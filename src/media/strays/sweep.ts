// Removes files that a restored older store does not know, after a grace period for restoring the newer one.
import type { Context } from '../../context.ts'
import { blobStoreOf } from '../stores/blob-stores.ts'
import type { StoreName } from '../stores/blob-stores.ts'
import { forgetStray, knownNames, noteStrays, straysBefore } from './rows.ts'
import type { Stray } from './rows.ts'
import { walkFolders } from './walk.ts'
import type { FolderWalk } from './walk.ts'

/** By then a wrong restore has been noticed; until then the newer store's files remain. */
export const strayGraceMs = 7 * 24 * 60 * 60_000
/** Names looked up at once, and files removed per turn. */
const namesAtOnce = 200
const removedAtOnce = 20

export interface StraySweep {
  /** A bounded part of one pass; false when the pass is over. */
  turn(): Promise<boolean>
}

/**
 * One pass. Only one gateway uses DATA_DIR, so a file there without a row is a stray. A bucket may be shared:
 * there only files that a restore has noted are removed.
 */
export function createStraySweep(ctx: Context): StraySweep {
  let walk: FolderWalk | null = walkFolders(ctx.mediaRoot)
  const pending: string[] = []
  const failed: string[] = []
  let [noted, removed] = [0, 0]
  const look = async (): Promise<boolean> => {
    while (walk && pending.length < namesAtOnce) {
      const names = await walk.next()
      if (names) pending.push(...names)
      else walk = null
    }
    const some = pending.splice(0, namesAtOnce)
    if (some.length > 0) noted += await note(ctx, some)
    return walk !== null || pending.length > 0
  }
  return {
    async turn() {
      if (walk || pending.length > 0) {
        await look()
        return true
      }
      const due = await dueStrays(ctx, failed)
      for (const stray of due) {
        if (await remove(ctx, stray)) removed += 1
        else failed.push(stray.name)
      }
      if (due.length > 0) return true
      if (noted + removed + failed.length > 0) {
        ctx.log.info({ noted, removed, failed: failed.length }, 'files of results that no row speaks of')
      }
      return false
    },
  }
}

async function note(ctx: Context, names: readonly string[]): Promise<number> {
  // A row is inserted before its file: a listed file that has no row by now is a stray.
  const known = await knownNames(ctx.db.read, names)
  const seenAt = ctx.clock.now()
  const strays = names
    .filter((name) => !known.has(name))
    .map((name): Stray => ({ name, store: 'disk', seenAt }))
  if (strays.length === 0) return 0
  return await ctx.db.transaction((tx) => noteStrays(tx, strays), { mayDelay: true })
}

async function dueStrays(ctx: Context, except: readonly string[]): Promise<Stray[]> {
  if (!ctx.time.mayEnd(strayGraceMs)) return []
  const seenBefore = ctx.clock.now() - strayGraceMs
  return await straysBefore(ctx.db.read, { seenBefore, limit: removedAtOnce, except })
}

async function remove(ctx: Context, { name, store }: Stray): Promise<boolean> {
  try {
    const isKnown = (await knownNames(ctx.db.read, [name])).has(name)
    if (!isKnown) await blobStoreFor(ctx, store).remove(name)
    await ctx.db.transaction((tx) => forgetStray(tx, name), { mayDelay: true })
    return true
  } catch (error) {
    ctx.log.warn(
      { err: error, store },
      'a file that no row speaks of could not be removed; it is tried again',
    )
    return false
  }
}

function blobStoreFor(ctx: Context, store: StoreName) {
  const blobs = blobStoreOf(ctx, store)
  if (!blobs) throw new Error(`it lies in the store ${store}, which is not configured`)
  return blobs
}
