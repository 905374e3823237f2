// The brand section: texts in one language or two, and each wrong value by its place.
import { expect, test } from 'vitest'
import { loadConfig } from '../../src/config/config.ts'
import { noticeAt, slugOf } from '../../src/config/brand.ts'
import { directoryWith } from './workspace.ts'

const png = '\u{89}PNG'
const load = (brand: string, files: Record<string, string> = {}) =>
  loadConfig({ env: {}, cwd: directoryWith({ 'tollgate.yaml': `brand: ${brand}\n`, ...files }) }).brand

test.each([
  ['{ name: 5 }', 'brand.name: must be text, not 5; quote it'],
  ['{ name: { en: A } }', 'brand.name: must have both en and zh; zh is missing'],
  ['{ name: { en: A, zh: B, fr: C } }', 'brand.name: must be text, or en and zh; fr is neither'],
  [`{ name: ${'x'.repeat(61)} }`, 'brand.name: must have at most 60 characters'],
  ['{ color: red }', 'brand.color: must be a colour such as "#4f46e5", in quotes, not "red"'],
  ['{ links: [{ text: Us, url: "javascript:alert(1)" }] }', 'brand.links[0].url: must be a URL'],
  ['{ links: [{ text: Us }] }', 'brand.links[0].url: is missing'],
  [`{ links: [${'{ text: a, url: "https://a.example" }, '.repeat(9)}] }`, 'brand.links: must have at most 8'],
  ['{ notice: { level: info } }', 'brand.notice.text: is missing'],
  ['{ notice: { text: A, level: loud } }', 'brand.notice.level: must be info, warning or critical'],
  ['{ notice: { text: A, from: 2026-12-01 } }', 'brand.notice.from: must be a time with its offset from UTC'],
  [
    '{ notice: { text: A, from: 2026-12-02T00:00Z, to: 2026-12-01T00:00Z } }',
    'brand.notice.to: must be after',
  ],
  ['{ logo: away.png }', 'brand.logo: away.png cannot be read: there is no such file'],
  ['{ logo: text.png }', 'brand.logo: text.png is no PNG, JPEG, WebP or SVG, whatever its name says'],
  ['{ logo: page.svg }', 'brand.logo: page.svg is no PNG, JPEG, WebP or SVG'],
  ['{ logo: huge.svg }', 'brand.logo: huge.svg has 600000 bytes; a logo may have 524288 at most'],
])('%s is refused', (brand, words) => {
  const files = { 'text.png': `${png} in name only`, 'page.svg': '<html><svg></svg></html>' }
  expect(() => load(brand, { ...files, 'huge.svg': '<svg>'.padEnd(600_000) })).toThrow(words)
})

test('a text that is given once stands in both languages; a mail address is a link', () => {
  expect(
    load('{ name: Shop, links: [{ text: { en: Us, zh: 我们 }, url: "mailto:us@shop.example" }] }'),
  ).toMatchObject({
    name: { en: 'Shop', zh: 'Shop' },
    links: [{ text: { en: 'Us', zh: '我们' }, url: 'mailto:us@shop.example' }],
  })
})

test.each([
  ['Pixel Shop', 'pixel-shop'],
  ['  Café №5!', 'cafe-no5'],
  ['像素商店', 'image-video-api'],
  ['x'.repeat(60), 'x'.repeat(60)],
])('programs know %s as %s', (name, slug) => {
  expect(slugOf({ name: { en: name, zh: name } })).toBe(slug)
})

test('a notice holds from its beginning to just before its end', () => {
  const { notice } = load(
    '{ notice: { text: A, from: "2026-12-01T08:00+08:00", to: "2026-12-01T00:00:01Z" } }',
  )
  const at = Date.parse('2026-12-01T00:00:00Z')
  const valid = [at - 1, at, at + 999, at + 1_000].map((ms) => noticeAt({ notice }, ms) !== null)
  expect(valid).toEqual([false, true, true, false])
})
