// Uploaded images: parsed from multipart, identified by their first bytes, kept in memory, and served.
import { randomUUID } from 'node:crypto'
import { acceptUpload, refuseUpload } from './replies.ts'
import type { Refusal, Reply } from './replies.ts'
import { kindOf } from './tasks.ts'
import type { Operation } from './tasks.ts'

export interface StoredUpload {
  readonly bytes: Buffer
  readonly contentType: string
}

export interface Uploads {
  serveFrom(origin: string): void
  /** `body` is null if it was too long. */
  take(contentType: string, body: Buffer | null): Promise<Reply>
  find(name: string): StoredUpload | undefined
  /** Why an operation cannot use an image, as far as the sandbox can tell; foreign URLs are not checked. */
  judge(url: string, operation: Operation): Refusal | null
}

export const uploadBytesMax = 20 * 1024 * 1024
/** For all uploads together; beyond it the oldest are removed. */
const keptBytesUsual = 200 * 1024 * 1024

interface Format {
  readonly type: string
  readonly extension: string
  readonly magic: RegExp
  readonly forVideo: boolean
}

/** The image endpoint reads all of them, the video endpoint JPG, PNG and WebP. */
const formats: readonly Format[] = [
  { type: 'image/jpeg', extension: '.jpg', magic: /^\xff\xd8\xff/, forVideo: true },
  { type: 'image/png', extension: '.png', magic: /^\x89PNG\r\n/, forVideo: true },
  { type: 'image/webp', extension: '.webp', magic: /^RIFF[^]{4}WEBP/, forVideo: true },
  { type: 'image/gif', extension: '.gif', magic: /^GIF8[79]a/, forVideo: false },
  { type: 'image/bmp', extension: '.bmp', magic: /^BM/, forVideo: false },
]

export function createUploads(keptBytesMax = keptBytesUsual): Uploads {
  const stored = new Map<string, StoredUpload>()
  let bytesKept = 0
  let origin = ''

  function keep(name: string, file: StoredUpload): void {
    stored.set(name, file)
    bytesKept += file.bytes.length
    for (const [oldest, { bytes }] of stored) {
      if (bytesKept <= keptBytesMax) break
      stored.delete(oldest)
      bytesKept -= bytes.length
    }
  }

  return {
    serveFrom(from) {
      origin = from
    },
    async take(contentType, body) {
      if (body === null) return refuseUpload('size', 'Image size exceeded: 20MB at most')
      const file = await readFile(contentType, body)
      if (file === null)
        return refuseUpload('parameter', 'Parameter error: file is required, as multipart/form-data')
      const bytes = Buffer.from(await file.arrayBuffer())
      if (bytes.length > uploadBytesMax) return refuseUpload('size', 'Image size exceeded: 20MB at most')
      const format = recognise(bytes)
      if (format === undefined) return refuseUpload('format', 'Unsupported image format')
      const fileId = randomUUID()
      const name = `${fileId.replaceAll('-', '')}${format.extension}`
      keep(name, { bytes, contentType: format.type })
      return acceptUpload({ url: `${origin}/media/${name}`, fileId, fileName: file.name })
    },
    find: (name) => stored.get(name),
    judge(url, operation) {
      const place = `${origin}/media/`
      // Results can be inputs too: they are drawn on request, so their names are not checked.
      if (!url.startsWith(place) || /\/i2(is|v)-/.test(url)) return null
      const file = stored.get(url.slice(place.length))
      if (file === undefined) return 'image_inaccessible'
      const format = formats.find(({ type }) => type === file.contentType)
      return kindOf[operation] === 'video' && format?.forVideo !== true ? 'image_format' : null
    },
  }
}

/** The one part named `file`; null for anything else. */
async function readFile(contentType: string, body: Buffer): Promise<File | null> {
  if (!/^multipart\/form-data\b/i.test(contentType)) return null
  try {
    const parts = new Response(body as Uint8Array<ArrayBuffer>, { headers: { 'content-type': contentType } })
    // oxlint-disable-next-line typescript/no-deprecated -- meant for servers that face strangers; here both ends are ours
    const form = await parts.formData()
    const file = form.get('file')
    return file instanceof File && [...form.keys()].length === 1 ? file : null
  } catch {
    return null
  }
}

function recognise(bytes: Buffer): Format | undefined {
  const start = bytes.toString('latin1', 0, 16)
  return formats.find(({ magic }) => magic.test(start))
}
