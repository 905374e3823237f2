// Puts files of results back that a restored store speaks of, or only says which are not there.
import { existsSync } from 'node:fs'
import type { Connection } from '../../db/database.ts'
import { Copier, isWhole, Missing } from './files.ts'
import { countInBucket, keptOnDisk } from './rows.ts'

const filesAtOnce = 200

interface PuttingBack {
  /** Where they were copied to by a backup; null: nothing is put back. */
  readonly from: string | null
  readonly to: string
  readonly nowMs: number
}

export interface PutBack {
  /** Those that had to be, and were. */
  readonly files: number
  readonly bytes: number
  readonly missing: Pick<Missing, 'count' | 'names'>
  readonly inBucket: number
}

/** What lies there whole stays as it is, so it may be done again; what is due to be removed is not missed. */
export async function putBackFiles(read: Connection, { from, to, nowMs }: PuttingBack): Promise<PutBack> {
  const copier = new Copier(to)
  const missing = new Missing()
  for (let after = ''; ;) {
    const page = await keptOnDisk(read, { after, limit: filesAtOnce, dueAfter: nowMs })
    for (const file of page) {
      if (await isWhole(to, file)) continue
      if (from === null || !(await copier.copy(from, file))) missing.add(file.name)
    }
    const last = page.at(-1)
    if (!last || page.length < filesAtOnce) break
    after = last.name
  }
  if (existsSync(to)) await copier.finish()
  return { files: copier.files, bytes: copier.bytes, missing, inBucket: await countInBucket(read) }
}
