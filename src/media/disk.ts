// Keeps files in DATA_DIR/media: moved into place when they are whole, under names that nobody can guess.
import { open, rename, rm } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { makeFolder } from '../db/folder.ts'
import { isMediaName } from './place.ts'
import type { Place } from './place.ts'

export function diskPlace(dataDir: string): Place {
  const root = join(dataDir, 'media')
  return {
    async put(name, file) {
      const target = pathOf(root, name)
      const folder = dirname(target)
      makeFolder(folder)
      await rename(file.path, target)
      // Those above too: who else has just made one of them may not have come to this line.
      for (const each of [folder, dirname(folder), root, dataDir]) await syncFolder(each)
    },

    async read(name, bytes, { first, last }) {
      const file = await open(pathOf(root, name), 'r').catch(unlessMissing)
      if (!file) return null
      const { size } = await file.stat()
      if (size === bytes) return file.createReadStream({ start: first, end: last })
      await file.close()
      return null
    },

    async remove(name) {
      const path = pathOf(root, name)
      await rm(path, { force: true })
      // The row goes next; a file that came back with the power would be nobody's.
      await syncFolder(dirname(path)).catch(unlessMissing)
    },

    link: async () => null,
  }
}

/** Some thousand folders, so that none of them holds too many files. */
function pathOf(root: string, name: string): string {
  if (!isMediaName(name)) throw new Error('no name of a kept file')
  return join(root, name.slice(0, 2), name.slice(2, 4), name)
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
