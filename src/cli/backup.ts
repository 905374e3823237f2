// `tollgate backup`: a whole copy of the store, while it is served or not.
import { join, resolve } from 'node:path'
import { backUp } from '../db/copy.ts'
import { DatabaseRefused } from '../db/database.ts'
import { sqliteFile } from '../db/open.ts'
import { print, say } from './exit.ts'
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
  const { databaseUrl, dataDir, media } = settingsOfStore()
  const bytes = backUp(sqliteFile(databaseUrl), path)
  const notIn = [join(dataDir, 'sealing.key'), ...(media.store === 'disk' ? [join(dataDir, 'media')] : [])]
  print(options, { file: path, bytes, not_in_it: notIn }, [`${path}: ${bytes} bytes`])
  if (!options.json) say(notInWords(notIn))
}

const notInWords = (paths: readonly string[]) =>
  `Not in it: ${paths.join(' and ')}. Copy the files of results after this, with rsync or a snapshot, and the key once, somewhere else than copies of the store.`
