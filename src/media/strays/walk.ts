// Lists the files in DATA_DIR/media folder by folder.
import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import type { MediaRoot } from '../../context.ts'
import { isKeptPath } from '../stores/blob-store.ts'
import { fileTurns } from '../volume/pool.ts'

export interface FolderWalk {
  /** The files of the next non-empty folder; null at the end. */
  next(): Promise<readonly string[] | null>
}

const part = /^[0-9A-Za-z]{2}$/

/** Throws if the root was replaced. May miss folders created during the walk; the next walk finds them. */
export function walkFolders(mediaRoot: MediaRoot): FolderWalk {
  const root = mediaRoot.path
  const namesIn = async (folder: string): Promise<string[]> =>
    await fileTurns.run('read', async () => {
      const names = await readdir(folder).catch(() => [])
      await mediaRoot.requireSame()
      return names
    })
  let above: string[] | null = null
  let below: string[] = []
  return {
    async next() {
      above ??= (await namesIn(root)).filter((name) => part.test(name))
      for (;;) {
        const folder = below.shift()
        if (folder !== undefined) {
          const names = (await namesIn(folder)).filter(isKeptPath)
          if (names.length > 0) return names
          continue
        }
        const outer = above.shift()
        if (outer === undefined) return null
        const inner = await namesIn(join(root, outer))
        below = inner.filter((name) => part.test(name)).map((name) => join(root, outer, name))
      }
    },
  }
}
