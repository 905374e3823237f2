// Reads the values of a create: normalizes harmless variants, then checks types, lengths and characters, independent of the model.
import { isBlank, stripBlanks } from '../characters.ts'
import type { UrlCheck } from '../net/url.ts'
import { refused, show } from './refusal.ts'

/** Null: removed. */
export function plainUrl(value: unknown): unknown {
  return typeof value === 'string' ? stripBlanks(value) || null : value
}

export function plainList(value: unknown): unknown {
  if (!Array.isArray(value)) return typeof value === 'string' && stripBlanks(value) === '' ? null : value
  const list: readonly unknown[] = value
  const plain = list.map((url) => (typeof url === 'string' ? stripBlanks(url) : url))
  return plain.every((url, at) => url === list[at]) ? list : plain
}

/** Only digits: the meaning of 1e1, 5.0 or 5s would be a guess. */
export function plainNumber(value: unknown): unknown {
  if (typeof value !== 'string') return value
  const digits = stripBlanks(value)
  if (digits === '') return null
  return /^\d{1,9}$/.test(digits) ? Number(digits) : value
}

/** Keevx: "max 1000 characters", for images and videos alike. */
export const promptLengthMax = 1000

export function readPrompt(value: unknown): string {
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

export function readImageUrls(value: unknown, check: UrlCheck): readonly string[] {
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

export function readUrl(field: string, value: unknown, check: UrlCheck): string | null {
  const url = readText(field, value)
  const refusal = url === null ? null : check(url)
  if (refusal) throw refused(field, refusal.en, refusal.zh)
  return url
}

export function readText(field: string, value: unknown): string | null {
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

export function readWhole(field: string, value: unknown, min = 1): number | null {
  if (isLeftOut(value)) return null
  if (typeof value === 'number' && Number.isSafeInteger(value) && value >= min) return value
  throw refused(
    field,
    `must be a whole number of at least ${min}, not ${show(value)}`,
    `必须是不小于 ${min} 的整数,而不是 ${show(value)}`,
  )
}

export function readFlag(field: string, value: unknown): boolean | null {
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

export function missing(field: string): never {
  throw refused(field, 'is required', '为必填项')
}
