// Writes a canvas as a PNG file with text metadata.
import { promisify } from 'node:util'
import { constants, crc32, deflate } from 'node:zlib'
import type { Canvas } from '../draw/canvas.ts'

const compress = promisify(deflate)

const signature = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a])
const bitDepth = 8
const trueColour = 2
/** Each byte as its difference from the pixel to the left: flat and smooth rows become mostly zeros. */
const filterSub = 1

export async function encodePng(canvas: Canvas, words: Readonly<Record<string, string>>): Promise<Buffer> {
  const header = Buffer.alloc(13)
  header.writeUInt32BE(canvas.width, 0)
  header.writeUInt32BE(canvas.height, 4)
  header.set([bitDepth, trueColour], 8)
  const pixels = await compress(filterRows(canvas), { level: 2, strategy: constants.Z_DEFAULT_STRATEGY })
  return Buffer.concat([
    signature,
    chunk('IHDR', header),
    ...Object.entries(words).map(([keyword, text]) => chunk('iTXt', textContent(keyword, text))),
    chunk('IDAT', pixels),
    chunk('IEND', Buffer.alloc(0)),
  ])
}

/** Uncompressed, in no named language; a zero byte would end the text. */
function textContent(keyword: string, text: string): Buffer {
  return Buffer.from(`${keyword}\0\0\0\0\0${text.replaceAll('\0', '')}`)
}

function filterRows({ width, height, pixels }: Canvas): Buffer {
  const stride = width * 3
  const rows = Buffer.allocUnsafe((stride + 1) * height)
  for (let y = 0; y < height; y += 1) {
    const from = y * stride
    const to = y * (stride + 1)
    rows[to] = filterSub
    for (let at = 0; at < 3; at += 1) rows[to + 1 + at] = pixels[from + at] ?? 0
    for (let at = 3; at < stride; at += 1) {
      rows[to + 1 + at] = (pixels[from + at] ?? 0) - (pixels[from + at - 3] ?? 0)
    }
  }
  return rows
}

function chunk(type: string, content: Buffer): Buffer {
  const named = Buffer.concat([Buffer.from(type, 'latin1'), content])
  const framed = Buffer.alloc(named.length + 8)
  framed.writeUInt32BE(content.length, 0)
  framed.set(named, 4)
  framed.writeUInt32BE(crc32(named), named.length + 4)
  return framed
}
