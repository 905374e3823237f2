// Files for the URLs that the sandbox returns: drawn on first request, cached, served with range support.
import type { IncomingMessage, ServerResponse } from 'node:http'
import { drawMedia } from './draw/media.ts'
import type { MediaKind } from './draw/media.ts'
import { httpStatus } from './replies.ts'
import { kindOf } from './tasks.ts'
import type { Tasks } from './tasks.ts'
import type { StoredUpload, Uploads } from './uploads.ts'

export interface Media {
  serve(name: string, request: IncomingMessage, response: ServerResponse): Promise<void>
}

/** Limits of the cache by number and size; the oldest go first and can be redrawn identically. */
const keptMax = 200
const keptBytesUsual = 128 * 1024 * 1024

interface Kept {
  readonly drawing: Promise<StoredUpload>
  /** 0 until it is drawn. */
  bytes: number
}

export function createMedia(tasks: Tasks, uploads: Uploads, keptBytesMax = keptBytesUsual): Media {
  const kept = new Map<string, Kept>()
  let bytesKept = 0
  let lastDrawn: Promise<unknown> = Promise.resolve()

  function letGo(): void {
    for (const [name, { bytes }] of kept) {
      if (kept.size <= keptMax && bytesKept <= keptBytesMax) return
      kept.delete(name)
      bytesKept -= bytes
    }
  }

  async function keep(name: string, drawing: Promise<StoredUpload>): Promise<void> {
    const entry = { drawing, bytes: 0 }
    kept.set(name, entry)
    try {
      const { bytes } = await drawing
      if (kept.get(name) !== entry) return
      entry.bytes = bytes.length
      bytesKept += bytes.length
    } catch {
      kept.delete(name)
    }
    letGo()
  }

  function draw(name: string): Promise<StoredUpload> | undefined {
    const known = kept.get(name)
    if (known !== undefined) return known.drawing
    const [, id = '', suffix = ''] = /^(i2(?:is|v)-[0-9a-f]{32})([-.a-z0-9]+)$/.exec(name) ?? []
    const kind = kinds.get(suffix)
    const task = tasks.find(id)
    if (task === undefined || kind === undefined || tasks.finalStatus(task) !== 'SUCCEEDED') return undefined
    if (kind !== 'thumbnail' && (kind === 'video') !== (kindOf[task.work.operation] === 'video'))
      return undefined
    // One after another: a canvas takes many megabytes until it is encoded.
    const drawing = lastDrawn.then(async () => await drawMedia(task, kind))
    lastDrawn = drawing.catch(() => undefined)
    void keep(name, drawing)
    return drawing
  }

  return {
    async serve(name, request, response) {
      const file = uploads.find(name) ?? (await draw(name))
      if (file === undefined) {
        response.writeHead(httpStatus.missing, { 'content-length': 0 }).end()
        return
      }
      send(file, request, response)
    },
  }
}

const kinds: ReadonlyMap<string, MediaKind> = new Map([
  ['.png', 'image'],
  ['.mp4', 'video'],
  ['-thumbnail.png', 'thumbnail'],
])

function send(
  { bytes, contentType }: StoredUpload,
  request: IncomingMessage,
  response: ServerResponse,
): void {
  const range = readRange(request.headers.range, bytes.length)
  const headers = {
    'content-type': contentType,
    'accept-ranges': 'bytes',
    'cache-control': 'public, max-age=604800',
  }
  if (range === 'unsatisfiable') {
    response
      .writeHead(httpStatus.unsatisfiable, {
        'content-range': `bytes */${bytes.length}`,
        'content-length': 0,
      })
      .end()
    return
  }
  const part = range === null ? bytes : bytes.subarray(range.from, range.to + 1)
  const place = range === null ? {} : { 'content-range': `bytes ${range.from}-${range.to}/${bytes.length}` }
  response.writeHead(range === null ? httpStatus.whole : httpStatus.part, {
    ...headers,
    ...place,
    'content-length': part.length,
  })
  response.end(request.method === 'HEAD' ? undefined : part)
}

/** A single range, both ends inclusive; null if there is none or it cannot be parsed. */
function readRange(
  header: string | undefined,
  length: number,
): { from: number; to: number } | 'unsatisfiable' | null {
  const [, first = '', last = ''] = /^bytes=(\d*)-(\d*)$/.exec(header ?? '') ?? []
  if (first === '' && last === '') return null
  if (first === '')
    return last === '0' ? 'unsatisfiable' : { from: Math.max(0, length - Number(last)), to: length - 1 }
  const from = Number(first)
  const to = last === '' ? length - 1 : Math.min(Number(last), length - 1)
  if (last !== '' && Number(last) < from) return null
  return from >= length ? 'unsatisfiable' : { from, to }
}
