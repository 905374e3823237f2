// One file out of an open store.
import { chmodSync } from 'node:fs'
import type Sqlite from 'better-sqlite3'
import { ownerOnly, syncToDisk } from '../../../disk/sync.ts'

/** The last committed state, in one file without a log; `target` may not exist. Others go on reading and writing. */
export function writeCopy(client: Sqlite.Database, target: string): void {
  client.prepare('VACUUM INTO ?').run(target)
  chmodSync(target, ownerOnly)
  syncToDisk(target)
}
