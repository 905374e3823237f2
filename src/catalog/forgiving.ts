// Normalizes harmless variants in the body of a create, before anything is checked.
import { stripBlanks } from '../characters.ts'

type Fields = Readonly<Record<string, unknown>>

/**
 * The body in normal form: URLs without surrounding spaces and line breaks, empty optional URLs removed,
 * whole numbers in quotes as numbers. An empty entry in the list of images stays and is refused later:
 * otherwise paid work would lack an intended image. Returns the same object if nothing had to be changed.
 */
export function plainBody(body: unknown): unknown {
  if (typeof body !== 'object' || body === null || Array.isArray(body)) return body
  const fields = body as Fields
  const forgiven: Record<string, unknown> = {}
  for (const [field, read] of Object.entries(readings)) {
    const value = fields[field]
    if (value === undefined || value === null) continue
    const meant = read(value)
    if (meant !== value) forgiven[field] = meant
  }
  return Object.keys(forgiven).length === 0 ? body : { ...fields, ...forgiven }
}

const readings: Readonly<Record<string, (value: unknown) => unknown>> = {
  image_urls: plainList,
  end_image_url: plainUrl,
  callback_url: plainUrl,
  duration: plainNumber,
  generate_count: plainNumber,
  max_credits: plainNumber,
  quote_id: plainUrl,
}

/** Null: removed. */
function plainUrl(value: unknown): unknown {
  return typeof value === 'string' ? stripBlanks(value) || null : value
}

function plainList(value: unknown): unknown {
  if (!Array.isArray(value)) return typeof value === 'string' && stripBlanks(value) === '' ? null : value
  const list: readonly unknown[] = value
  const plain = list.map((url) => (typeof url === 'string' ? stripBlanks(url) : url))
  return plain.every((url, at) => url === list[at]) ? list : plain
}

/** Only digits: the meaning of 1e1, 5.0 or 5s would be a guess. */
function plainNumber(value: unknown): unknown {
  if (typeof value !== 'string') return value
  const digits = stripBlanks(value)
  if (digits === '') return null
  return /^\d{1,9}$/.test(digits) ? Number(digits) : value
}
