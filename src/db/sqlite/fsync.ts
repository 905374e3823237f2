// Copies of an open store, written so that they are there after the power has failed.
import { chmodSync, closeSync, fsyncSync, openSync } from 'node:fs'
import type Sqlite from 'better-sqlite3'

/** What a copy holds is for nobody but the gateway's own user. */
export const ownerOnly = 0o600

/** The last committed state, in one file without a log; `target` may not exist. Others go on reading and writing. */
export function writeCopy(client: Sqlite.Database, target: string): void {
  client.prepare('VACUUM INTO ?').run(target)
  chmodSync(target, ownerOnly)
  syncToDisk(target)
}

/** What was written, or which names a folder holds, survives the power failing after this. */
export function syncToDisk(path: string): void {
  const handle = openSync(path, 'r')
  try {
    fsyncSync(handle)
  } finally {
    closeSync(handle)
  }
}
