// Creates media folders without blocking the event loop.
import { mkdir } from 'node:fs/promises'

/** Only the gateway's own user may access them. */
const ownerOnly = 0o700

/** In order: each parent before its children. */
export async function makeFolders(folders: readonly string[]): Promise<void> {
  for (const folder of folders) {
    await mkdir(folder, { mode: ownerOnly }).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'EEXIST') throw error
    })
  }
}
