// Rules shared by both operations: prompt, URL, and the report of a violation.
import { z } from 'zod'
import type { Refusal } from './replies.ts'
import type { Work } from './tasks.ts'

export type Ruling =
  | { readonly kind: 'work'; readonly work: Work; readonly imageUrls: readonly string[] }
  | { readonly kind: 'refused'; readonly refusal: Refusal; readonly detail: string }

export type Rules = (body: unknown) => Ruling

const promptCharactersMax = 1_000
const tooLong = `prompt must not exceed ${promptCharactersMax} characters`

export const promptText = z
  .string()
  .min(1, 'cannot be empty')
  .refine((prompt) => countCharacters(prompt) <= promptCharactersMax, { error: tooLong, params: { tooLong } })

export const httpUrl = z.url({ protocol: /^https?$/, error: 'must be an http or https URL' })

/** Reports the first violation, with its path and the matching row of the error tables. */
export function readIssues(error: z.ZodError): Ruling {
  const issue = error.issues[0]
  if (issue === undefined) return { kind: 'refused', refusal: 'parameter', detail: 'body' }
  if (issue.code === 'custom' && issue.params?.['tooLong'] !== undefined)
    return { kind: 'refused', refusal: 'prompt_too_long', detail: tooLong }
  const empty = issue.code === 'too_small' && issue.origin === 'string'
  const refusal = outOfRange.has(issue.code) && !empty ? 'validation' : 'parameter'
  return { kind: 'refused', refusal, detail: describe(issue) }
}

function describe(issue: z.core.$ZodIssue): string {
  if (issue.code === 'unrecognized_keys') return `${issue.keys.join(', ')} is not supported`
  const path = issue.path.length === 0 ? 'body' : issue.path.join('.')
  const missing = issue.code === 'invalid_type' && issue.input === undefined
  return `${path} ${missing ? 'is required' : issue.message}`
}

/** Violations by a value of the right type; all others are about the type. */
const outOfRange: ReadonlySet<string> = new Set([
  'too_big',
  'too_small',
  'invalid_value',
  'invalid_format',
  'custom',
])

/** Counts code points: a surrogate pair is one character. The cheap check nearly always decides. */
function countCharacters(text: string): number {
  return text.length <= promptCharactersMax ? text.length : Array.from(text).length
}
