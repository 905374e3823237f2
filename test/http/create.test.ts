// A create is answered as documented, or refused by the name of the field at no cost.
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { startGateway, until } from '../support/gateway.ts'
import type { Customer, Gateway } from '../support/gateway.ts'
import { failure, seen } from './expectations.ts'

let gateway: Gateway
beforeAll(async () => {
  gateway = await startGateway()
})
afterAll(async () => await gateway.stop())

const picture = { model_id: 'gpt-image-2', prompt: 'a zen garden' }
const film = { model_id: 'seedance-2', prompt: 'a zen garden' }
const url = 'https://example.com/a.png'

describe('what is good is answered as documented', () => {
  test('one picture: the documented answer, its fields beside it, and an id that says nothing of the upstream', async () => {
    const customer = await gateway.customer(100)
    const { status, json } = await customer.create({ ...picture, image_urls: [], aspect_ratio: '16:9' })
    expect(status).toBe(200)
    const { task_id } = json.data
    const data = { task_id, request_id: expect.stringMatching(/^req_/), credits: 15, task_ids: [task_id] }
    expect(json).toEqual({ code: 200, msg: '提交成功,等待生成', data, ...data, task_status: 1 })
    expect(JSON.stringify(json)).not.toMatch(/keevx|i2is|i2v/i)
  })

  test('several outputs are several tasks and charges, and one request upstream', async () => {
    const customer = await gateway.customer(1_000)
    const prompt = 'eight herons'
    const { data } = (await customer.create({ ...picture, prompt, generate_count: 8 })).json
    expect(data.credits).toBe(120)
    expect(new Set(data.task_ids).size).toBe(8)
    expect(data.task_ids[0]).toBe(data.task_id)
    expect(await customer.balance()).toBe(880)
    for (const id of data.task_ids)
      expect(await customer.ended(id)).toMatchObject({ task_status: 3, credits: 15 })
    const sent = gateway.sandbox.submissions.filter(({ body }) => body['prompt'] === prompt)
    expect(sent.map(({ body }) => body['generate_count'])).toEqual([8])
    const { entries } = (await customer.get('/ledger')).json.data
    expect(entries.filter((entry: any) => entry.kind === 'charge').map((entry: any) => entry.amount)).toEqual(
      Array.from({ length: 8 }, () => -15),
    )
  })

  test.each([
    ['a thousand characters outside the BMP', { prompt: '🏯'.repeat(1_000) }],
    ['one character', { prompt: '园' }],
    ['quotes, line breaks and markup', { prompt: '"</script>\n\t\\u0000 \' -- ;DROP TABLE' }],
    [
      'every optional field as null',
      { image_urls: null, end_image_url: null, aspect_ratio: null, resolution: null },
    ],
    ['a resolution in another case', { resolution: '4k' }],
    ['five images', { image_urls: Array.from({ length: 5 }, () => url) }],
    ['an image URL with another script in it', { image_urls: ['http://例え.jp/画像.png?x=%20#y'] }],
    ['a callback URL', { callback_url: 'https://example.com/told?x=1' }],
  ])('%s is taken', async (_name, fields) => {
    const customer = await gateway.customer(100)
    const { json } = await customer.create({ ...picture, ...fields })
    expect(json.code, JSON.stringify(json)).toBe(200)
    expect(await customer.ended(json.data.task_id)).toMatchObject({ task_status: 3 })
    const sent = gateway.sandbox.submissions.at(-1)?.body
    expect(sent?.['prompt']).toBe('prompt' in fields ? fields.prompt : picture.prompt)
  })

  test('of a key given twice the last counts, for the price and for the work', async () => {
    const customer = await gateway.customer(100)
    const body = '{"model_id":"gpt-image-2","model_id":"nano-banana-2","prompt":"first","prompt":"last"}'
    const { json } = await customer.create(body)
    expect(json.data.credits).toBe(10)
    await customer.ended(json.data.task_id)
    expect(gateway.sandbox.submissions.at(-1)?.body).toMatchObject({ module: 'std', prompt: 'last' })
  })

  test('a byte order mark before the JSON is passed over', async () => {
    const customer = await gateway.customer(100)
    expect((await customer.create(`\uFEFF${JSON.stringify(picture)}`)).json.code).toBe(200)
  })
})

describe('what is wrong is refused by name, costs nothing, and goes nowhere', () => {
  let customer: Customer
  let asked: number
  beforeAll(async () => {
    customer = await gateway.customer(1_000)
    asked = gateway.sandbox.submissions.length
  })
  const untouched = { balance: 1_000, in_flight: 0 }
  const credits = async () => (await customer.get('/credits')).json.data

  const wrong: readonly (readonly [field: string, values: readonly unknown[], base?: object])[] = [
    [
      'prompt',
      [
        undefined,
        null,
        '',
        '   ',
        7,
        true,
        ['a'],
        { en: 'a' },
        'a'.repeat(1_001),
        '🏯'.repeat(1_001),
        'a\u0000b',
        'half \uD83C',
      ],
    ],
    ['image_urls', ['https://example.com/a.png', 7, true, {}, Array.from({ length: 6 }, () => url)]],
    ['end_image_url', [url, 7, [url], 'not a url']],
    ['aspect_ratio', ['16x9', '', '2:1', ' 16:9', 1.78, ['16:9'], true]],
    ['resolution', ['8K', '720p', '', 2, ['2K']]],
    ['duration', [8, 0]],
    ['generate_audio', [true, false]],
    ['generate_count', [0, -1, 9, 1.5, '2.0', '9', '1e0', 1e9, Infinity, true, [1], {}]],
    [
      'callback_url',
      [
        'ftp://example.com',
        '/relative',
        'example.com',
        7,
        ['https://example.com'],
        'javascript:alert(1)',
        'https://u:p@example.com/',
      ],
    ],
    ['duration', ['8s', '7', 8.5, 7, -4, 0, true, [8], 1e9, 3], film],
    ['generate_audio', ['true', 1, 'yes', []], film],
    ['generate_count', [5], film],
    ['aspect_ratio', ['1:1', '21:9'], film],
    ['resolution', ['2K', '480p'], film],
    ['image_urls', [Array.from({ length: 8 }, () => url)], film],
    ['image_urls', [[], [url, url]], { ...film, end_image_url: url }],
    ['generate_audio', [true], { ...film, image_urls: [url, url, url, url] }],
    ['duration', [6], { ...film, image_urls: [url, url] }],
  ]
  test.each(
    wrong.flatMap(([field, values, base = picture]) =>
      values.map((value) => ({ field, value, body: { ...base, [field]: value } })),
    ),
  )('$field: $value', async ({ field, body }) => {
    // JSON has no Infinity, but a number as large is one once it has been read.
    const text = JSON.stringify(body).replace('"generate_count":null', '"generate_count":1e400')
    expect(seen(await customer.create(text))).toEqual(failure({ type: 'invalid_request', field }))
    expect(await credits()).toEqual(untouched)
  })

  test.each([
    ['image_urls.1', [url, 'ftp://example.com/a.png']],
    ['image_urls.0', [null]],
    ['image_urls.0', [[url]]],
    ['image_urls.0', ['']],
    ['image_urls.0', ['data:image/png;base64,AAAA']],
    ['image_urls.0', ['file:///etc/passwd']],
    ['image_urls.0', [`https://example.com/${'a'.repeat(3_000)}`]],
    ['image_urls.0', ['https://user:secret@example.com/a.png']],
    ['image_urls.0', ['http:\\\\example.com']],
    ['image_urls.0', ['https://exa mple.com']],
    ['image_urls.0', ['https://']],
  ])('%s: %j', async (field, image_urls) => {
    expect(seen(await customer.create({ ...picture, image_urls }))).toEqual(
      failure({ type: 'invalid_request', field }),
    )
    expect(await credits()).toEqual(untouched)
  })

  test.each([
    [undefined, 'invalid_request'],
    [null, 'invalid_request'],
    [7, 'invalid_request'],
    [['gpt-image-2'], 'invalid_request'],
    ['', 'unknown_model'],
    ['GPT-image-2 ', 'unknown_model'],
    ['__proto__', 'unknown_model'],
    ['constructor', 'unknown_model'],
    ['x'.repeat(9_000), 'unknown_model'],
  ] as const)('model_id: %j', async (model_id, type) => {
    const answer = await customer.create({ ...picture, model_id })
    expect(seen(answer)).toEqual(failure({ type, field: 'model_id' }))
    expect(await credits()).toEqual(untouched)
    expect(answer.text.length).toBeLessThan(2_000)
  })

  test.each([
    ['promt', 'prompt'],
    ['aspectRatio', 'aspect_ratio'],
    ['image_url', 'image_urls'],
    ['modelid', 'model_id'],
    ['n', null],
    ['hasOwnProperty', null],
    ['toString', null],
  ])('an unknown field: %s', async (name, meant) => {
    const answer = await customer.create({ ...picture, [name]: 'x' })
    expect(seen(answer)).toEqual(failure({ type: 'invalid_request', field: name }))
    expect(await credits()).toEqual(untouched)
    expect(answer.json.msg.match(/did you mean (\w+)/)?.[1] ?? null).toBe(meant)
  })

  test.each(['[]', '[{"model_id":"gpt-image-2","prompt":"a"}]', 'null', '"text"', '42', 'true'])(
    'a body of %s',
    async (body) => {
      expect(seen(await customer.create(body))).toEqual(failure({ type: 'invalid_request', field: 'body' }))
      expect(await credits()).toEqual(untouched)
    },
  )

  test('and after all of them the ledger is as it was, and the upstream has heard nothing', async () => {
    expect((await customer.get('/ledger')).json.data.entries).toHaveLength(1)
    expect((await customer.get('/tasks')).json.data.tasks).toEqual([])
    // Whatever had slipped through would have been asked for before this one.
    await (await gateway.customer(15)).create(picture)
    await until(
      () => gateway.sandbox.submissions.length,
      (length) => length > asked,
    )
    expect(gateway.sandbox.submissions).toHaveLength(asked + 1)
  })
})

test('multipart is read for files alone', async () => {
  const customer = await gateway.customer(100)
  const { status, json } = await gateway.call('POST', '/api/v1/tasks/create', {
    key: customer.key,
    body: '--x--',
    headers: { 'content-type': 'multipart/form-data; boundary=x' },
  })
  expect(status).toBe(415)
  expect(json.error.type).toBe('unsupported_media_type')
})
