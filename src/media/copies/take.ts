// Copies the files that a copy of the store speaks of, while the gateway that keeps them goes on.
import { mkdir } from 'node:fs/promises'
import type { Look } from '../../db/dialect.ts'
import { Copier, Missing } from './files.ts'
import { countInBucket, hasFiles, keptOnDisk, stillKept } from './rows.ts'
import type { KeptFile } from './rows.ts'

const filesAtOnce = 200
const ownerOnly = 0o700

interface Taking {
  /** The copy of the store; `store` is what it was copied from, and goes on. */
  readonly copy: Look
  readonly store: Look
  /** Where the files lie, and where they are to lie: that folder is made. */
  readonly from: string
  readonly to: string
}

export interface Taken {
  readonly files: number
  readonly bytes: number
  /** Their rows are there, and they are not. */
  readonly missing: Pick<Missing, 'count' | 'names'>
  /** Files that lie elsewhere than on this disk, and are not copied. */
  readonly inBucket: number
}

/** What was removed since the copy of the store, with its row, is no loss: it had been kept as long as was promised. */
export async function takeFiles({ copy, store, from, to }: Taking): Promise<Taken> {
  const copier = new Copier(to)
  const missing = new Missing()
  // Each look is over before files are copied: what a disk says then is not said of the store.
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

/** Returns the names of those that are not there. */
async function copyPage(copier: Copier, from: string, page: readonly KeptFile[]): Promise<string[]> {
  const gone: string[] = []
  for (const file of page) if (!(await copier.copy(from, file))) gone.push(file.name)
  return gone
}

async function keptIn(store: Look, names: readonly string[]): Promise<readonly string[]> {
  return names.length === 0 ? [] : await store.snapshot((read) => stillKept(read, names))
}
