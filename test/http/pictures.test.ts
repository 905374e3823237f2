// What is left of a body when its pictures are taken out, and what it is when they are put back.
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { withoutPictures } from '../../src/http/pictures.ts'

const picture = `data:image/png;base64,${'AbC/+'.repeat(1_000)}=`

function partedAndWhole(text: string): { restBytes: number; body: unknown } {
  const { rest, restore } = withoutPictures(Buffer.from(text))
  return { restBytes: rest.length, body: restore(JSON.parse(rest.toString())) }
}

test('pictures are not parsed, and are where they were', () => {
  const body = {
    prompt: 'a heron',
    image_urls: [picture, 'https://x.example/a.png', picture],
    end_image_url: picture,
  }
  const parted = partedAndWhole(JSON.stringify(body))
  expect(parted.restBytes).toBeLessThan(200)
  expect(parted.body).toEqual(body)
})

test('slashes may be escaped, as some writers of JSON do', () => {
  const text = JSON.stringify({ image_urls: [picture] }).replaceAll('/', '\\/')
  expect(partedAndWhole(text)).toMatchObject({ restBytes: 25, body: { image_urls: [picture] } })
})

test('whatever a body says, it says the same afterwards', () => {
  const hostile = fc.oneof(
    fc.constantFrom(
      'data:ü 苍鹭',
      picture,
      'data:',
      'data:0',
      'data:1',
      '"data:x"',
      '\\"data:x',
      'a "data:b" c',
      '\\',
      'data:\n',
      'ü',
    ),
    fc.string(),
  )
  const field = fc.oneof(hostile, fc.array(hostile), fc.integer(), fc.constant(null))
  fc.assert(
    fc.property(fc.dictionary(fc.string(), field), (body) => {
      const names = Object.keys(body).filter((name) => name.startsWith('data:') || name === '__proto__')
      for (const name of names) delete body[name]
      expect(partedAndWhole(JSON.stringify(body)).body).toEqual(body)
    }),
    { numRuns: 500 },
  )
})

test('nothing but pictures is taken out, and no more than any model takes', () => {
  const many = JSON.stringify({ x: Array(40).fill(picture) })
  expect(withoutPictures(Buffer.from(many)).rest.length).toBeGreaterThan(24 * picture.length)
  const nested = `{"z":"data:","x":[${'{},'.repeat(50_000)}0]}`
  expect(withoutPictures(Buffer.from(nested)).rest.length).toBeGreaterThan(150_000)
})
