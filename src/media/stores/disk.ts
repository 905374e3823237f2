// Keeps files in DATA_DIR/media: moved into place when complete, under unguessable names.
import { rm } from 'node:fs/promises'
import type { FileHandle } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { unlessMissing } from '../../disk/missing.ts'
import type { MediaRoot } from '../../context.ts'
import { isKeptPath, unfinished } from './blob-store.ts'
import type { BlobStore } from './blob-store.ts'
import { volumeCalls } from '../volume/calls.ts'
import { makeFolders } from '../volume/folders.ts'
import { fileTurns } from '../volume/pool.ts'
import { closeLate, streamOf } from '../volume/stream.ts'

/** Does nothing in a folder other than the one at the start; files missing there do not count as removed. */
export function diskStore(mediaRoot: MediaRoot): BlobStore {
  const root = mediaRoot.path
  return {
    async put(name, file) {
      const target = pathOf(root, name)
      const folder = dirname(target)
      const folders = [folder, dirname(folder)]
      await fileTurns.run('write', async () => {
        await mediaRoot.enter()
        await makeFolders(folders.toReversed())
        await move(file.path, target)
        // Also the parents: another put that just created one of them may not have synced it yet.
        for (const each of [...folders, root, dirname(root)]) await sync(each)
        await mediaRoot.requireSame()
      })
    },

    async read({ name, bytes }, { first, last }) {
      const path = pathOf(root, name)
      const open = async () => {
        const file = await openWhole(path, bytes)
        if (!file) await mediaRoot.requireSame()
        return file
      }
      const file = await fileTurns.run('read', open, closeLate)
      return file && streamOf(file, { first, last })
    },

    async remove(name) {
      const path = pathOf(root, name)
      await fileTurns.run('write', async () => {
        await mediaRoot.requireSame()
        await rm(path, { force: true })
        // The row is deleted next; a file that reappeared after a power failure would have no row.
        await sync(dirname(path)).catch(unlessMissing)
        await mediaRoot.requireSame()
      })
    },

    link: async () => null,
  }
}

/** Thousands of folders, so that none holds too many files. */
function pathOf(root: string, name: string): string {
  if (!isKeptPath(name)) throw new Error('no name of a kept file')
  return join(root, name.slice(0, 2), name.slice(2, 4), name)
}

/** Null if there is no file with that many bytes. */
async function openWhole(path: string, bytes: number): Promise<FileHandle | null> {
  const file = await volumeCalls.open(path, 'r').catch(unlessMissing)
  if (!file) return null
  const { size } = await file.stat()
  if (size === bytes) return file
  await file.close()
  return null
}

/** Atomic, also from another file system: the file is then copied beside its target and renamed. */
async function move(from: string, to: string): Promise<void> {
  try {
    return await volumeCalls.rename(from, to)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EXDEV') throw error
  }
  const copy = `${to}${unfinished}`
  try {
    await volumeCalls.copyFile(from, copy)
    await sync(copy)
    await volumeCalls.rename(copy, to)
  } catch (error) {
    await rm(copy, { force: true }).catch(() => undefined)
    throw error
  }
}

/** Syncs a file's content, or a folder's entries. */
async function sync(path: string): Promise<void> {
  const handle = await volumeCalls.open(path, 'r')
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
}
