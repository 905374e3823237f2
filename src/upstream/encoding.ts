// Decompresses the body of an answer, although no compression was requested, with a limit at every step.
import { promisify } from 'node:util'
import zlib from 'node:zlib'

/** Each coding may expand to the limit of the whole answer. More nested codings than this are an attack. */
const codingsMax = 3

type Unpack = (bytes: Buffer, options: { maxOutputLength: number }) => Promise<Buffer>

const inflate: Unpack = promisify(zlib.inflate)
const inflateRaw: Unpack = promisify(zlib.inflateRaw)
const gunzip: Unpack = promisify(zlib.gunzip)

const unpackers: ReadonlyMap<string, Unpack> = new Map<string, Unpack>([
  ['gzip', gunzip],
  ['x-gzip', gunzip],
  // Some senders leave out the zlib header that the standard asks for.
  ['deflate', async (bytes, options) => await (hasZlibHeader(bytes) ? inflate : inflateRaw)(bytes, options)],
  ['br', promisify(zlib.brotliDecompress)],
  ['zstd', promisify(zlib.zstdDecompress)],
])

const hasZlibHeader = (bytes: Buffer): boolean =>
  ((bytes[0] ?? 0) & 0x0f) === 8 && bytes.length > 1 && bytes.readUInt16BE(0) % 31 === 0

/** First bytes of bodies that are compressed without a `content-encoding`. */
const magics: readonly (readonly [magic: string, coding: string])[] = [
  ['1f8b08', 'gzip'],
  ['28b52ffd', 'zstd'],
]

export type Decoded = { readonly bytes: Buffer } | { readonly refusal: string }

/** The decompressed body, at most `bytesMax` bytes; or the reason why it cannot be decoded. */
export async function decodeBody(
  bytes: Buffer,
  contentEncoding: string | string[] | undefined,
  bytesMax: number,
): Promise<Decoded> {
  const declared = [contentEncoding ?? []]
    .flat()
    .flatMap((header) => header.toLowerCase().split(','))
    .map((coding) => coding.trim())
    .filter((coding) => coding !== '' && coding !== 'identity')
  if (bytes.length === 0) return { bytes }
  const codings = declared.length > 0 ? declared : codingOf(bytes)
  const unpacked = await unpackAll(bytes, codings, bytesMax)
  // Declared as compressed, but actually plain JSON.
  return 'refusal' in unpacked && isPlainJson(bytes) ? { bytes } : unpacked
}

async function unpackAll(bytes: Buffer, codings: readonly string[], bytesMax: number): Promise<Decoded> {
  if (codings.length > codingsMax) return { refusal: `it is packed ${codings.length} times` }
  let body = bytes
  for (const coding of codings.toReversed()) {
    const unpack = unpackers.get(coding)
    if (!unpack) return { refusal: `it is packed as ${coding.slice(0, 20)}, which is not known` }
    try {
      body = await unpack(body, { maxOutputLength: bytesMax })
    } catch (error) {
      return { refusal: `it is packed as ${coding} and cannot be unpacked: ${codeOf(error)}` }
    }
  }
  return { bytes: body }
}

function codingOf(bytes: Buffer): string[] {
  const start = bytes.subarray(0, 4).toString('hex')
  return magics.filter(([magic]) => start.startsWith(magic)).map(([, coding]) => coding)
}

/** White space, an opening brace, and then a quote or a closing brace. */
function isPlainJson(bytes: Buffer): boolean {
  return /^\s{0,20}\{\s{0,20}["}]/.test(bytes.subarray(0, 50).toString('latin1'))
}

const codeOf = (error: unknown): string =>
  error instanceof Error && 'code' in error ? String(error.code) : 'not of its form'
