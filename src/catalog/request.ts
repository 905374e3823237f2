// Validates the body of a create field by field: types, lengths and characters, independent of the model.
import { isBlank } from '../characters.ts'
import { nearest } from '../config/nearest.ts'
import type { UrlCheck } from '../net/url.ts'
import { refused, show } from './refusal.ts'

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

export const requestFields = [
  'model_id',
  'prompt',
  'image_urls',
  'end_image_url',
  'aspect_ratio',
  'resolution',
  'duration',
  'generate_audio',
  'generate_count',
  'callback_url',
  'max_credits',
  'quote_id',
] as const

type Field = (typeof requestFields)[number]
type Fields = Readonly<Partial<Record<Field, unknown>>>

/** Refuses anything but an object, and any unknown field. */
export function readFields(body: unknown): Fields {
  if (typeof body !== 'object' || body === null || Array.isArray(body)) {
    throw refused(
      'body',
      'must be a JSON object, such as {"model_id": "…", "prompt": "…"}',
      '必须是 JSON 对象,例如 {"model_id": "…", "prompt": "…"}',
    )
  }
  const unknown = Object.keys(body).find((name) => !requestFields.some((known) => known === name))
  if (unknown !== undefined) throw unknownField(unknown)
  return body
}

/** Longer names are cut in messages. */
const shownNameLengthMax = 64

function unknownField(name: string) {
  const shown = name.slice(0, shownNameLengthMax).toWellFormed()
  const meant = nearest(shown, requestFields)
  const list = requestFields.join(', ')
  return refused(
    shown,
    `there is no such field${meant ? `; did you mean ${meant}?` : '.'} Fields: ${list}`,
    `没有这个字段${meant ? `,您是否想用 ${meant}?` : '。'}可用字段:${list}`,
  )
}

export function readModelId(fields: Fields): string {
  return readText('model_id', fields.model_id) ?? missing('model_id')
}

/** The upstream fetches images; we call callbacks. */
export interface UrlChecks {
  readonly image: UrlCheck
  readonly callback: UrlCheck
}

export function readRequest(fields: Fields, check: UrlChecks): CreateRequest {
  return {
    prompt: readPrompt(fields.prompt),
    imageUrls: readImageUrls(fields.image_urls, check.image),
    endImageUrl: readUrl('end_image_url', fields.end_image_url, check.image),
    aspectRatio: readText('aspect_ratio', fields.aspect_ratio),
    resolution: readText('resolution', fields.resolution),
    durationSeconds: readWhole('duration', fields.duration),
    generateAudio: readFlag('generate_audio', fields.generate_audio),
    count: readWhole('generate_count', fields.generate_count) ?? 1,
    callbackUrl: readUrl('callback_url', fields.callback_url, check.callback),
    maxCredits: readWhole('max_credits', fields.max_credits, 0),
    quoteId: readText('quote_id', fields.quote_id),
  }
}

/** Keevx: "max 1000 characters", for images and videos alike. */
export const promptLengthMax = 1000

function readPrompt(value: unknown): string {
  const prompt = readText('prompt', value) ?? missing('prompt')
  if (isBlank(prompt)) {
    throw refused(
      'prompt',
      'must say something; it is empty, or only spaces and signs that cannot be seen',
      '不能为空,也不能只有空白或不可见字符',
    )
  }
  // Code points, as Keevx counts.
  const length = Array.from(prompt).length
  if (length > promptLengthMax) {
    throw refused(
      'prompt',
      `must have 1 to ${promptLengthMax} characters; this one has ${length}`,
      `长度须为 1 到 ${promptLengthMax} 个字符,当前为 ${length} 个`,
    )
  }
  return prompt
}

function readImageUrls(value: unknown, check: UrlCheck): readonly string[] {
  if (isLeftOut(value)) return []
  if (!Array.isArray(value)) {
    throw refused(
      'image_urls',
      `must be a list of URLs, not ${show(value)}`,
      `必须是 URL 数组,而不是 ${show(value)}`,
    )
  }
  return value.map((url, index) => {
    const field = `image_urls.${index}`
    return readUrl(field, url, check) ?? missing(field)
  })
}

function readUrl(field: string, value: unknown, check: UrlCheck): string | null {
  const url = readText(field, value)
  const refusal = url === null ? null : check(url)
  if (refusal) throw refused(field, refusal.en, refusal.zh)
  return url
}

function readText(field: string, value: unknown): string | null {
  if (isLeftOut(value)) return null
  if (typeof value !== 'string') {
    throw refused(field, `must be text, not ${show(value)}`, `必须是字符串,而不是 ${show(value)}`)
  }
  // A lone surrogate or a NUL would be changed by some store or receiver on the way.
  if (!value.isWellFormed() || value.includes('\0')) {
    throw refused(
      field,
      'must be Unicode text; it holds a NUL or half of a character',
      '必须是有效的 Unicode 文本,不能包含 NUL 或不完整的字符',
    )
  }
  return value
}

function readWhole(field: string, value: unknown, min = 1): number | null {
  if (isLeftOut(value)) return null
  if (typeof value === 'number' && Number.isSafeInteger(value) && value >= min) return value
  throw refused(
    field,
    `must be a whole number of at least ${min}, not ${show(value)}`,
    `必须是不小于 ${min} 的整数,而不是 ${show(value)}`,
  )
}

function readFlag(field: string, value: unknown): boolean | null {
  if (isLeftOut(value)) return null
  if (typeof value === 'boolean') return value
  throw refused(
    field,
    `must be true or false, without quotes, not ${show(value)}`,
    `必须是 true 或 false(不加引号),而不是 ${show(value)}`,
  )
}

function isLeftOut(value: unknown): value is null | undefined {
  return value === null || value === undefined
}

function missing(field: string): never {
  throw refused(field, 'is required', '为必填项')
}
