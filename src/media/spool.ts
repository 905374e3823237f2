// Spools a stream to a file: size-limited, type-checked at its start, never whole in memory, temporary.
import { createHash } from 'node:crypto'
import { readdir, rm } from 'node:fs/promises'
import type { FileHandle } from 'node:fs/promises'
import { join } from 'node:path'
import type { Context } from '../context.ts'
import { randomText } from '../ids.ts'
import { headBytes } from './file-types.ts'
import type { TypeCheck, Kind } from './file-types.ts'
import { volumeCalls } from './volume/calls.ts'
import { makeFolders } from './volume/folders.ts'
import { fileTurns } from './volume/pool.ts'
import { closeLate } from './volume/stream.ts'

export interface SpoolOptions {
  readonly maxBytes: number
  /** Called with the first bytes, before any are written; an error ends the spooling. */
  readonly typeOf: TypeCheck
  /** The length the sender declared; null if none. */
  readonly expectedBytes: number | null
  /** Whether the file must survive a power failure: files that are only passed on are not synced. */
  readonly isKept: boolean
}

export interface Spooled {
  readonly path: string
  readonly bytes: number
  readonly kind: Kind
  readonly sha256: string
  /** Call it when the file is no longer needed, also if it was moved to its final path. */
  discard(): Promise<void>
}

/** Syncs a file that was spooled to be passed on, but is kept after all. */
export async function syncSpooled({ path }: Spooled): Promise<void> {
  await fileTurns.run('write', async () => {
    const file = await volumeCalls.open(path, 'r')
    try {
      await file.sync()
    } finally {
      await file.close()
    }
  })
}

export class TooLong extends Error {}
class Truncated extends Error {}

/** Only the gateway's own user may access it. */
const ownerOnly = 0o600
const nameLength = 24

export type SpoolContext = Pick<Context, 'clock' | 'mediaRoot'>

/** A file being written. The caller must discard it unless `end` succeeds. */
export interface Spooling {
  /** Throws TooLong, errors of `typeOf`, and disk errors. */
  write(chunk: Uint8Array): Promise<void>
  /** Throws Truncated too. */
  end(): Promise<Spooled>
  /** Removes an unfinished file; calling it twice is safe. */
  discard(): Promise<void>
}

/** Throws TooLong, Truncated, errors of `typeOf`, source and disk; then nothing is left on disk. */
export async function spool(
  ctx: SpoolContext,
  source: AsyncIterable<Uint8Array>,
  options: SpoolOptions,
): Promise<Spooled> {
  const spooling = await openSpool(ctx, options)
  try {
    for await (const chunk of source) await spooling.write(chunk)
    return await spooling.end()
  } catch (error) {
    await spooling.discard()
    throw error
  }
}

export async function openSpool(
  { clock, mediaRoot }: SpoolContext,
  options: SpoolOptions,
): Promise<Spooling> {
  const folder = spoolFolder(mediaRoot)
  const path = join(folder, `${clock.now()}-${randomText(nameLength)}`)
  const remove = async () => await fileTurns.cleanUp('write', () => rm(path, { force: true }))
  const file = await fileTurns.run(
    'write',
    async () => {
      await mediaRoot.enter()
      await makeFolders([folder])
      return await volumeCalls.open(path, 'wx', ownerOnly)
    },
    (late) => {
      closeLate(late)
      void remove()
    },
  )
  const writing = createWriting(file, options)
  return {
    async discard() {
      await fileTurns.cleanUp('write', async () => {
        await file.close().catch(() => undefined)
        await rm(path, { force: true })
      })
    },
    write: writing.write,
    async end() {
      const written = await writing.end()
      await fileTurns.run('write', async () => {
        if (options.isKept) await file.sync()
        await file.close()
      })
      return { path, ...written, discard: remove }
    },
  }
}

interface Writing {
  write(chunk: Uint8Array): Promise<void>
  end(): Promise<{ bytes: number; kind: Kind; sha256: string }>
}

function createWriting(file: FileHandle, { maxBytes, typeOf, expectedBytes }: SpoolOptions): Writing {
  const sum = createHash('sha256')
  let bytes = 0
  let kind: Kind | null = null
  let head: Uint8Array[] = []
  const write = async (piece: Uint8Array): Promise<void> =>
    await fileTurns.run('write', () => file.writeFile(piece))
  const begin = async (): Promise<Kind> => {
    const first = Buffer.concat(head)
    head = []
    const type = await typeOf(first)
    await write(first)
    return type
  }
  return {
    async write(chunk) {
      bytes += chunk.length
      if (bytes > maxBytes) throw new TooLong(`more than ${maxBytes} bytes`)
      sum.update(chunk)
      if (kind) return await write(chunk)
      // Copied, because the sender may reuse its buffer.
      head.push(Uint8Array.from(chunk))
      if (bytes >= headBytes) kind = await begin()
    },
    async end() {
      if (expectedBytes !== null && bytes !== expectedBytes) {
        throw new Truncated(`${bytes} bytes came of ${expectedBytes}`)
      }
      return { bytes, kind: kind ?? (await begin()), sha256: sum.digest('hex') }
    },
  }
}

const spoolFolder = ({ path }: SpoolContext['mediaRoot']): string => join(path, 'incoming')

/** Longer than any file takes to write; older files were left by a process that died. */
const staleAfterMs = 60 * 60_000

/**
 * Call it before the first request and after the last one, in the process that owns the store. Only one
 * gateway uses DATA_DIR, so any files here were left by one that died, or by an aborted request.
 */
export async function emptyIncoming({ mediaRoot }: Pick<Context, 'mediaRoot'>): Promise<void> {
  if (!(await mediaRoot.isSame())) return
  const folder = spoolFolder(mediaRoot)
  const names = await readdir(folder).catch(() => [])
  for (const name of names) await rm(join(folder, name), { force: true, recursive: true })
}

/** Removes files that are no longer being written. Their names contain their start time. */
export async function removeStale({
  clock,
  time,
  mediaRoot,
}: Pick<Context, 'clock' | 'time' | 'mediaRoot'>): Promise<void> {
  if (!time.mayEnd(staleAfterMs) || !(await fileTurns.run('read', mediaRoot.isSame))) return
  const folder = spoolFolder(mediaRoot)
  const names = await fileTurns.run('read', () => readdir(folder).catch(() => []))
  const before = clock.now() - staleAfterMs
  for (const name of names) {
    if (Number(/^\d+(?=-)/.exec(name)?.[0] ?? Infinity) < before)
      await fileTurns.run('write', () => rm(join(folder, name), { force: true }))
  }
}
