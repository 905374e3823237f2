// Takes pictures out of a large body before it is parsed, so that what is parsed is small whatever the body holds.

const quote = 34
/** A picture as a value of JSON begins so; escaped quotes within a text do not. */
const mark = '"data:'
const backslash = 92
/** No model takes as many; what goes beyond stays where it is, and the body is too large. */
const picturesMax = 16

export interface Parted {
  /** The body with a short text in the place of each picture. */
  readonly rest: Buffer
  /** Puts the pictures back into what the rest was parsed to. */
  restore(body: unknown): unknown
}

/**
 * JSON.parse takes seconds for some bodies of this size, and hundreds of megabytes; one that is mostly pictures
 * would take neither, but nobody knows before which it is. In well-formed JSON a quote before `data:` opens a text
 * unless it is escaped, and the next quote ends it, for base64 has none.
 */
export function withoutPictures(bytes: Buffer): Parted {
  const pictures: string[] = []
  const parts: Buffer[] = []
  let kept = 0
  for (
    let at = bytes.indexOf(mark);
    at >= 0 && pictures.length < picturesMax;
    at = bytes.indexOf(mark, at + 1)
  ) {
    const end = bytes.indexOf(quote, at + 1)
    if (end < 0) break
    if (bytes[at - 1] === backslash) continue
    // Some writers of JSON escape slashes.
    const picture = bytes.toString('utf8', at + 1, end).replaceAll('\\/', '/')
    if (picture.includes('\\')) continue
    parts.push(bytes.subarray(kept, at), Buffer.from(JSON.stringify(standIn(pictures.length))))
    pictures.push(picture)
    kept = end + 1
    at = end
  }
  parts.push(bytes.subarray(kept))
  const known = new Map(pictures.map((picture, index) => [standIn(index), picture]))
  const put = (value: unknown): unknown => (typeof value === 'string' ? (known.get(value) ?? value) : value)
  const putAll = (value: unknown): unknown => (Array.isArray(value) ? value.map(put) : put(value))
  return {
    rest: Buffer.concat(parts),
    // Nothing that is taken stands deeper than in a list.
    restore: (body) =>
      typeof body === 'object' && body !== null && !Array.isArray(body)
        ? Object.fromEntries(Object.entries(body).map(([name, value]) => [name, putAll(value)]))
        : body,
  }
}

/** A text of the client that looks so begins with `data:` too, and so is taken out itself. */
const standIn = (index: number): string => `data:${index}`
