// Reads a PNG back, by the specification alone: chunks, checksums, words, and pixels.
import { crc32, inflateSync } from 'node:zlib'

export interface ReadPng {
  readonly width: number
  readonly height: number
  readonly words: Readonly<Record<string, string>>
  /** Red, green, blue. */
  readonly pixels: Uint8Array
}

export function readPng(file: Buffer): ReadPng {
  if (file.toString('latin1', 0, 8) !== '\x89PNG\r\n\x1a\n') throw new Error('no PNG signature')
  const words: Record<string, string> = {}
  const packed: Buffer[] = []
  let [width, height] = [0, 0]
  for (let at = 8; at < file.length;) {
    const length = file.readUInt32BE(at)
    const type = file.toString('latin1', at + 4, at + 8)
    const content = file.subarray(at + 8, at + 8 + length)
    if (crc32(file.subarray(at + 4, at + 8 + length)) !== file.readUInt32BE(at + 8 + length))
      throw new Error(`checksum of ${type}`)
    if (type === 'IHDR') {
      ;[width, height] = [content.readUInt32BE(0), content.readUInt32BE(4)]
      if (content.toString('hex', 8) !== '0802000000') throw new Error('not eight bits of true colour')
    }
    if (type === 'iTXt')
      words[content.toString('latin1', 0, content.indexOf(0))] = content.toString(
        'utf8',
        content.indexOf(0) + 5,
      )
    if (type === 'IDAT') packed.push(content)
    at += 12 + length
  }
  return { width, height, words, pixels: unfilter(inflateSync(Buffer.concat(packed)), width, height) }
}

function unfilter(rows: Buffer, width: number, height: number): Uint8Array {
  const stride = width * 3
  if (rows.length !== (stride + 1) * height) throw new Error('rows of another length')
  const pixels = new Uint8Array(stride * height)
  for (let y = 0; y < height; y += 1) {
    const filter = rows[y * (stride + 1)]
    if (filter !== 1) throw new Error(`filter ${filter}`)
    for (let x = 0; x < stride; x += 1) {
      const left = x < 3 ? 0 : (pixels[y * stride + x - 3] ?? 0)
      pixels[y * stride + x] = (rows[y * (stride + 1) + 1 + x] ?? 0) + left
    }
  }
  return pixels
}
