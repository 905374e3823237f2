// Copies single files of results, whole and on the disk, one after another: what is between is bounded.
import { constants, copyFile, open, rename, rm, stat } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { makeFolder } from '../../disk/folder.ts'
import { unfinished } from '../stores/blob-store.ts'
import type { KeptFile } from './rows.ts'

/** Names that a report bears; the rest is counted. */
const namedMax = 100

/** Files that are not where a row says. */
export class Missing {
  readonly names: string[] = []
  count = 0

  add(name: string): void {
    this.count += 1
    if (this.names.length < namedMax) this.names.push(name)
  }
}

/** As kept files lie below their root. */
export const pathBelow = (root: string, name: string): string =>
  join(root, name.slice(0, 2), name.slice(2, 4), name)

/** Whether it is there as its row says. */
export async function isWhole(root: string, { name, bytes }: KeptFile): Promise<boolean> {
  const found = await stat(pathBelow(root, name)).catch(unlessMissing)
  return found !== null && found.isFile() && found.size === bytes
}

/**
 * Copies files into one folder after another. A copy shares no block with its original unless the file system shares
 * and parts them by itself, so what spoils one spoils no other; a hard link would be the same file.
 */
export class Copier {
  readonly #to: string
  #folder: string | null = null
  files = 0
  bytes = 0

  constructor(to: string) {
    this.#to = to
  }

  /** False where there is no such file, or none of that many bytes: then nothing is left of it. */
  async copy(from: string, file: KeptFile): Promise<boolean> {
    if (!(await isWhole(from, file))) return false
    const target = pathBelow(this.#to, file.name)
    await this.#enter(dirname(target))
    const part = `${target}${unfinished}`
    await rm(part, { force: true })
    try {
      const isThere = await copyFile(pathBelow(from, file.name), part, constants.COPYFILE_FICLONE).then(
        () => true,
        (error: NodeJS.ErrnoException) => unlessMissing(error) !== null,
      )
      if (!isThere || !(await isSynced(part, file.bytes))) return false
      await rename(part, target)
    } finally {
      await rm(part, { force: true })
    }
    this.files += 1
    this.bytes += file.bytes
    return true
  }

  /** To be called after the last one. */
  async finish(): Promise<void> {
    if (this.#folder) await sync(this.#folder)
    this.#folder = null
    await sync(this.#to)
  }

  /** Files come in the order of their names, so each folder is entered once and synced when it is left. */
  async #enter(folder: string): Promise<void> {
    if (folder === this.#folder) return
    if (this.#folder) await sync(this.#folder)
    makeFolder(folder)
    await sync(dirname(folder))
    this.#folder = folder
  }
}

async function isSynced(path: string, bytes: number): Promise<boolean> {
  const handle = await open(path, 'r+')
  try {
    if ((await handle.stat()).size !== bytes) return false
    await handle.sync()
    return true
  } finally {
    await handle.close()
  }
}

async function sync(path: string): Promise<void> {
  const handle = await open(path, 'r')
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
}

function unlessMissing(error: NodeJS.ErrnoException): null {
  if (error.code === 'ENOENT' || error.code === 'ENOTDIR') return null
  throw error
}
