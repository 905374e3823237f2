// Hashes the body of a create into 64 characters, to tell whether two requests with one Idempotency-Key are the same.
import { createHash, hash } from 'node:crypto'
import { plainBody } from '../../catalog/request.ts'
import { InlinePicture } from '../../media/uploads/inline-picture.ts'

/** No order is nested deeper; a deeper body is refused, so its deeper content does not matter. */
const depthMax = 8

/**
 * SHA-256 of the body as canonical JSON. The order of fields, white space, escapes and the notation of
 * numbers do not matter, nor do forms that a create tolerates (a number in quotes, spaces around a URL); a
 * field that is null counts as left out, as everywhere in a create. A picture in the body is compared as
 * text. A default that is spelled out does matter: the catalogue, which sets defaults, may change between a
 * request and its repetition.
 */
export async function hashOfBody(body: unknown): Promise<string> {
  const pictures: InlinePicture[] = []
  const text = canonical(plainBody(body), 0, pictures)
  return pictures.length === 0 ? hash('sha256', text) : await hashWithPictures(text, pictures)
}

function canonical(value: unknown, depth: number, pictures: InlinePicture[]): string {
  if (typeof value !== 'object' || value === null) return JSON.stringify(value) ?? 'undefined'
  if (value instanceof InlinePicture) return `"${standInFor(pictures.push(value) - 1)}"`
  if (depth === depthMax) return '…'
  if (Array.isArray(value)) return `[${value.map((one) => canonical(one, depth + 1, pictures)).join(',')}]`
  const fields = Object.entries(value)
    .filter(([, one]) => one !== null)
    .map(([name, one]) => `${JSON.stringify(name)}:${canonical(one, depth + 1, pictures)}`)
  return `{${fields.toSorted().join(',')}}`
}

/** Unambiguous: JSON text contains no raw line break. */
const standInFor = (index: number): string => `\n${index}\n`
const standIns = /\n(\d+)\n/

/** The hash of the text with the pictures in it; they are read from the disk, a piece at a time. */
async function hashWithPictures(text: string, pictures: readonly InlinePicture[]): Promise<string> {
  const sum = createHash('sha256')
  for (const [at, part] of text.split(standIns).entries()) {
    const picture = at % 2 === 1 ? pictures[Number(part)] : undefined
    if (!picture) sum.update(part)
    else for await (const piece of picture.text()) sum.update(piece)
  }
  return sum.digest('hex')
}
