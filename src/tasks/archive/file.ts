// One file of the archive: JSON lines in gzip, under its final name only once it is complete and synced to the disk.
import { appendFile, open, readdir, rename, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { gzip } from 'node:zlib'
import { ownerOnly, syncToDisk } from '../../disk/sync.ts'
import { makeFolder } from '../../disk/folder.ts'
import { randomText } from '../../ids.ts'

const compress = promisify(gzip)
const unfinished = '.unfinished'
/** No file takes this long to write. */
const abandonedAfterMs = 24 * 60 * 60_000

export interface ArchiveFile {
  /** The final path. */
  readonly path: string
  /** Size of the lines before compression. */
  readonly bytes: number
  add(lines: readonly string[]): Promise<void>
  /** Once it resolves, the file survives a power failure. */
  finish(): Promise<void>
  discard(): Promise<void>
}

export async function beginFile(folder: string, nowMs: number): Promise<ArchiveFile> {
  makeFolder(folder)
  await removeAbandoned(folder, nowMs)
  const time = new Date(nowMs).toISOString().replaceAll(/[-:]|\.\d+/g, '')
  const path = join(folder, `orders-${time}-${randomText(6)}.jsonl.gz`)
  const part = `${path}${unfinished}`
  return writerTo(folder, path, part)
}

/** The same for a file that is there, and is replaced when the new one is whole. */
export async function replaceFile(folder: string, name: string): Promise<ArchiveFile> {
  const path = join(folder, name)
  const part = `${path}${unfinished}`
  // What a process that died has left of it.
  await rm(part, { force: true })
  return writerTo(folder, path, part)
}

function writerTo(folder: string, path: string, part: string): ArchiveFile {
  let bytes = 0
  return {
    path,
    get bytes() {
      return bytes
    },
    async add(lines) {
      const text = lines.map((line) => `${line}\n`).join('')
      // Concatenated gzip members are a valid gzip file.
      await appendFile(part, await compress(text), { mode: ownerOnly })
      bytes += Buffer.byteLength(text)
    },
    async finish() {
      const handle = await open(part, 'r+')
      try {
        await handle.sync()
      } finally {
        await handle.close()
      }
      await rename(part, path)
      syncToDisk(folder)
    },
    discard: async () => await rm(part, { force: true }),
  }
}

/** Removes unfinished files of dead processes: their orders are still in the store. */
async function removeAbandoned(folder: string, nowMs: number): Promise<void> {
  for (const name of await readdir(folder)) {
    if (!name.endsWith(unfinished)) continue
    const path = join(folder, name)
    const found = await stat(path).catch(() => null)
    if (found && nowMs - found.mtimeMs > abandonedAfterMs) await rm(path, { force: true })
  }
}
