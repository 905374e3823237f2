// Reads a media file as a stream, one file turn per piece.
import { open } from 'node:fs/promises'
import type { FileHandle } from 'node:fs/promises'
import { Readable } from 'node:stream'
import { fileTurns } from './pool.ts'
import type { FileWork } from './turns.ts'

const pieceBytes = 64 * 1024

interface Part {
  /** Both ends inclusive. */
  readonly first: number
  readonly last: number
}

/** The stream closes the file. */
export function streamOf(file: FileHandle, { first, last }: Part, kind: FileWork = 'read'): Readable {
  let at = first
  let reading: Promise<unknown> = Promise.resolve()
  return new Readable({
    highWaterMark: pieceBytes,
    read() {
      const length = Math.min(pieceBytes, last + 1 - at)
      if (length <= 0) return void this.push(null)
      // The file must not be closed during a read.
      const work = () => {
        const piece = file.read(Buffer.allocUnsafe(length), 0, length, at)
        reading = piece.catch(() => undefined)
        return piece
      }
      const take = async () => {
        const { buffer, bytesRead } = await fileTurns.run(kind, work)
        at += bytesRead
        this.push(bytesRead === 0 ? null : buffer.subarray(0, bytesRead))
      }
      take().catch((error: Error) => this.destroy(error))
    },
    destroy(error, done) {
      const closed = fileTurns.cleanUp(kind, async () => {
        await reading
        await file.close()
      })
      // Closing may take as long as the failed read, so the error is reported at once.
      if (error) done(error)
      else void closed.then(() => done(null))
    },
  })
}

/**
 * Streams a spooled file, opened on the first read. Uses write turns, so that hanging reads of results do not
 * block uploads.
 */
export function streamOfPath(path: string): Readable {
  return Readable.from(piecesOf(path), { objectMode: false })
}

async function* piecesOf(path: string): AsyncGenerator<Buffer> {
  const file = await fileTurns.run('write', () => open(path, 'r'), closeLate)
  yield* streamOf(file, { first: 0, last: Infinity }, 'write') as AsyncIterable<Buffer>
}

/** For a file that was opened after its caller timed out. */
export function closeLate(file: FileHandle | null): void {
  if (file) void fileTurns.cleanUp('read', () => file.close())
}
