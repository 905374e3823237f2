// The body of a create: what is beyond doubt is forgiven, nothing else is coerced, no unknown field is taken, and each error names its field.
import { describe, expect, test } from 'vitest'

import { hashOfBody } from '../../src/tasks/create/body-hash.ts'
import { builtin, images, order, refusal, refused } from './bodies.ts'

const model_id = 'gpt-image-2'

test.each([[null], [undefined], ['text'], [5], [[]], [[{ model_id }]], [true]])('%j is no body', (body) => {
  expect(refusal(body)).toMatchObject({ type: 'invalid_request', field: 'body' })
})

test('an unknown field is refused by name, with what was probably meant', () => {
  const error = refused({ model_id, aspectratio: '1:1' })
  expect(error).toMatchObject({ type: 'invalid_request', field: 'aspectratio' })
  expect(error.text.en).toContain('did you mean aspect_ratio?')
  expect(error.text.zh).toContain('您是否想用 aspect_ratio?')
  expect(refused({ model_id, seed: 5 }).text.en).toContain(
    'seed: there is no such field. Fields: model_id, prompt,',
  )
})

test('names from the prototype of objects are unknown fields too', () => {
  for (const name of ['constructor', 'toString', '__proto__']) {
    const body = JSON.parse(`{"model_id":"${model_id}","prompt":"x","${name}":null}`) as unknown
    expect(refusal(body)).toMatchObject({ field: name })
  }
})

test('an unknown model is refused with the nearest and the list', () => {
  const error = refused({ model_id: 'gpt-image2' })
  expect(error).toMatchObject({ type: 'unknown_model', field: 'model_id' })
  expect(error.text.en).toContain('did you mean gpt-image-2?')
  expect(error.text.en).toContain(builtin.models.map(({ id }) => id).join(', '))
})

test.each([['constructor'], ['__proto__'], [''], ['GPT-IMAGE-2'], ['x'.repeat(10_000)]])(
  '%s is no model',
  (id) => {
    const error = refused({ model_id: id })
    expect(error.type).toBe('unknown_model')
    expect(error.text.en.length).toBeLessThan(400)
  },
)

test('model_id and prompt are required', () => {
  expect(refusal({ prompt: 'x' })).toMatchObject({ type: 'invalid_request', field: 'model_id' })
  expect(refusal({ model_id })).toMatchObject({ type: 'invalid_request', field: 'prompt' })
  expect(refusal({ model_id, prompt: null })).toMatchObject({ field: 'prompt' })
})

describe('a prompt', () => {
  test.each([['a'], ['画'.repeat(1000)], ['🦢'.repeat(1000)], [' padded '], ['line\nbreak\ttab']])(
    '%s is taken as it stands',
    (prompt) => {
      expect(order({ model_id, prompt }).order.prompt).toBe(prompt)
    },
  )

  test.each([
    ['', 'only spaces'],
    [' \n\t\u3000', 'only spaces'],
    ['🦢'.repeat(1001), 'this one has 1001'],
    ['a'.repeat(1001), 'this one has 1001'],
    ['a'.repeat(60_000), 'this one has 60000'],
    ['half \ud83e', 'half of a character'],
    ['nul \0', 'NUL'],
    [5, 'must be text, not 5'],
    [['a'], 'must be text'],
    [{}, 'must be text'],
  ])('%j is refused', (prompt, words) => {
    const error = refused({ model_id, prompt })
    expect(error).toMatchObject({ type: 'invalid_request', field: 'prompt' })
    expect(error.text.en).toContain(words)
  })
})

test.each([
  ['generate_count', '2x'],
  ['generate_count', '1e1'],
  ['generate_count', '2.0'],
  ['generate_count', '+2'],
  ['generate_count', '-2'],
  ['generate_count', '0x2'],
  ['generate_count', '２'],
  ['generate_count', '2 2'],
  ['generate_count', ['2']],
  ['generate_count', 1.5],
  ['generate_count', -1],
  ['generate_count', true],
  ['generate_count', Number.MAX_SAFE_INTEGER + 1],
  ['duration', '8s'],
  ['duration', '0'],
  ['duration', 8.5],
  ['generate_audio', 'true'],
  ['generate_audio', 1],
  ['aspect_ratio', 1],
  ['resolution', 720],
  ['resolution', ['720p']],
  ['image_urls', 'https://images.example/0.png'],
  ['image_urls', { 0: 'https://images.example/0.png' }],
  ['end_image_url', 5],
  ['callback_url', false],
])('%s is not turned from %j into what it should be', (field, value) => {
  expect(refused({ model_id: 'seedance-2', [field]: value })).toMatchObject({
    type: 'invalid_request',
    field,
  })
})

const wrongUrls = [
  'images.example/0.png',
  '/0.png',
  'ftp://images.example/0.png',
  'file:///etc/passwd',
  'javascript:alert(1)',
  'data:image/png;base64,AAAA',
  'http:images.example',
  'http:\\\\images.example',
  'http://',
  'https://images.example/a b.png',
  'https://images.example/\n0.png',
  'https://user:secret@images.example/0.png',
  'https://user@images.example/0.png',
  `https://images.example/${'a'.repeat(2048)}`,
  'https://images.example/\ud83e',
  'https://[::1/0.png',
]

test.each(wrongUrls)('%j is no URL of an image, a last frame or a callback', (url) => {
  expect(refused({ model_id: 'seedance-2', image_urls: [...images(1), url] })).toMatchObject({
    field: 'image_urls.1',
  })
  expect(refused({ model_id: 'seedance-2', image_urls: images(1), end_image_url: url })).toMatchObject({
    field: 'end_image_url',
  })
  expect(refused({ model_id, callback_url: url })).toMatchObject({ field: 'callback_url' })
})

test('an empty place in the list of images is refused, not skipped', () => {
  expect(refused({ model_id, image_urls: [null] })).toMatchObject({ field: 'image_urls.0' })
})

test.each([
  [{ duration: '8' }, { duration: 8 }],
  [{ duration: ' 08\n' }, { duration: 8 }],
  [{ generate_count: '2' }, { generate_count: 2 }],
  [{ generate_count: '' }, {}],
  [{ duration: '  ' }, {}],
  [{ end_image_url: '' }, {}],
  [{ callback_url: ' \r\n' }, {}],
  [{ callback_url: '\u200b' }, {}],
  [{ image_urls: '' }, {}],
  [{ image_urls: [' https://images.example/0.png\r\n'] }, { image_urls: images(1) }],
  [{ image_urls: ['\ufeffhttps://images.example/0.png\u200b'] }, { image_urls: images(1) }],
  [{ callback_url: '\thttps://images.example/0.png\u00a0' }, { callback_url: images(1)[0] }],
  [
    { image_urls: images(1), end_image_url: 'https://images.example/0.png ' },
    { image_urls: images(1), end_image_url: images(1)[0] },
  ],
])('%j says the same as %j, also to an Idempotency-Key', async (given, meant) => {
  const base = { model_id: 'seedance-2', prompt: 'waves' }
  expect(order({ ...base, ...given })).toEqual(order({ ...base, ...meant }))
  expect(await hashOfBody({ ...base, ...given })).toBe(await hashOfBody({ ...base, ...meant }))
})

test.each([
  ['https://images.example/a b.png', 'spaces'],
  ['https://images.example/\n0.png', 'line breaks'],
  ['https://exa mple.com', 'spaces'],
  ['https://images.example/\u00070.png', 'control characters'],
  ['https://images.example\\0.png', 'back slash'],
  ['images of a cat', 'http:// or https://'],
])('%j is refused for what is wrong with it: %s', (url, words) => {
  expect(refused({ model_id, image_urls: [url] }).text.en).toContain(words)
})

test.each([
  ['zero-width spaces', '\u200b\u200b'],
  ['a byte order mark', '\ufeff'],
  ['soft hyphens', '\u00ad \u00ad'],
  ['Hangul fillers', '\u3164\u115f\u1160\uffa0'],
  ['controls', '\u0007\u001b\u009b'],
  ['variation selectors', '\ufe0f\u{e0100}'],
  ['tags', '\u{e0041}\u{e007f}'],
  ['marks of direction', '\u200e\u202e\u2066'],
  ['empty braille', '\u2800'],
  ['spaces of every width', '\u00a0\u2003\u3000\u2028'],
])('a prompt of nothing but %s is empty', (_what, prompt) => {
  expect(refused({ model_id, prompt })).toMatchObject({ field: 'prompt' })
  expect(order({ model_id, prompt: `${prompt}.` }).order.prompt).toBe(`${prompt}.`)
})

test('URLs are passed on letter by letter', () => {
  const url = `HTTPS://Images.Example:443/%E7%94%BB?q=1#f${'a'.repeat(2000)}`
  const priced = order({ model_id, image_urls: [url, url], callback_url: url })
  expect(priced.order.imageUrls).toEqual([url, url])
  expect(priced.callbackUrl).toBe(url)
})

test('null is the same as leaving out', () => {
  const nulls = {
    image_urls: null,
    end_image_url: null,
    aspect_ratio: null,
    resolution: null,
    duration: null,
  }
  const more = { generate_audio: null, generate_count: null, callback_url: null }
  for (const { id } of builtin.models.filter((model) => !model.parameters['image_urls']?.required)) {
    expect(order({ model_id: id, ...nulls, ...more })).toEqual(order({ model_id: id }))
  }
})

test('the first error by order of the fields is told', () => {
  const body = { model_id, prompt: '', image_urls: 'x', generate_count: 'x', callback_url: 'x' }
  expect(refusal(body)).toMatchObject({ field: 'prompt' })
  expect(refusal({ ...body, prompt: 'x' })).toMatchObject({ field: 'image_urls' })
  expect(refusal({ ...body, prompt: 'x', image_urls: [] })).toMatchObject({ field: 'generate_count' })
})
