// A data: URI is read in every form in which its bytes can be meant, and no other.
import { expect, test } from 'vitest'
import { bytesOfBase64Uri, NotBase64 } from '../../src/media/base64.ts'

/** Every sign of base64 is in it, and it is longer than a piece. */
const bytes = Buffer.from(Array.from({ length: 200_000 }, (_, at) => (at * 2_654_435_761) >>> 13))
const base64 = bytes.toString('base64')
const head = 'data:image/png;base64,'
const read = (uri: string) => Buffer.concat([...bytesOfBase64Uri(uri)])
const lines = (width: number, end: string) => base64.replaceAll(new RegExp(`.{${width}}`, 'g'), `$&${end}`)
const everyLetterEscaped = (text: string) =>
  [...text].map((letter) => `%${letter.charCodeAt(0).toString(16)}`).join('')

test.each([
  ['as it is', head + base64],
  ['lines as mail has them', head + lines(76, '\r\n')],
  ['lines of another width', head + lines(61, '\n')],
  ['lines with an indent, as YAML and code have them', head + lines(64, '\n      ')],
  ['a break and indent behind every letter', head + lines(1, '\n ').slice(0, 500_000)],
  ['escaped as a part of a URL', head + encodeURIComponent(base64)],
  ['escaped letter by letter', head + everyLetterEscaped(base64)],
  ['escaped line breaks', head + lines(76, '%0D%0A')],
  ['the alphabet of URLs', head + bytes.toString('base64url')],
  ['without padding', head + base64.replaceAll('=', '')],
  ['spaces and line ends around it', ` \n${head}${base64}\r\n `],
  ['an escaped head', `data:image%2Fpng%3Bbase64,${base64}`],
  ['a head with spaces and capitals', `DATA:image/png; charset=utf-8; BASE64,${base64}`],
])('%s', (what, uri) => {
  const got = read(uri)
  const whole = what.startsWith('a break') ? bytes.subarray(0, got.length) : bytes
  expect(got.equals(whole)).toBe(true)
  expect(got.length).toBeGreaterThan(100_000)
})

test('wherever a piece ends, escapes and breaks are read whole', () => {
  for (let shift = 0; shift < 8; shift += 1) {
    const text = `${'A'.repeat(64 * 1024 - 4 + shift)}%2B\n  %2f${'B'.repeat(8 - shift)}`
    const plain = text.replace('%2B\n  %2f', '+/')
    expect(read(head + text).toString('base64url')).toBe(Buffer.from(plain, 'base64').toString('base64url'))
  }
})

test.each([
  ['no base64 named', `data:image/png,${base64}`],
  ['no comma', 'data:image/png;base64'],
  ['a head without end', `data:${'a'.repeat(300)};base64,AAAA`],
  ['a space in a line, which was a + before', head + base64.replace('AAAA', 'AA AA').replace('+', ' ')],
  ['another letter', `${head}${base64}!`],
  ['half an escape', `${head}AAAA%2`],
  ['an escape that is none', `${head}AAAA%zzAA`],
  ['letters behind the padding', `${head}AA==AAAA`],
  ['letters behind the padding of a piece before', `${head}${'A'.repeat(64 * 1024 - 2)}==AAAA`],
  ['more padding than there can be', `${head}AAAA===`],
  ['full-width letters', `${head}ＡＡＡＡ`],
])('not %s', (_what, uri) => {
  expect(() => read(uri)).toThrow(NotBase64)
})
