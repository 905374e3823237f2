// The language of an answer: the client's favourite among ours, from the beginning of its header.
import { expect, test } from 'vitest'
import { languageOf } from '../../../src/http/wire/language.ts'

test.each<[string | undefined, 'en' | 'zh' | null]>([
  [undefined, null],
  ['', null],
  ['*', null],
  ['fr-CH, fr;q=0.9, *;q=0.5', null],
  ['zh-TW', 'zh'],
  ['EN-us', 'en'],
  ['fr, zh;q=0.1', 'zh'],
  ['en;q=0.4, zh-CN;q=0.9', 'zh'],
  ['zh;q=0, en;q=0.1', 'en'],
])('%j is answered in %j', (header, language) => {
  expect(languageOf(header)).toBe(language)
})

test('a header of thousands of languages costs no more than its beginning', () => {
  const many = 'fr,'.repeat(5_000)
  expect(languageOf(`zh,${many}`)).toBe('zh')
  expect(languageOf(`${many}zh`)).toBeNull()
})
