// Pictures that were taken out of a JSON body, put back where they stood.
import type { InlinePicture } from '../../media/uploads/inline-picture.ts'

/** Deeper than any form in which a picture is sent. */
const depthMax = 3

/** For fields of any name: what is read later refuses those that take none. */
export function placeAnywhere(body: unknown, pictures: readonly InlinePicture[], standIn: string): unknown {
  if (pictures.length === 0) return body
  const put = (value: unknown, depth: number): unknown => {
    if (typeof value === 'string' && value.startsWith(standIn))
      return pictures[Number(value.slice(standIn.length))] ?? value
    if (typeof value !== 'object' || value === null || depth > depthMax) return value
    if (Array.isArray(value)) return value.map((one) => put(one, depth + 1))
    return Object.fromEntries(Object.entries(value).map(([name, one]) => [name, put(one, depth + 1)]))
  }
  return put(body, 0)
}
