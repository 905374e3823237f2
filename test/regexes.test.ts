// No pattern of the gateway takes more steps than in proportion to the text it is given.
import { expect, test } from 'vitest'
import { growthOf, regexesOf, stepsMax } from './tidy/regexes.ts'
import { stepCounter } from './tidy/regex-steps.ts'
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

test.each([
  'a-b',
  'https://cdn.example:8443/a',
  'en-US,en;q=0.5',
  '10.1.2.3',
  'i2v-1 att_',
  '2026-11-29',
  '500MB',
  '',
])('the counter of steps finds in %j what the engine finds', (text) => {
  for (const { source, flags } of found) {
    const isFound = new RegExp(source ?? '', flags).test(text)
    const once = flags.replace('g', '')
    // With an impossible end nothing is found, so a search goes on where it would have stopped.
    const [steps = 0, all = 0] = ['', '(?!)'].map((end) =>
      stepCounter({ source: `(?:${source ?? ''})${end}`, flags: once }, stepsMax)(text),
    )
    expect(steps < all, String(source)).toBe(isFound)
  }
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
