// `tollgate backup`: a whole copy of the store, while it is served or not.
import { resolve } from 'node:path'
import { loadConfig } from '../config/config.ts'
import { backUp } from '../db/copy.ts'
import { sqliteFile } from '../db/open.ts'
import { print } from './exit.ts'
import type { OutputOptions } from './exit.ts'

export function backup(target: string, options: OutputOptions): void {
  const path = resolve(target)
  const bytes = backUp(sqliteFile(loadConfig().databaseUrl), path)
  print(options, { file: path, bytes }, [`${path}: ${bytes} bytes`])
}
