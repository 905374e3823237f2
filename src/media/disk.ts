// Keeps files in DATA_DIR/media: moved into place when they are whole, under names that nobody can guess.
import { open, rename, rm } from 'node:fs/promises'
import type { FileHandle } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { isMediaName } from './place.ts'
import type { Place } from './place.ts'
import { makeFolders } from './volume/folders.ts'
import { fileTurns } from './volume/pool.ts'
import { closeLate, streamOf } from './volume/stream.ts'

export function diskPlace(dataDir: string): Place {
  const root = join(dataDir, 'media')
  return {
    async put(name, file) {
      const target = pathOf(root, name)
      const folder = dirname(target)
      const folders = [folder, dirname(folder), root]
      await fileTurns.run('write', async () => {
        await makeFolders(folders.toReversed())
        await rename(file.path, target)
        // Those above too: who else has just made one of them may not have come to this line.
        for (const each of [...folders, dataDir]) await syncFolder(each)
      })
    },

    async read(name, bytes, { first, last }) {
      const path = pathOf(root, name)
      const file = await fileTurns.run('read', () => openWhole(path, bytes), closeLate)
      return file && streamOf(file, { first, last })
    },

    async remove(name) {
      const path = pathOf(root, name)
      await fileTurns.run('write', async () => {
        await rm(path, { force: true })
        // The row goes next; a file that came back with the power would be nobody's.
        await syncFolder(dirname(path)).catch(unlessMissing)
      })
    },

    link: async () => null,
  }
}

/** Some thousand folders, so that none of them holds too many files. */
function pathOf(root: string, name: string): string {
  if (!isMediaName(name)) throw new Error('no name of a kept file')
  return join(root, name.slice(0, 2), name.slice(2, 4), name)
}

/** Null where there is no such file of that many bytes. */
async function openWhole(path: string, bytes: number): Promise<FileHandle | null> {
  const file = await open(path, 'r').catch(unlessMissing)
  if (!file) return null
  const { size } = await file.stat()
  if (size === bytes) return file
  await file.close()
  return null
}

async function syncFolder(path: string): Promise<void> {
  const folder = await open(path, 'r')
  try {
    await folder.sync()
  } finally {
    await folder.close()
  }
}

function unlessMissing(error: NodeJS.ErrnoException): null {
  if (error.code === 'ENOENT' || error.code === 'ENOTDIR') return null
  throw error
}
