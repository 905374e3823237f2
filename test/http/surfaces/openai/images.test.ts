// Pictures as OpenAI's clients order them: what the fields mean, what is answered, and each refusal's status.
import { afterAll, beforeAll, expect, test } from 'vitest'
import { quickYaml, startGateway } from '../../../support/gateway.ts'
import type { Customer, Gateway } from '../../../support/gateway.ts'
import { formOf, gif, ordered, png, signatureOf } from './pictures.ts'
import type { Part } from './pictures.ts'

let gateway: Gateway
let customer: Customer
beforeAll(async () => {
  gateway = await startGateway({ yaml: quickYaml })
  customer = await gateway.customer(100_000)
})
afterAll(async () => await gateway.stop())

/** Where nobody looks at the pictures, they need not be drawn. */
const url = { response_format: 'url' }

const generate = async (fields: object, key = customer.key) =>
  await gateway.call('POST', '/v1/images/generations', {
    key,
    body: { model: 'gpt-image-2', prompt: 'a heron', ...fields },
  })

const edit = async (parts: readonly Part[]) => {
  const headers = { authorization: `Bearer ${customer.key}` }
  const body = formOf([['model', 'gpt-image-2'], ['prompt', 'a heron'], ...parts])
  const answer = await fetch(`${gateway.url}/v1/images/edits`, { method: 'POST', headers, body })
  return { status: answer.status, json: (await answer.json()) as any }
}

const lastOrder = () => gateway.sandbox.submissions.at(-1)?.body ?? {}
const ordersBy = async (work: () => Promise<unknown>): Promise<number> => {
  const before = gateway.sandbox.submissions.length
  await work()
  return gateway.sandbox.submissions.length - before
}

test('a picture comes as base64, with what OpenAI says beside it', async () => {
  const { status, headers, json } = await generate({ size: '1024x1024', quality: 'high' })
  expect([status, headers.get('content-type')]).toEqual([200, 'application/json; charset=utf-8'])
  const { data, created, ...rest } = json
  expect(signatureOf(Buffer.from(data[0].b64_json, 'base64'))).toBe('PNG')
  expect(created).toBeGreaterThan(1_700_000_000)
  expect(rest).toEqual({
    size: '1024x1024',
    quality: 'high',
    background: 'opaque',
    output_format: 'png',
    usage: {
      input_tokens: 0,
      input_tokens_details: { image_tokens: 0, text_tokens: 0 },
      output_tokens: 0,
      total_tokens: 0,
    },
  })
})

test('base64 is byte for byte what the URL of the task leads to', async () => {
  const { json } = await generate({ n: 2 })
  const { tasks } = (await customer.get('/tasks?limit=2')).json.data
  const urls = tasks.map((task: any) => task.image_url).toReversed()
  const files = await Promise.all(
    urls.map(async (from: string) => Buffer.from(await (await fetch(from)).arrayBuffer()).toString('base64')),
  )
  expect(json.data.map((one: any) => one.b64_json)).toEqual(files)
})

test('URLs come instead of bytes for a client that wants them', async () => {
  const { json } = await generate({ response_format: 'url', n: '2' })
  expect(json.data).toEqual([
    { url: expect.stringMatching(/^http/) },
    { url: expect.stringMatching(/^http/) },
  ])
})

test.each([
  ['1024x1024', '1:1', '1K'],
  ['1536x1024', '3:2', '2K'],
  ['1024x1792', '9:16', '2K'],
  ['3840x2160', '16:9', '4K'],
  ['1280x1280', '1:1', '1K'],
  ['2561x1097', '21:9', '4K'],
  ['100x300', '9:16', '1K'],
  ['auto', '1:1', '2K'],
])('size %s is ordered as %s in %s', async (size, ratio, quality) => {
  await generate({ size, ...url })
  expect(lastOrder()).toMatchObject({ image_ratio: ratio, image_quality: quality })
})

test('an aspect ratio and a resolution win over the size', async () => {
  await generate({ size: '1024x1024', aspect_ratio: '4:5', resolution: '2k', ...url })
  expect(lastOrder()).toMatchObject({ image_ratio: '4:5', image_quality: '2K' })
})

test('fields without a meaning here, and those that are null, are taken and change nothing', async () => {
  const { status } = await generate({
    quality: 'hd',
    style: 'vivid',
    moderation: 'low',
    user: 'u-1',
    background: 'opaque',
    output_format: 'png',
    n: null,
    size: null,
    ...url,
  })
  expect(status).toBe(200)
})

test.each([
  ['mask', { mask: 'data:image/png;base64,AAAA' }],
  ['background', { background: 'transparent' }],
  ['output_format', { output_format: 'webp' }],
  ['size', { size: 'large' }],
  ['size', { size: '0x0' }],
  ['n', { n: 9 }],
  ['n', { n: 1.5 }],
  ['prompt', { prompt: '' }],
  ['prompt', { prompt: 'x'.repeat(1_001) }],
  ['model', { model: 'keevx-v' }],
  ['colour', { colour: 'red' }],
  ['response_format', { response_format: 'jpeg' }],
  ['aspect_ratio', { aspect_ratio: '7:3' }],
])('a wrong %s is refused with its name, and nothing is ordered', async (param, fields) => {
  const orders = await ordersBy(async () => {
    const { status, headers, json } = await generate(fields)
    expect([status, json.error.type, json.error.param]).toEqual([400, 'invalid_request_error', param])
    expect(headers.get('x-should-retry')).toBe('false')
    expect(json.error.message).toMatch(new RegExp(`^${param}: `))
  })
  expect(orders).toBe(0)
})

test('an unknown model is 404, and no credits are 402, neither to be tried again', async () => {
  const unknown = await generate({ model: 'dall-e-9' })
  expect([unknown.status, unknown.json.error.code, unknown.json.error.param]).toEqual([
    404,
    'model_not_found',
    'model',
  ])
  const poor = await gateway.customer(1)
  const refused = await generate({}, poor.key)
  expect([refused.status, refused.json.error.code]).toEqual([402, 'insufficient_quota'])
  expect([unknown, refused].map(({ headers }) => headers.get('x-should-retry'))).toEqual(['false', 'false'])
})

test.each<[string, number, readonly Part[]]>([
  ['one file as image', 1, [['image', png]]],
  [
    'several files as image[]',
    2,
    [
      ['image[]', png],
      ['image[]', gif],
    ],
  ],
  [
    'several files as image',
    2,
    [
      ['image', png],
      ['image', gif],
    ],
  ],
  [
    'files that are numbered',
    2,
    [
      ['image[0]', png],
      ['image[1]', gif],
    ],
  ],
  [
    'the same file twice',
    2,
    [
      ['image', png],
      ['image', png],
    ],
  ],
])('an edit of %s is ordered with its pictures', async (_what, count, parts) => {
  const { status, json } = await edit([
    ...parts,
    ['n', '1'],
    ['size', '1536x1024'],
    ['response_format', 'url'],
  ])
  expect([status, json.data?.length]).toEqual([200, 1])
  expect(lastOrder()['reference_images']).toHaveLength(count)
  expect(lastOrder()).toMatchObject({ image_ratio: '3:2' })
})

test('an edit in JSON names its pictures by URL or brings them', async () => {
  const uri = `data:image/png;base64,${png.toString('base64')}`
  const large = `data:image/png;base64,${Buffer.concat([png, Buffer.alloc(60_000)]).toString('base64')}`
  const { status } = await gateway.call('POST', '/v1/images/edits', {
    key: customer.key,
    body: {
      model: 'gpt-image-2',
      prompt: 'a heron',
      ...url,
      images: [{ image_url: 'https://example.com/a.png' }, { image_url: uri }, { image_url: { url: large } }],
    },
  })
  expect(status).toBe(200)
  const references = lastOrder()['reference_images'] as string[]
  expect(references[0]).toBe('https://example.com/a.png')
  expect(references.slice(1).every((own) => own.startsWith('http') && own.length < 200)).toBe(true)
})

test.each<[string, string, readonly Part[]]>([
  ['without a picture', 'image', []],
  [
    'with a mask',
    'mask',
    [
      ['image', png],
      ['mask', png],
    ],
  ],
  ['with a text for a picture', 'image', [['image', Buffer.from('no picture at all')]]],
  [
    'with more pictures than the model takes',
    'image',
    Array.from({ length: 6 }, () => ['image', png] as const),
  ],
  [
    'with a file where a text belongs',
    'prompt',
    [
      ['image', png],
      ['prompt', png],
    ],
  ],
])('an edit %s is refused by field, and nothing is ordered', async (_what, param, parts) => {
  const orders = await ordersBy(async () => {
    const { status, json } = await edit(parts)
    expect([status, json.error.param]).toEqual([400, param])
  })
  expect(orders).toBe(0)
})

test('of some pictures that fail the good ones come; of none an error comes, and the credits back', async () => {
  const before = await customer.balance()
  const { status, headers, json } = await generate({ prompt: 'this will fail' })
  expect([status, json.error.type, json.error.code]).toEqual([
    400,
    'image_generation_user_error',
    'generation_failed',
  ])
  expect(headers.get('x-should-retry')).toBe('false')
  expect(await customer.balance()).toBe(before)

  gateway.sandbox.freeze('all')
  const answer = generate({ n: 2, prompt: 'two of which one fails' })
  await ordered(gateway, 'two of which one fails')
  const [one = '', other = ''] = gateway.sandbox.submissions.at(-1)?.taskIds ?? []
  gateway.sandbox.finish(one, 'FAILED')
  gateway.sandbox.finish(other, 'SUCCEEDED')
  expect((await answer).json.data).toHaveLength(1)
})
