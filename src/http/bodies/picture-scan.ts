// Cuts pictures out of a body of JSON while it comes: each byte is looked at once, and what is left is small.
import {
  createInlineUriReader,
  inlineUriHead,
  headLengthMax,
  NotJson,
} from '../../media/uploads/inline-uri.ts'
import type { InlineUriReader, Decoded } from '../../media/uploads/inline-uri.ts'

/** What is left without pictures is larger than any order. */
export class RestTooLarge extends Error {}

/** What came of one picture within one slice. */
export interface PicturePiece {
  readonly index: number
  /** `data:image/png;base64,`, as the client wrote it. */
  readonly head: string
  /** Good until the next slice. */
  readonly bytes: Uint8Array
  /** `broken`: the text has ended and was no base64. */
  readonly state: 'open' | 'whole' | 'broken'
}

export interface PictureScan {
  /** Throws NotJson and RestTooLarge. A slice has `sliceBytesMax` at most. */
  push(slice: Uint8Array): PicturePiece[]
  /** The JSON without its pictures, with `standIn` in the place of each. Throws NotJson. */
  end(): Buffer
}

export interface ScanOptions {
  readonly restBytesMax: number
  readonly picturesMax: number
  /** A text that no client can guess, of ASCII letters, digits and colons. */
  standIn(index: number): string
}

/** Less than a millisecond's work. */
export const sliceBytesMax = 64 * 1024
/** A shorter text stays where it is, whatever it is. */
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

  /** The text that is open has become as long as a picture: from here on it is one, if it begins like one. */
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
  /** Takes what follows, up to where a text has just become as long as a picture. Throws RestTooLarge. */
  take(slice: Uint8Array, at: number): number
  isLongText(): boolean
  /** How the text that is open begins, where that is like a picture. */
  headOfText(): string | null
  /** Closes the text that is open with other words; returns what stood there. */
  replaceText(words: string): Buffer
  bytes(): Buffer
}

function createRest(bytesMax: number): Rest {
  // A picture is one of its texts until it has become long enough.
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

/** The longest way to write a character: `\u0041`. */
const characterBytesMax = 6
const escapes = /\\(?:u([0-9a-fA-F]{4})|(.))/g
const meaningOf = (_escape: string, digits: string | undefined, letter: string): string =>
  digits === undefined ? letter : String.fromCharCode(Number.parseInt(digits, 16))
