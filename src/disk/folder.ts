// Creates a folder that only the gateway's own user can access, or fails at once.
import { mkdirSync, statSync } from 'node:fs'
import { dirname } from 'node:path'

/** Only the gateway's own user may access it. */
const ownerOnly = 0o700

/**
 * Folder by folder: Node's recursive mkdir retries forever if the system reports a missing parent for a
 * folder that cannot exist, such as any in /proc.
 */
export function makeFolder(folder: string): void {
  if (isFolder(folder)) return
  const above = dirname(folder)
  if (above !== folder) makeFolder(above)
  try {
    mkdirSync(folder, { mode: ownerOnly })
  } catch (error) {
    // Another process may have created it meanwhile.
    if (!isFolder(folder)) throw error
  }
}

function isFolder(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false
}
