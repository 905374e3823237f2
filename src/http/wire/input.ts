// Validates input against a schema; errors name the field, in both languages.
import { z } from 'zod'
import { nearest } from '../../config/nearest.ts'
import { GatewayError } from '../../errors.ts'
import { wrongShape } from './refusals.ts'
import { wordsOf } from './issue-words.ts'

/** Throws invalid_request for the first problem. */
export function readInput<Schema extends z.ZodType>(schema: Schema, value: unknown): z.output<Schema> {
  refuseBrokenText(value)
  const read = schema.safeParse(value, { reportInput: true })
  if (read.success) return read.data
  const issue = read.error.issues[0]
  if (!issue) throw new GatewayError('invalid_request', { en: 'Invalid input.', zh: '输入有误。' })
  if (issue.code === 'unrecognized_keys') throw unknownField(schema, issue.keys[0] ?? '', issue.path)
  const field = issue.path.join('.')
  const subject = field === '' ? 'body' : field
  const { en, zh } = wordsOf(issue)
  throw new GatewayError(
    'invalid_request',
    { en: `${subject}: ${en}.`, zh: `${subject}:${zh}。` },
    { ...(field === '' ? {} : { field }), ...(issue.code === 'invalid_type' ? { detail: wrongShape } : {}) },
  )
}

/** Not every store can save NUL or lone surrogates and return the same text. */
function refuseBrokenText(value: unknown): void {
  const fields = Object.entries(value ?? {}) as [string, unknown][]
  const broken = fields.find(
    ([, text]) => typeof text === 'string' && (text.includes('\0') || !text.isWellFormed()),
  )
  if (!broken) return
  const [field] = broken
  throw new GatewayError(
    'invalid_request',
    {
      en: `${field}: must be Unicode text; it holds a NUL or half of a character.`,
      zh: `${field}:必须是有效的 Unicode 文本,不能包含 NUL 或不完整的字符。`,
    },
    { field },
  )
}

/** Longer names are cut when a message repeats them. */
const shownNameMax = 64

function unknownField(schema: z.ZodType, name: string, path: readonly PropertyKey[]): GatewayError {
  const shown = name.slice(0, shownNameMax)
  const known = fieldsAt(schema, path)
  const meant = nearest(shown, known)
  const field = [...path, shown].join('.')
  return new GatewayError(
    'invalid_request',
    {
      en: `${field}: there is no such field${meant ? `; did you mean ${meant}?` : '.'}${known.length === 0 ? '' : ` Fields: ${known.join(', ')}.`}`,
      zh: `${field}:没有这个字段${meant ? `,您是否想用 ${meant}?` : '。'}${known.length === 0 ? '' : `可用字段:${known.join('、')}。`}`,
    },
    { field, detail: wrongShape },
  )
}

/** The fields of the schema's object at `path`; empty if there is no object with named fields there. */
function fieldsAt(schema: z.ZodType, path: readonly PropertyKey[]): string[] {
  let at: unknown = schema
  for (const step of path) {
    const outer = unwrapped(at)
    if (outer instanceof z.ZodObject) at = outer.shape[String(step)]
    else if (outer instanceof z.ZodArray) at = outer.element
    else return []
  }
  const found = unwrapped(at)
  return found instanceof z.ZodObject ? Object.keys(found.shape) : []
}

function unwrapped(schema: unknown): unknown {
  let at = schema
  while (at instanceof z.ZodOptional || at instanceof z.ZodNullable || at instanceof z.ZodDefault)
    at = at.unwrap()
  return at
}
