// Probes the result store: puts a small file, reads it back and removes it, with the code that results use.
import { randomBytes } from 'node:crypto'
import { randomText } from '../../ids.ts'
import { mediaNameLength } from '../stores/blob-store.ts'
import type { BlobStore } from '../stores/blob-store.ts'
import { spool } from '../spool.ts'
import type { SpoolContext } from '../spool.ts'
import { ProbeMismatch } from './fault.ts'

export interface Probe {
  /** Throws if the file could not be stored and read; resolves with the error if only its removal failed. */
  run(signal: AbortSignal): Promise<unknown>
}

const probeBytes = 1024
const prefix = 'probe'
const kind = { contentType: 'text/plain', extension: 'txt' } as const

/** All probes of a process use one name: a store that cannot delete does not fill up with them. */
export function createProbe(ctx: SpoolContext, blobs: BlobStore): Probe {
  const name = `${prefix}${randomText(mediaNameLength - prefix.length)}.${kind.extension}`
  return {
    async run(signal) {
      const bytes = randomBytes(probeBytes)
      const file = await spool(ctx, sourceOf(bytes), {
        maxBytes: probeBytes,
        typeOf: async () => kind,
        expectedBytes: probeBytes,
        isKept: true,
      })
      try {
        await blobs.put(name, file, signal)
      } finally {
        await file.discard()
      }
      await requireSame(blobs, { name, contents: bytes }, signal)
      return await blobs.remove(name).then(
        () => null,
        (error: unknown) => error,
      )
    },
  }
}

async function* sourceOf(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes
}

interface ProbeFile {
  readonly name: string
  readonly contents: Buffer
}

async function requireSame(
  blobs: BlobStore,
  { name, contents }: ProbeFile,
  signal: AbortSignal,
): Promise<void> {
  const bytes = contents.length
  const body = await blobs.read({ name, bytes }, { first: 0, last: bytes - 1 }, signal)
  if (!body) throw new ProbeMismatch('a file that was just put is not there')
  const pieces: Uint8Array[] = []
  for await (const piece of body) pieces.push(piece as Uint8Array)
  if (!Buffer.concat(pieces).equals(contents))
    throw new ProbeMismatch('a file comes back other than it was put')
}
