// Messages for validation errors in both languages; the library's own messages are never shown.
import type { z } from 'zod'
import { orListZh, show } from '../../catalog/refusal.ts'
import { isBlank, isOneLine } from '../../characters.ts'
import { listOf } from '../../config/wording.ts'
import type { Text } from '../../errors.ts'

type Issue = z.core.$ZodIssue

/** Phrased to follow the field's name. */
export function wordsOf(issue: Issue): Text {
  switch (issue.code) {
    case 'invalid_type':
      return typeWords(issue.expected, issue.input)
    case 'too_small':
      return boundWords(issue, 'min', Number(issue.minimum))
    case 'too_big':
      return boundWords(issue, 'max', Number(issue.maximum))
    case 'invalid_value':
      return choiceWords(issue.values, issue.input)
    case 'custom':
      return (issue.params?.['words'] as Text | undefined) ?? plainlyWrong
    default:
      return plainlyWrong
  }
}

/** For `refine`: attaches our own words, which `wordsOf` reads. */
export const says = (en: string, zh: string) => ({ params: { words: { en, zh } } })

const plainlyWrong: Text = {
  en: 'does not match the documentation; see /docs/reference',
  zh: '格式不符合文档要求;请参阅 /docs/reference',
}

const types: Readonly<Record<string, Text>> = {
  string: { en: 'text', zh: '字符串' },
  number: { en: 'a number', zh: '数字' },
  int: { en: 'a whole number', zh: '整数' },
  boolean: { en: 'true or false', zh: ' true 或 false' },
  array: { en: 'a list', zh: '数组' },
  object: { en: 'a JSON object', zh: ' JSON 对象' },
}

function typeWords(expected: string, given: unknown): Text {
  if (given === undefined) return { en: 'is required', zh: '为必填项' }
  const type = types[expected] ?? types['object'] ?? plainlyWrong
  return { en: `must be ${type.en}, not ${show(given)}`, zh: `必须是${type.zh},而不是 ${show(given)}` }
}

function boundWords(
  { origin, input }: z.core.$ZodIssueTooBig | z.core.$ZodIssueTooSmall,
  end: 'min' | 'max',
  bound: number,
): Text {
  const [en, zh] = end === 'min' ? ['at least', '不少于'] : ['at most', '不超过']
  if (origin === 'string') {
    if (bound === 1) return { en: 'must not be empty', zh: '不能为空' }
    const length = typeof input === 'string' ? input.length : 0
    return {
      en: `must have ${en} ${bound} characters; this one has ${length}`,
      zh: `长度须${zh} ${bound} 个字符,当前为 ${length} 个`,
    }
  }
  if (origin === 'array') return { en: `must have ${en} ${bound} entries`, zh: `须${zh} ${bound} 项` }
  const limit = end === 'min' ? '不小于' : '不大于'
  return {
    en: `must be ${en} ${bound}, not ${show(input)}`,
    zh: `必须${limit} ${bound},而不是 ${show(input)}`,
  }
}

function choiceWords(values: readonly unknown[], given: unknown): Text {
  if (given === undefined) return { en: 'is required', zh: '为必填项' }
  const known = values.map(String)
  return {
    en: `must be ${listOf(known)}, not ${show(given)}`,
    zh: `必须是 ${orListZh(known)},而不是 ${show(given)}`,
  }
}

/** As far as a pattern can say what `isOneLine` and `isBlank` mean: beyond 16 bits it does not look. */
const unprintable = '\\u0000-\\u001f\\u007f-\\u009f\\u2028-\\u202e\\u2066-\\u2069'
const invisible =
  ' \\u00a0\\u00ad\\u034f\\u061c\\u115f\\u1160\\u1680\\u17b4\\u17b5\\u180b-\\u180f\\u2000-\\u200f\\u202f\\u205f-\\u206f\\u2800\\u3000\\u3164\\ufe00-\\ufe0f\\ufeff\\uffa0\\ufff0-\\ufffb'
const oneLinePattern = `^[^${unprintable}]*[^${unprintable}${invisible}][^${unprintable}]*$`

/** Names and notes are shown and searched in single-line tables. */
export function oneLine<Schema extends z.ZodString>(schema: Schema) {
  return schema
    .meta({ override: { pattern: oneLinePattern } })
    .refine(
      isOneLine,
      says(
        'must be one line without control characters, line breaks and signs that turn the direction of writing',
        '只能是一行文字,不能包含控制字符、换行或改变书写方向的字符',
      ),
    )
    .refine(
      (text) => !isBlank(text),
      says('must not be empty, or only signs that cannot be seen', '不能为空,也不能只有不可见字符'),
    )
}
