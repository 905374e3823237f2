// Copies the files named in a copy of the store, while the gateway keeps running.
import { mkdir } from 'node:fs/promises'
import type { Look } from '../../db/dialect.ts'
import { Copier, Missing } from './files.ts'
import { countInBucket, hasFiles, keptOnDisk, stillKept } from './rows.ts'
import type { KeptFile } from './rows.ts'

const filesAtOnce = 200
const ownerOnly = 0o700

interface Taking {
  /** The copy of the store; `store` is the original, which keeps changing. */
  readonly copy: Look
  readonly store: Look
  /** Source and target folder; the target is created. */
  readonly from: string
  readonly to: string
}

export interface Taken {
  readonly files: number
  readonly bytes: number
  /** Files with a row but without content on disk. */
  readonly missing: Pick<Missing, 'count' | 'names'>
  /** Files in a bucket, which are not copied. */
  readonly inBucket: number
}

/** Files removed with their rows since the store was copied are not missing: their retention was over. */
export async function takeFiles({ copy, store, from, to }: Taking): Promise<Taken> {
  const copier = new Copier(to)
  const missing = new Missing()
  // Each snapshot ends before files are copied, so a disk error is not reported as an error of the store.
  const takeAll = async (): Promise<number> => {
    for (let after = ''; ;) {
      const page = await copy.snapshot((read) => keptOnDisk(read, { after, limit: filesAtOnce, dueAfter: 0 }))
      const gone = await copyPage(copier, from, page)
      for (const name of await keptIn(store, gone)) missing.add(name)
      const last = page.at(-1)
      if (!last || page.length < filesAtOnce) return await copy.snapshot(countInBucket)
      after = last.name
    }
  }
  await mkdir(to, { mode: ownerOnly })
  const inBucket = (await copy.snapshot(hasFiles)) ? await takeAll() : 0
  await copier.finish()
  return { files: copier.files, bytes: copier.bytes, missing, inBucket }
}

/** Returns the names of missing files. */
async function copyPage(copier: Copier, from: string, page: readonly KeptFile[]): Promise<string[]> {
  const gone: string[] = []
  for (const file of page) if (!(await copier.copy(from, file))) gone.push(file.name)
  return gone
}

async function keptIn(store: Look, names: readonly string[]): Promise<readonly string[]> {
  return names.length === 0 ? [] : await store.snapshot((read) => stillKept(read, names))
}
