// No pattern of the gateway takes more steps than in proportion to the text it is given.
import { expect, test } from 'vitest'
import { growthOf, regexesOf } from './tidy/regexes.ts'
import { readTree } from './tidy/tree.ts'

/** With the reason why nothing from outside can make them slow. */
const excepted = new Map([
  ['src/http/paths.ts', 'is built of the paths of the API itself: segments with a slash between them'],
])

const found = readTree()
  .filter(({ path }) => path.startsWith('src/') && path.endsWith('.ts'))
  .flatMap((file) => regexesOf(file))

const growing = found.flatMap((regex) =>
  growthOf(regex).map((why) => ({ path: regex.path, sentence: `${regex.path}: /${regex.source}/ ${why}` })),
)

test('every pattern takes steps in proportion to its text', () => {
  expect(found.length).toBeGreaterThan(100)
  expect(growing.filter(({ path }) => !excepted.has(path)).map(({ sentence }) => sentence)).toEqual([])
})

test('every exception is needed', () => {
  const paths = growing.map(({ path }) => path)
  expect([...excepted.keys()].filter((path) => !paths.includes(path))).toEqual([])
  expect(paths.filter((path) => excepted.has(path))).toHaveLength(excepted.size)
})

const growthIn = (text: string) => regexesOf({ path: 'src/a.ts', text }).flatMap((regex) => growthOf(regex))

test.each([
  [String.raw`/\s+$/`],
  [String.raw`/<[^>]*>/g`],
  [String.raw`/(?:a+)+b/`],
  [String.raw`/(?:[\w-]+-)?bucket/gi`],
  // The library takes what begins with \b for anchored, and long bounds for none.
  [String.raw`/\b[\w-]+!/g`],
  [String.raw`/\b[\w-]*_bucket\b/giu`],
  [String.raw`/[a-z][\w+.-]*:\/\//giu`],
  [String.raw`/\[[^\]]{0,5000}\]:/g`],
  [String.raw`new RegExp('a+b')`],
  [String.raw`const part = '[0-9]+'; const all = RegExp(${'`${part}x`'}, 'g')`],
  [String.raw`const one = /\s+,/; const all = new RegExp(one.source, 'g')`],
  [String.raw`const of = (name) => new RegExp(name)`],
])('%s is caught', (text) => {
  expect(growthIn(text).length).toBeGreaterThan(0)
})

test.each([
  [String.raw`/^\s+/`],
  [String.raw`/(?<!\s)\s+$/`],
  [String.raw`/(?<![\w-])[\w-]+!/g`],
  [String.raw`/[a-z][\w+.-]{0,30}:\/\//giu`],
  [String.raw`/^[a-z]+(?:-[a-z]+)*$/v`],
  [String.raw`const part = '[0-9]{1,9}'; const all = new RegExp(${'`^${part}x`'})`],
])('%s is not', (text) => {
  expect(growthIn(text)).toEqual([])
})
