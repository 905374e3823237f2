// What a file is by its first bytes, whatever it or its sender calls it; only what is named here is taken.
import { fileTypeFromBuffer } from 'file-type'

export interface Kind {
  readonly contentType: string
  /** Without the dot. */
  readonly extension: string
}

/** Why a file is not taken: it is something else, or nothing that is known. */
export class WrongKind extends Error {
  /** The media type that it is; null where nobody knows. */
  readonly found: string | null

  constructor(found: string | null) {
    super(`the bytes are ${found ?? 'of no known type'}`)
    this.name = 'WrongKind'
    this.found = found
  }
}

/** Enough for every type that is taken here. */
export const headBytes = 4_100

export type TypeCheck = (head: Uint8Array) => Promise<Kind>

const png = { contentType: 'image/png', extension: 'png' }
const jpeg = { contentType: 'image/jpeg', extension: 'jpg' }
const webp = { contentType: 'image/webp', extension: 'webp' }
const gif = { contentType: 'image/gif', extension: 'gif' }

const dibHeaderBytes = [12, 40, 52, 56, 64, 108, 124]
const dibHeaderAt = 14

/** What two or three letters at the beginning, which a text may have by chance, are not enough for. */
const looksSo: Readonly<Record<string, (head: Uint8Array) => boolean>> = {
  gif: (head) => /^GIF8[79]a$/.test(Buffer.from(head.subarray(0, 6)).toString('latin1')),
  bmp: (head) =>
    head.length >= dibHeaderAt + 4 && dibHeaderBytes.includes(Buffer.from(head).readUInt32LE(dibHeaderAt)),
}

/** What browsers show and nothing can be run in: no SVG, no HTML. */
export const imageTypeOf = typeAmong([png, jpeg, webp, gif], { 'image/apng': png })

export const videoTypeOf = typeAmong(
  [
    { contentType: 'video/mp4', extension: 'mp4' },
    { contentType: 'video/webm', extension: 'webm' },
    { contentType: 'video/quicktime', extension: 'mov' },
  ],
  {},
)

/** What Keevx reads (its image API document). */
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
    const found = await fileTypeFromBuffer(head)
    const kind = found && known.get(found.mime)
    if (!kind) throw new WrongKind(found?.mime ?? null)
    if (!(looksSo[kind.extension]?.(head) ?? true)) throw new WrongKind(null)
    return kind
  }
}
