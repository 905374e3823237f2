// Writes an export into a file; one that was broken off is taken up behind its last whole line.
import { createReadStream } from 'node:fs'
import { open } from 'node:fs/promises'
import type { FileHandle } from 'node:fs/promises'
import { dirname } from 'node:path'
import type { Context } from '../context.ts'
import { ownerOnly, syncToDisk } from '../disk/sync.ts'
import { conflictsNow, GatewayError } from '../errors.ts'
import { exportAccount, wholeLine } from './export.ts'
import type { ExportLine } from './export.ts'

export interface WrittenExport {
  /** Lines that were written now. */
  readonly lines: number
  /** Whether the file held a part of it before. */
  readonly resumed: boolean
}

/** Throws like `exportAccount`, and invalid_request if the file holds something else; then it is as it was. */
export async function exportToFile(ctx: Context, accountId: string, path: string): Promise<WrittenExport> {
  const handle = await open(path, 'a+', ownerOnly)
  try {
    const begun = await begunIn(handle, path, accountId)
    const pages = await exportAccount(ctx, { accountId, after: begun?.after ?? null })
    await handle.truncate(begun?.bytes ?? 0)
    if (begun?.after === wholeLine.at) return { lines: 0, resumed: true }
    let lines = 0
    for await (const page of pages) {
      await handle.appendFile(textOf(page))
      lines += page.length
    }
    await handle.sync()
    syncToDisk(dirname(path))
    return { lines, resumed: begun !== null }
  } finally {
    await handle.close()
  }
}

export const textOf = (lines: readonly ExportLine[]): string =>
  lines.map((line) => `${JSON.stringify(line)}\n`).join('')

interface Begun {
  /** Where the last whole line ends. */
  readonly bytes: number
  readonly after: string | null
}

/** What is whole in the file; null: nothing is. */
async function begunIn(handle: FileHandle, path: string, accountId: string): Promise<Begun | null> {
  const ends = await lineEnds(path)
  if (ends.size === 0) return null
  if (ends.last === 0) {
    if (ends.size < headerBytesMax) return null
    throw otherFile(path)
  }
  const header = await lineAt(handle, 0, ends.first)
  if (header?.type !== 'export' || header['account_id'] !== accountId) throw otherFile(path)
  const line = await lineAt(handle, ends.lastButOne, ends.last)
  if (!line) throw otherFile(path)
  return { bytes: ends.last, after: line.at === '' ? null : line.at, ...(line.at === '' && { bytes: 0 }) }
}

/** A first line that was broken off is shorter. */
const headerBytesMax = 4_096

interface LineEnds {
  readonly size: number
  /** Behind the first line, behind the last but one, behind the last; 0: there is none. */
  readonly first: number
  readonly lastButOne: number
  readonly last: number
}

async function lineEnds(path: string): Promise<LineEnds> {
  const lineEnd = 10
  let [size, first, lastButOne, last] = [0, 0, 0, 0]
  for await (const chunk of createReadStream(path) as AsyncIterable<Buffer>) {
    for (let at = chunk.indexOf(lineEnd); at !== -1; at = chunk.indexOf(lineEnd, at + 1)) {
      lastButOne = last
      last = size + at + 1
      if (first === 0) first = last
    }
    size += chunk.length
  }
  return { size, first, lastButOne, last }
}

async function lineAt(handle: FileHandle, from: number, to: number): Promise<ExportLine | null> {
  const { buffer } = await handle.read(Buffer.alloc(to - from), 0, to - from, from)
  try {
    const line = JSON.parse(buffer.toString()) as Partial<ExportLine> | null
    return typeof line?.at === 'string' && typeof line.type === 'string' ? (line as ExportLine) : null
  } catch {
    return null
  }
}

const otherFile = (path: string) =>
  new GatewayError(
    'invalid_request',
    {
      en: `${path} holds something else than an export of this account. It was not changed. Name another file.`,
      zh: `${path} 不是该账户的导出文件。文件未改动。请换一个文件名。`,
    },
    { detail: conflictsNow },
  )
