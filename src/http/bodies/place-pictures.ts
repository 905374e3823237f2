// Puts extracted pictures back into the parsed body, in place of their stand-ins.
import { GatewayError } from '../../errors.ts'
import type { InlinePicture } from '../../media/uploads/inline-picture.ts'

/** Where pictures are allowed. */
export type PicturePlace =
  /** The fields image_urls and end_image_url. */
  | 'order'
  /** Any field of `input`, and any list there: how they are called is read later. */
  | 'input'

interface Pictures {
  readonly pictures: readonly InlinePicture[]
  /** Each stand-in is this plus the picture's index. */
  readonly standIn: string
}

/** Elsewhere a picture is refused: it would be a text, and no text of an order is that long. */
export function placePictures(
  body: unknown,
  { pictures, standIn }: Pictures,
  place: PicturePlace = 'order',
): unknown {
  if (pictures.length === 0) return body
  const placed = new Set<InlinePicture>()
  const pictureAt = (value: unknown): InlinePicture | null => {
    if (typeof value !== 'string' || !value.startsWith(standIn)) return null
    return pictures[Number(value.slice(standIn.length))] ?? null
  }
  const put = (value: unknown): unknown => {
    const picture = pictureAt(value)
    if (picture) placed.add(picture)
    return picture ?? value
  }
  if (typeof body !== 'object' || body === null) throw misplaced(null)
  const fields = body as Record<string, unknown>
  const whole = place === 'order' ? inOrder(fields, put) : inInput(fields, put)
  if (placed.size === pictures.length) return whole
  const field = Object.entries(whole).find(([, value]) => [value].flat().some(pictureAt))?.[0] ?? null
  throw misplaced(field)
}

type Put = (value: unknown) => unknown

function inOrder(fields: Record<string, unknown>, put: Put): Record<string, unknown> {
  const { image_urls: urls, end_image_url: endUrl } = fields
  return {
    ...fields,
    ...(Array.isArray(urls) && { image_urls: urls.map(put) }),
    ...(endUrl !== undefined && { end_image_url: put(endUrl) }),
  }
}

function inInput(fields: Record<string, unknown>, put: Put): Record<string, unknown> {
  const { input } = fields
  if (typeof input !== 'object' || input === null) return fields
  const placed = Object.entries(input).map(([name, value]: [string, unknown]) => [
    name,
    Array.isArray(value) ? value.map(put) : put(value),
  ])
  return { ...fields, input: Object.fromEntries(placed) }
}

const misplaced = (field: string | null) =>
  new GatewayError(
    'invalid_request',
    {
      en: `${field ?? 'body'}: a picture is where none is taken, or a field is given twice. Pictures as data: URIs belong in image_urls and end_image_url. Nothing was charged.`,
      zh: `${field ?? 'body'}:此处不接受图片,或字段重复。data: URI 图片只能放在 image_urls 和 end_image_url 中。未扣除任何积分。`,
    },
    field === null ? {} : { field },
  )
