// Detects a file's type by its first bytes, ignoring its name and declared type; accepts only listed types.

export interface Kind {
  readonly contentType: string
  /** Without the dot. */
  readonly extension: string
}

/** Why a file is not accepted: another type, or an unknown one. */
export class WrongKind extends Error {
  /** The detected media type; null if unknown. */
  readonly found: string | null

  constructor(found: string | null) {
    super(`the bytes are ${found ?? 'of no known type'}`)
    this.name = 'WrongKind'
    this.found = found
  }
}

/** Enough bytes to detect every accepted type. */
export const headBytes = 4_100

export type TypeCheck = (head: Uint8Array) => Promise<Kind>

const png = { contentType: 'image/png', extension: 'png' }
const jpeg = { contentType: 'image/jpeg', extension: 'jpg' }
const webp = { contentType: 'image/webp', extension: 'webp' }
const gif = { contentType: 'image/gif', extension: 'gif' }

const dibHeaderBytes = [12, 40, 52, 56, 64, 108, 124]
const dibHeaderAt = 14

/** Extra checks for types with a signature of two or three letters, which a text may start with by chance. */
const looksSo: Readonly<Record<string, (head: Uint8Array) => boolean>> = {
  gif: (head) => /^GIF8[79]a$/.test(Buffer.from(head.subarray(0, 6)).toString('latin1')),
  bmp: (head) =>
    head.length >= dibHeaderAt + 4 && dibHeaderBytes.includes(Buffer.from(head).readUInt32LE(dibHeaderAt)),
}

/** Image types that browsers show and that cannot contain scripts: no SVG, no HTML. */
export const imageTypeOf = typeAmong([png, jpeg, webp, gif], { 'image/apng': png })

export const videoTypeOf = typeAmong(
  [
    { contentType: 'video/mp4', extension: 'mp4' },
    { contentType: 'video/webm', extension: 'webm' },
    { contentType: 'video/quicktime', extension: 'mov' },
  ],
  {},
)

/** Image types that Keevx reads (its image API document). */
export const uploadTypeOf = typeAmong(
  [png, jpeg, webp, gif, { contentType: 'image/bmp', extension: 'bmp' }],
  {},
)

function typeAmong(kinds: readonly Kind[], aliases: Readonly<Record<string, Kind>>): TypeCheck {
  const known = new Map([
    ...kinds.map((kind) => [kind.contentType, kind] as const),
    ...Object.entries(aliases),
  ])
  return async (head) => {
    // Loaded when the first file comes: it is a large library, and many gateways keep none.
    const { fileTypeFromBuffer } = await import('file-type')
    const found = await fileTypeFromBuffer(head)
    const kind = found && known.get(found.mime)
    if (!kind) throw new WrongKind(found?.mime ?? null)
    if (!(looksSo[kind.extension]?.(head) ?? true)) throw new WrongKind(null)
    return kind
  }
}
