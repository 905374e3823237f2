// Copies result files one by one, each complete and synced, with bounded resources.
import { constants, copyFile, open, rename, rm, stat } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { unlessMissing } from '../../disk/missing.ts'
import { makeFolder } from '../../disk/folder.ts'
import { unfinished } from '../stores/blob-store.ts'
import type { KeptFile } from './rows.ts'

/** How many names a report lists; the rest is only counted. */
const namedMax = 100

/** Files that do not exist where their row says. */
export class Missing {
  readonly names: string[] = []
  count = 0

  add(name: string): void {
    this.count += 1
    if (this.names.length < namedMax) this.names.push(name)
  }
}

/** The path of a kept file below its root. */
export const pathBelow = (root: string, name: string): string =>
  join(root, name.slice(0, 2), name.slice(2, 4), name)

/** Whether the file exists with the size in its row. */
export async function isWhole(root: string, { name, bytes }: KeptFile): Promise<boolean> {
  const found = await stat(pathBelow(root, name)).catch(unlessMissing)
  return found !== null && found.isFile() && found.size === bytes
}

/**
 * Copies files folder by folder. A copy shares no block with its original, unless the file system does
 * copy-on-write by itself: damage to one does not affect the other, as it would with a hard link.
 */
export class Copier {
  readonly #to: string
  #folder: string | null = null
  files = 0
  bytes = 0

  constructor(to: string) {
    this.#to = to
  }

  /** False if there is no file of that size; a partial copy is removed. */
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

  /** Call it after the last file. */
  async finish(): Promise<void> {
    if (this.#folder) await sync(this.#folder)
    this.#folder = null
    await sync(this.#to)
  }

  /** Files come in the order of their names, so each folder is entered once, and synced when it is left. */
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
