// Makes files and folder entries survive a power failure.
import { closeSync, fsyncSync, openSync } from 'node:fs'

/** The mode of files that only the gateway's own user may read. */
export const ownerOnly = 0o600

/** Syncs a file, or the names in a folder, to the disk. */
export function syncToDisk(path: string): void {
  const handle = openSync(path, 'r')
  try {
    fsyncSync(handle)
  } finally {
    closeSync(handle)
  }
}
