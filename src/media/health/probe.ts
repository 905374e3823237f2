// Puts a small file where results are kept, reads it back and takes it away: as a result goes, and by the same code.
import { randomBytes } from 'node:crypto'
import { randomText } from '../../ids.ts'
import { mediaNameLength } from '../stores/blob-store.ts'
import type { BlobStore } from '../stores/blob-store.ts'
import { spool } from '../spool.ts'
import type { SpoolContext } from '../spool.ts'
import { ProbeMismatch } from './fault.ts'

export interface Probe {
  /** Throws where nothing could be kept; resolves with the error where it could be, and only not be removed. */
  run(signal: AbortSignal): Promise<unknown>
}

const probeBytes = 1024
const prefix = 'probe'
const kind = { contentType: 'text/plain', extension: 'txt' } as const

/** The name is one for all probes of a process: a store that removes nothing is not filled with them. */
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
      await requireSame(blobs, name, bytes, signal)
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

async function requireSame(
  blobs: BlobStore,
  name: string,
  bytes: Buffer,
  signal: AbortSignal,
): Promise<void> {
  const body = await blobs.read(name, bytes.length, { first: 0, last: bytes.length - 1 }, signal)
  if (!body) throw new ProbeMismatch('a file that was just put is not there')
  const pieces: Uint8Array[] = []
  for await (const piece of body) pieces.push(piece as Uint8Array)
  if (!Buffer.concat(pieces).equals(bytes)) throw new ProbeMismatch('a file comes back other than it was put')
}
