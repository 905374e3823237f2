// A data: URI is read in every form in which its bytes can be meant, and no other.
import { expect, test } from 'vitest'
import { createInlineUriReader, inlineUriHead } from '../../src/media/uploads/inline-uri.ts'

/** Every sign of base64 is in it, and it is longer than a piece. */
const bytes = Buffer.from(Array.from({ length: 200_000 }, (_, at) => (at * 2_654_435_761) >>> 13))
const base64 = bytes.toString('base64')
const head = 'data:image/png;base64,'

/** As it stands in JSON, in slices of so many bytes; null where it is no data: URI in base64. */
function read(uri: string, sliceBytes = 64 * 1024): Buffer | null {
  if (inlineUriHead(uri) === null) return null
  const json = Buffer.from(JSON.stringify(uri)).subarray(1)
  const to = { bytes: new Uint8Array(json.length), length: 0 }
  const reader = createInlineUriReader()
  for (let at = 0; at < json.length; at += sliceBytes) reader.read(json.subarray(at, at + sliceBytes), 0, to)
  return reader.state() === 'whole' ? Buffer.from(to.bytes.subarray(0, to.length)) : null
}
const lines = (width: number, end: string) => base64.replaceAll(new RegExp(`.{${width}}`, 'g'), `$&${end}`)
const everyLetterEscaped = (text: string) =>
  [...text].map((letter) => `%${letter.charCodeAt(0).toString(16)}`).join('')

test.each([
  ['as it is', head + base64],
  ['lines as mail has them', head + lines(76, '\r\n')],
  ['lines of another width', head + lines(61, '\n')],
  ['lines with an indent, as YAML and code have them', head + lines(64, '\n      ')],
  ['a break and indent behind every letter', head + lines(1, '\n ')],
  ['escaped as a part of a URL', head + encodeURIComponent(base64)],
  ['escaped letter by letter', head + everyLetterEscaped(base64)],
  ['escaped line breaks', head + lines(76, '%0D%0A')],
  ['the alphabet of URLs', head + bytes.toString('base64url')],
  ['without padding', head + base64.replaceAll('=', '')],
  ['a line end behind it', `${head}${base64}\r\n `],
  ['an escaped head', `data:image%2Fpng%3Bbase64,${base64}`],
  ['a head with spaces and capitals', `DATA:image/png; charset=utf-8; BASE64,${base64}`],
])('%s', (_what, uri) => {
  expect(read(uri)?.equals(bytes)).toBe(true)
})

test('wherever a slice ends, escapes and breaks are read whole', () => {
  const text = 'AAAA%2B\n  %2fBB\r\nCC==\n'
  const plain = Buffer.from('AAAA+/BBCC==', 'base64')
  for (let sliceBytes = 1; sliceBytes < 40; sliceBytes += 1)
    expect(read(head + text, sliceBytes)?.toString('hex')).toBe(plain.toString('hex'))
})

test.each([
  ['no base64 named', `data:image/png,${base64}`],
  ['no comma', 'data:image/png;base64'],
  ['a head without end', `data:${'a'.repeat(300)};base64,AAAA`],
  ['a space in a line, which was a + before', head + base64.replace('AAAA', 'AA AA').replace('+', ' ')],
  ['another letter', `${head}${base64}!`],
  ['half an escape', `${head}AAAA%2`],
  ['an escape that is none', `${head}AAAA%zzAA`],
  ['an escaped letter of another alphabet', `${head}AAAA%21AAA`],
  ['an escaped letter of another script', `${head}AAAA%C3%A4AA`],
  ['an escaped percent sign', `${head}AAAA%2541AA`],
  ['an escaped space', `${head}AAAA%20AAAA`],
  ['an escaped letter behind the padding', `${head}AA==%41AAA`],
  ['letters behind the padding', `${head}AA==AAAA`],
  ['letters behind the padding of a piece before', `${head}${'A'.repeat(64 * 1024 - 2)}==AAAA`],
  ['more padding than there can be', `${head}AAAA===`],
  ['full-width letters', `${head}ＡＡＡＡ`],
])('not %s', (_what, uri) => {
  expect(read(uri)).toBeNull()
})
