// Copies missing result files of a restored store back from a backup, or only reports which are missing.
import { existsSync } from 'node:fs'
import type { Connection } from '../../db/database.ts'
import { Copier, isWhole, Missing } from './files.ts'
import { countInBucket, keptOnDisk } from './rows.ts'

const filesAtOnce = 200

interface PuttingBack {
  /** The folder a backup copied them to; null: nothing is put back. */
  readonly from: string | null
  readonly to: string
  readonly nowMs: number
}

export interface PutBack {
  /** Files that were missing and have been put back. */
  readonly files: number
  readonly bytes: number
  readonly missing: Pick<Missing, 'count' | 'names'>
  readonly inBucket: number
}

/** Leaves complete files alone, so it can be repeated; files due for removal do not count as missing. */
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
