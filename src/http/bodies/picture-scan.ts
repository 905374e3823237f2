// Extracts pictures from a JSON body while it arrives: one pass over the bytes; only small JSON remains.
import {
  createInlineUriReader,
  inlineUriHead,
  headLengthMax,
  NotJson,
} from '../../media/uploads/inline-uri.ts'
import type { InlineUriReader, Decoded } from '../../media/uploads/inline-uri.ts'

/** The JSON without its pictures is larger than any order. */
export class RestTooLarge extends Error {}

/** The decoded bytes of one picture from one slice. */
export interface PicturePiece {
  readonly index: number
  /** `data:image/png;base64,`, as the client wrote it. */
  readonly head: string
  /** Valid until the next slice. */
  readonly bytes: Uint8Array
  /** `broken`: the text has ended and was not base64. */
  readonly state: 'open' | 'whole' | 'broken'
}

export interface PictureScan {
  /** Throws NotJson and RestTooLarge. A slice has at most `sliceBytesMax` bytes. */
  push(slice: Uint8Array): PicturePiece[]
  /** Returns the JSON with each picture replaced by its `standIn`. Throws NotJson. */
  end(): Buffer
}

export interface ScanOptions {
  readonly restBytesMax: number
  readonly picturesMax: number
  /** A text that no client can guess, of ASCII letters, digits and colons. */
  standIn(index: number): string
}

/** Takes less than a millisecond to scan. */
export const sliceBytesMax = 64 * 1024
/** A shorter text is never extracted, whatever it contains. */
export const pictureTextBytesMin = 8 * 1024

const quote = 34
const backslash = 92

interface Picture {
  readonly index: number
  readonly head: string
  readonly reader: InlineUriReader
}

export function createPictureScan({ restBytesMax, picturesMax, standIn }: ScanOptions): PictureScan {
  const rest = createRest(restBytesMax)
  const room = new Uint8Array(sliceBytesMax + pictureTextBytesMin)
  let open: Picture | null = null
  let count = 0

  /** The open text has reached the minimum length of a picture: extract it if it starts like one. */
  const considerText = (): { picture: Picture; soFar: Buffer } | null => {
    const head = rest.headOfText()
    if (head === null) return null
    if (count === picturesMax) throw new RestTooLarge()
    const soFar = rest.replaceText(standIn(count))
    count += 1
    return { picture: { index: count - 1, head, reader: createInlineUriReader() }, soFar }
  }

  return {
    push(slice) {
      const pieces: PicturePiece[] = []
      const decoded: Decoded = { bytes: room, length: 0 }
      const read = ({ index, head, reader }: Picture, text: Uint8Array, at: number): number => {
        const from = decoded.length
        const end = reader.read(text, at, decoded)
        pieces.push({ index, head, bytes: room.subarray(from, decoded.length), state: reader.state() })
        return end
      }
      let at = 0
      while (at < slice.length) {
        if (open) {
          at = read(open, slice, at)
          if (open.reader.state() !== 'open') open = null
          continue
        }
        at = rest.take(slice, at)
        const begun = rest.isLongText() ? considerText() : null
        if (!begun) continue
        open = begun.picture
        read(open, begun.soFar, 0)
      }
      return pieces
    },
    end() {
      if (open) throw new NotJson()
      return rest.bytes()
    },
  }
}

interface Rest {
  /** Consumes bytes up to the point at which a text reaches the length of a picture. Throws RestTooLarge. */
  take(slice: Uint8Array, at: number): number
  isLongText(): boolean
  /** The start of the open text, if it looks like a picture. */
  headOfText(): string | null
  /** Replaces the open text with `words` and closes it; returns the old text. */
  replaceText(words: string): Buffer
  bytes(): Buffer
}

function createRest(bytesMax: number): Rest {
  // A picture's text is buffered here until it is long enough to be extracted.
  const bytes = Buffer.alloc(bytesMax + pictureTextBytesMin + 1)
  let length = 0
  let inText = false
  let isEscaped = false
  let textFrom = 0
  const isShortText = (): boolean => inText && length - textFrom <= pictureTextBytesMin
  const isLongText = (): boolean => inText && length - textFrom === pictureTextBytesMin
  return {
    isLongText,
    take(slice, from) {
      let at = from
      while (at < slice.length) {
        const byte = slice[at] as number
        at += 1
        bytes[length] = byte
        length += 1
        if (!inText && byte === quote) {
          inText = true
          textFrom = length
        } else if (isEscaped) isEscaped = false
        else if (inText && byte === backslash) isEscaped = true
        else if (byte === quote) inText = false
        if (length > bytesMax && !isShortText()) throw new RestTooLarge()
        if (isLongText()) return at
      }
      return at
    },
    headOfText() {
      const raw = bytes.toString('latin1', textFrom, textFrom + headLengthMax * characterBytesMax)
      return inlineUriHead(raw.replaceAll(escapes, meaningOf))
    },
    replaceText(words) {
      const text = Buffer.from(bytes.subarray(textFrom, length))
      length = textFrom + bytes.write(`${words}"`, textFrom, 'latin1')
      inText = false
      isEscaped = false
      return text
    },
    bytes() {
      if (inText) throw new NotJson()
      return bytes.subarray(0, length)
    },
  }
}

/** The longest JSON form of one character: `\u0041`. */
const characterBytesMax = 6
const escapes = /\\(?:u([0-9a-fA-F]{4})|(.))/g
const meaningOf = (_escape: string, digits: string | undefined, letter: string): string =>
  digits === undefined ? letter : String.fromCharCode(Number.parseInt(digits, 16))
