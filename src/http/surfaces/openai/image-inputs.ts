// Pictures that a request brings, in the forms in which OpenAI's clients send them.
import { refused } from '../../../catalog/refusal.ts'
import { InlinePicture } from '../../../media/uploads/inline-picture.ts'

/** A URL, a data: URI, or a picture that was taken out of the body. */
export type ImageInput = string | InlinePicture

/** Deeper than any form in which a picture is sent. */
const depthMax = 3

/**
 * One or several of: a URL, a file, `{ image_url }`, `{ image_url: { url } }`, `{ url }`. Throws invalid_request
 * that names the field, also for a file id: there are no stored files here.
 */
export function imageInputs(field: string, value: unknown): ImageInput[] {
  if (value === undefined || value === null || value === '') return []
  return (Array.isArray(value) ? (value as unknown[]) : [value]).map((one) => imageInput(field, one, 0))
}

function imageInput(field: string, value: unknown, depth: number): ImageInput {
  if (typeof value === 'string' || value instanceof InlinePicture) return value
  const { image_url: imageUrl, url } = (value ?? {}) as {
    readonly image_url?: unknown
    readonly url?: unknown
  }
  const inner = imageUrl ?? url
  if (inner !== undefined && depth < depthMax) return imageInput(field, inner, depth + 1)
  throw refused(
    field,
    'must be a file, a URL, a data: URI, or an object with image_url; ids of files are not known here',
    '必须是文件、URL、data: URI 或带 image_url 的对象;此处没有文件 id',
  )
}
