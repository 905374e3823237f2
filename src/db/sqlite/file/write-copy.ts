// Writes an open store to one file.
import { chmodSync } from 'node:fs'
import type Sqlite from 'better-sqlite3'
import { ownerOnly, syncToDisk } from '../../../disk/sync.ts'

/**
 * Writes the last committed state to one file without a log; `target` must not exist. Others go on reading
 * and writing.
 */
export function writeCopy(client: Sqlite.Database, target: string): void {
  client.prepare('VACUUM INTO ?').run(target)
  chmodSync(target, ownerOnly)
  syncToDisk(target)
}
