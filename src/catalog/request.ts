// Reads the body of a create field by field, independent of the model.
import { nearest } from '../config/nearest.ts'
import { createFields, fieldNames } from './fields.ts'
import type { FieldName, UrlChecks } from './fields.ts'
import { refused } from './refusal.ts'

/** Null: left out by the client. */
export interface CreateRequest {
  readonly prompt: string
  readonly imageUrls: readonly string[]
  readonly endImageUrl: string | null
  readonly aspectRatio: string | null
  readonly resolution: string | null
  readonly durationSeconds: number | null
  readonly generateAudio: boolean | null
  readonly count: number
  readonly callbackUrl: string | null
  /** The limit in credits for all outputs; null: no limit. */
  readonly maxCredits: number | null
  readonly quoteId: string | null
}

type Fields = Readonly<Partial<Record<FieldName, unknown>>>

/**
 * The body in normal form: URLs without surrounding spaces and line breaks, empty optional URLs removed,
 * whole numbers in quotes as numbers. An empty entry in the list of images stays and is refused later:
 * otherwise paid work would lack an intended image. Returns the same object if nothing had to be changed.
 */
export function plainBody(body: unknown): unknown {
  if (typeof body !== 'object' || body === null || Array.isArray(body)) return body
  const fields: Fields = body
  const forgiven: Partial<Record<FieldName, unknown>> = {}
  for (const { name, plain } of normalized) {
    const value = fields[name]
    if (value === undefined || value === null) continue
    const meant = plain(value)
    if (meant !== value) forgiven[name] = meant
  }
  return Object.keys(forgiven).length === 0 ? body : { ...fields, ...forgiven }
}

const normalized = fieldNames.flatMap((name) => {
  const { plain } = createFields[name]
  return plain ? [{ name, plain }] : []
})

/** Refuses anything but an object, and any unknown field. */
export function readFields(body: unknown): Fields {
  if (typeof body !== 'object' || body === null || Array.isArray(body)) {
    throw refused(
      'body',
      'must be a JSON object, such as {"model_id": "…", "prompt": "…"}',
      '必须是 JSON 对象,例如 {"model_id": "…", "prompt": "…"}',
    )
  }
  const unknown = Object.keys(body).find((name) => !fieldNames.some((known) => known === name))
  if (unknown !== undefined) throw unknownField(unknown)
  return body
}

/** Longer names are cut in messages. */
const shownNameLengthMax = 64

function unknownField(name: string) {
  const shown = name.slice(0, shownNameLengthMax).toWellFormed()
  const meant = nearest(shown, fieldNames)
  const list = fieldNames.join(', ')
  return refused(
    shown,
    `there is no such field${meant ? `; did you mean ${meant}?` : '.'} Fields: ${list}`,
    `没有这个字段${meant ? `,您是否想用 ${meant}?` : '。'}可用字段:${list}`,
  )
}

export function readModelId(fields: Fields, check: UrlChecks): string {
  return createFields.model_id.read(fields.model_id, check)
}

export function readRequest(fields: Fields, check: UrlChecks): CreateRequest {
  const read = <Name extends FieldName>(name: Name) =>
    createFields[name].read(fields[name], check) as ReturnType<(typeof createFields)[Name]['read']>
  return {
    prompt: read('prompt'),
    imageUrls: read('image_urls'),
    endImageUrl: read('end_image_url'),
    aspectRatio: read('aspect_ratio'),
    resolution: read('resolution'),
    durationSeconds: read('duration'),
    generateAudio: read('generate_audio'),
    count: read('generate_count'),
    callbackUrl: read('callback_url'),
    maxCredits: read('max_credits'),
    quoteId: read('quote_id'),
  }
}
