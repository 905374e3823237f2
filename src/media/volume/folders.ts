// Makes the folders that media lie in, without the event loop waiting for the volume.
import { mkdir } from 'node:fs/promises'

/** What lies in them is for nobody but the gateway's own user. */
const ownerOnly = 0o700

/** Each after the one that it lies in. */
export async function makeFolders(folders: readonly string[]): Promise<void> {
  for (const folder of folders) {
    await mkdir(folder, { mode: ownerOnly }).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'EEXIST') throw error
    })
  }
}
