// Puts extracted pictures back into the parsed body, in place of their stand-ins.
import { GatewayError } from '../../errors.ts'
import type { InlinePicture } from '../../media/uploads/inline-picture.ts'

/**
 * Pictures are allowed in image_urls and end_image_url only. Elsewhere one is refused: it would be a text,
 * and no text of an order is that long. Each stand-in is `standIn` plus the picture's index.
 */
export function placePictures(body: unknown, pictures: readonly InlinePicture[], standIn: string): unknown {
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
  const { image_urls: urls, end_image_url: endUrl } = fields
  const whole = {
    ...fields,
    ...(Array.isArray(urls) && { image_urls: urls.map(put) }),
    ...(endUrl !== undefined && { end_image_url: put(endUrl) }),
  }
  if (placed.size === pictures.length) return whole
  const field = Object.entries(whole).find(([, value]) => [value].flat().some(pictureAt))?.[0] ?? null
  throw misplaced(field)
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
