// Reads a file of media as a stream, each piece in its turn.
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
      // A file is never closed under a read that is under way.
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
      // What cannot be read may take as long to be closed, and its reader is told at once.
      if (error) done(error)
      else void closed.then(() => done(null))
    },
  })
}

/**
 * Of what was written here to be passed on, opened when it is read first. It takes the turns of writes, so that
 * readers of results that hang do not stop those who send files.
 */
export function streamOfPath(path: string): Readable {
  return Readable.from(piecesOf(path), { objectMode: false })
}

async function* piecesOf(path: string): AsyncGenerator<Buffer> {
  const file = await fileTurns.run('write', () => open(path, 'r'), closeLate)
  yield* streamOf(file, { first: 0, last: Infinity }, 'write') as AsyncIterable<Buffer>
}

/** For a file that was opened when nobody waited for it any more. */
export function closeLate(file: FileHandle | null): void {
  if (file) void fileTurns.cleanUp('read', () => file.close())
}
