// What an image is by its first bytes, whatever its name says: the types that every browser shows.

export type ImageType = 'image/png' | 'image/jpeg' | 'image/webp' | 'image/svg+xml'

export function imageTypeOf(bytes: Buffer): ImageType | null {
  if (beginsWith(bytes, [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a])) return 'image/png'
  if (beginsWith(bytes, [0xff, 0xd8, 0xff])) return 'image/jpeg'
  if (
    bytes.subarray(0, 4).toString('latin1') === 'RIFF' &&
    bytes.subarray(8, 12).toString('latin1') === 'WEBP'
  ) {
    return 'image/webp'
  }
  return isSvg(bytes) ? 'image/svg+xml' : null
}

const beginsWith = (bytes: Buffer, start: readonly number[]): boolean =>
  start.every((byte, at) => bytes[at] === byte)

/** Its first element is `svg`, after whatever XML lets stand before it. */
function isSvg(bytes: Buffer): boolean {
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(bytes)
    return /^<svg[\s/>]/.test(withoutPreamble(text.trimStart()))
  } catch {
    return false
  }
}

/** The XML declaration, comments and the document type. */
const preambles: readonly (readonly [begin: string, end: string])[] = [
  ['<?', '?>'],
  ['<!--', '-->'],
  ['<!DOCTYPE', '>'],
]

function withoutPreamble(whole: string): string {
  let text = whole
  for (let end = endOfPreamble(text); end > 0; end = endOfPreamble(text)) text = text.slice(end).trimStart()
  return text
}

/** 0: there is none, or it does not end. */
function endOfPreamble(text: string): number {
  const [, end = ''] = preambles.find(([begin]) => text.startsWith(begin)) ?? []
  const at = end === '' ? -1 : text.indexOf(end)
  return at === -1 ? 0 : at + end.length
}
