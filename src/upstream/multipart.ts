// A file as multipart/form-data, as every upstream's upload takes it.
import { Readable } from 'node:stream'
import { randomText } from '../ids.ts'
import type { UploadFile } from './adapter.ts'

const boundaryLength = 32

/** The body, streamed from the file, with its length, so that nothing is chunked or held in memory. */
export function multipartOf(file: UploadFile): { headers: Record<string, string>; body: Readable } {
  const boundary = `tollgate-${randomText(boundaryLength)}`
  const head = Buffer.from(
    `--${boundary}\r\ncontent-disposition: form-data; name="file"; filename="${quoted(file.fileName)}"\r\n` +
      `content-type: ${file.mediaType}\r\n\r\n`,
  )
  const tail = Buffer.from(`\r\n--${boundary}--\r\n`)
  async function* parts(): AsyncGenerator<Uint8Array> {
    yield head
    yield* file.open() as AsyncIterable<Uint8Array>
    yield tail
  }
  return {
    headers: {
      'content-type': `multipart/form-data; boundary=${boundary}`,
      'content-length': String(head.length + file.bytes + tail.length),
    },
    body: Readable.from(parts(), { objectMode: false }),
  }
}

/** Escapes a file name as the form-data standard requires. */
const quoted = (name: string): string =>
  name.replaceAll('"', '%22').replaceAll('\r', '%0D').replaceAll('\n', '%0A')
