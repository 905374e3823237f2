// `tollgate backup`: a whole copy of the store, while it is served or not.
import { resolve } from 'node:path'
import { backUp } from '../db/copy.ts'
import { DatabaseRefused } from '../db/database.ts'
import { sqliteFile } from '../db/open.ts'
import { print } from './exit.ts'
import type { OutputOptions } from './exit.ts'
import { settingsOfStore } from './settings.ts'

/** A copy is a database file: it is written in place and synced, which a pipe cannot be. */
function requireName(target: string): string {
  if (target === '-' || target === '') {
    throw new DatabaseRefused(
      'backup writes a file, and not to stdout: name one, as in tollgate backup /backups/today.db',
    )
  }
  return target
}

export function backup(target: string, options: OutputOptions): void {
  const path = resolve(requireName(target))
  const bytes = backUp(sqliteFile(settingsOfStore().databaseUrl), path)
  print(options, { file: path, bytes }, [`${path}: ${bytes} bytes`])
}
