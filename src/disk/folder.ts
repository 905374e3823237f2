// Makes a folder for the gateway's own user, or says at once why it cannot.
import { mkdirSync, statSync } from 'node:fs'
import { dirname } from 'node:path'

/** What lies in it is for nobody but the gateway's own user. */
const ownerOnly = 0o700

/**
 * Folder by folder: Node's recursive mkdir tries again for ever where the system says of a folder that can
 * never be, as of any in /proc, that its parent is missing.
 */
export function makeFolder(folder: string): void {
  if (isFolder(folder)) return
  const above = dirname(folder)
  if (above !== folder) makeFolder(above)
  try {
    mkdirSync(folder, { mode: ownerOnly })
  } catch (error) {
    // Somebody else may have made it meanwhile.
    if (!isFolder(folder)) throw error
  }
}

function isFolder(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false
}
