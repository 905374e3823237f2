// What is left of a body when its pictures are cut out of it while it comes, and what the pictures are.
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  createPictureScan,
  pictureTextBytesMin,
  RestTooLarge,
  sliceBytesMax,
} from '../../../src/http/bodies/picture-scan.ts'
import { NotJson } from '../../../src/media/uploads/inline-uri.ts'

const restBytesMax = 64 * 1024

interface Scanned {
  readonly rest: unknown
  readonly pictures: { head: string; bytes: Buffer; state: string }[]
  readonly slices: number
}

function scan(text: string | Buffer, sliceBytes = sliceBytesMax): Scanned {
  const whole = Buffer.from(text)
  const pictures: Scanned['pictures'] = []
  const scanning = createPictureScan({ restBytesMax, picturesMax: 16, standIn: (index) => `cut:${index}` })
  let slices = 0
  for (let at = 0; at < whole.length; at += sliceBytes) {
    slices += 1
    for (const { index, head, bytes, state } of scanning.push(whole.subarray(at, at + sliceBytes))) {
      const before = pictures[index]?.bytes ?? Buffer.alloc(0)
      pictures[index] = { head, bytes: Buffer.concat([before, bytes]), state }
    }
  }
  return { rest: JSON.parse(scanning.end().toString()), pictures, slices }
}

const content = Buffer.from(Array.from({ length: 9_001 }, (_, at) => (at * 7) % 256))
const base64 = content.toString('base64')
const head = 'data:image/png;base64,'
const order = (uri: string) => `{"prompt":"a \\"heron\\"","image_urls":["https://x.example/a.png","${uri}"]}`

describe('a picture is taken out and decoded, however it is written and wherever it is cut:', () => {
  const unicode = (text: string) =>
    text.replaceAll(/[^]/g, (letter) => `\\u${letter.charCodeAt(0).toString(16).padStart(4, '0')}`)
  test.each([
    ['plainly', head + base64],
    ['with escaped slashes', (head + base64).replaceAll('/', '\\/')],
    ['with every character escaped', unicode(head + base64)],
    ['in capitals', `DATA:IMAGE/PNG;BASE64,${base64}`],
    ['in the alphabet of URLs', head + base64.replaceAll('+', '-').replaceAll('/', '_')],
    ['without padding', head + base64.replace(/=+$/, '')],
    ['with line breaks', head + base64.replaceAll(/.{76}/g, String.raw`$&\r\n`)],
    [
      'with percent escapes',
      head + base64.replaceAll('+', '%2B').replaceAll('/', '%2f').replaceAll('=', '%3D'),
    ],
  ])('%s', (_name, uri) => {
    for (const sliceBytes of [1, 1_000, sliceBytesMax]) {
      const { rest, pictures } = scan(order(uri), sliceBytes)
      expect(rest).toEqual({ prompt: 'a "heron"', image_urls: ['https://x.example/a.png', 'cut:0'] })
      expect(pictures).toHaveLength(1)
      expect(pictures[0]?.state).toBe('whole')
      expect(pictures[0]?.bytes.equals(content)).toBe(true)
    }
  })
})

test.each([
  ['a sign that is none of base64', `${head}!${base64}`],
  ['a space', `${head}AA ${base64}`],
  ['padding in the middle', `${head}AA==${base64}`],
  ['too much padding', `${head}${base64.replace(/=+$/, '')}===`],
  ['a character too many', `${head}${'A'.repeat(9_001)}`],
  ['half of a percent escape', `${head}${'A'.repeat(9_000)}%2`],
  ['an escape of an escape', `${head}%25${base64}`],
  ['a letter beyond all tables', `${head}\\u4e00${base64}`],
])('what is no base64 is told as such, and the rest is read: %s', (_name, uri) => {
  const { rest, pictures } = scan(order(uri), 1_000)
  expect(rest).toMatchObject({ image_urls: ['https://x.example/a.png', 'cut:0'] })
  expect(pictures.map(({ state }) => state)).toEqual(['broken'])
})

test.each([
  ['a text that does not end', order(head + base64).slice(0, -3)],
  ['a line break in a text', order(`${head}\n${base64}`)],
  ['an escape that is none', order(`${head}\\x${base64}`)],
  ['half of an escape', order(`${head}\\u00zz${base64}`)],
  ['a prompt that does not end', '{"prompt":"a'],
])('what is no JSON is found: %s', (_name, text) => {
  expect(() => scan(text.replace(head, `${head}${'A'.repeat(pictureTextBytesMin)}`))).toThrow(NotJson)
})

test('whatever else a body says, it says the same afterwards', () => {
  const hostile = fc.oneof(
    fc.constantFrom(
      'data:ü 苍鹭',
      `${head}AAAA`,
      'data:',
      'data:0',
      '"data:x"',
      '\\"data:x',
      '\\',
      '\n',
      'ü',
    ),
    fc.string(),
  )
  const field = fc.oneof(hostile, fc.array(hostile), fc.integer(), fc.constant(null))
  fc.assert(
    fc.property(fc.dictionary(fc.string(), field), fc.integer({ min: 1, max: 50 }), (body, sliceBytes) => {
      const text = JSON.stringify(body)
      expect(scan(text, sliceBytes)).toMatchObject({ rest: JSON.parse(text), pictures: [] })
    }),
    { numRuns: 300 },
  )
})

describe('what is not pictures is bounded while it comes:', () => {
  const megabyte = 1024 * 1024
  const filled = (part: string) => part.repeat(Math.ceil(megabyte / part.length))
  test.each([
    ['one long text', `{"prompt":"${filled('a')}`],
    ['one long text of escapes', `{"prompt":"${filled('\\"data:')}`],
    ['many short pictures', `{"image_urls":[${filled('"data:image/png;base64,AAAA",')}`],
    ['depth', filled('[')],
    ['lists', `{"z":"data:","x":[${filled('{},')}`],
    ['spaces', filled(' ')],
    ['a text that only begins like a picture', `{"z":"data:image/png,${filled('A')}`],
    ['names', filled('{"data:image/png;base64,":')],
  ])('%s', (_name, text) => {
    const scanning = createPictureScan({ restBytesMax, picturesMax: 16, standIn: String })
    let taken = 0
    const pushAll = () => {
      const bytes = Buffer.from(text)
      for (let at = 0; at < bytes.length; at += 1_000) {
        scanning.push(bytes.subarray(at, at + 1_000))
        taken = at
      }
    }
    expect(pushAll).toThrow(RestTooLarge)
    expect(taken).toBeLessThan(restBytesMax + pictureTextBytesMin + 1_000)
  })

  test('and no more pictures are taken out than any model takes', () => {
    const many = (count: number) => JSON.stringify({ image_urls: Array(count).fill(head + base64) })
    expect(scan(many(16)).pictures).toHaveLength(16)
    expect(() => scan(many(17))).toThrow(RestTooLarge)
  })
})

test('escapes and broken pictures take no more slices than any other bytes', () => {
  const bytes = 12 * 100_000
  const slices = ['AbC/', '\\/', '\\u0041', '%2B', '!!'].map((part) => {
    const { slices: taken } = scan(order(head + part.repeat(bytes / part.length)))
    return taken
  })
  expect(new Set(slices)).toEqual(new Set([Math.ceil(bytes / sliceBytesMax)]))
})
