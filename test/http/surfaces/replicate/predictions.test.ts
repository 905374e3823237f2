// Predictions as Replicate's clients order, read and cancel them.
import { afterAll, beforeAll, expect, test } from 'vitest'
import { quickYaml, startGateway, until } from '../../../support/gateway.ts'
import type { Customer, Gateway } from '../../../support/gateway.ts'
import { receiverYaml, startReceiver } from '../../../support/receiver.ts'

let gateway: Gateway
let customer: Customer
beforeAll(async () => {
  gateway = await startGateway({ yaml: quickYaml + receiverYaml() })
  customer = await gateway.customer(10_000)
})
afterAll(async () => await gateway.stop())

const create = async (model: string, body: unknown, headers: Record<string, string> = {}) =>
  await gateway.call('POST', `/replicate/v1/models/${model}/predictions`, {
    key: customer.key,
    body,
    headers,
  })
const get = async (id: string, key = customer.key) =>
  await gateway.call('GET', `/replicate/v1/predictions/${id}`, { key })
const ended = async (id: string) =>
  (
    await until(
      async () => await get(id),
      ({ json }) => json.completed_at !== null,
    )
  ).json
const lastOrder = () => gateway.sandbox.submissions.at(-1)?.body
const wait = { prefer: 'wait' }

test('an image: 201 and starting, then succeeded with a list', async () => {
  const { status, json } = await create('google/nano-banana-2', { input: { prompt: 'a heron' } })
  expect([status, json]).toMatchObject([
    201,
    {
      status: 'starting',
      output: null,
      error: null,
      model: 'nano-banana-2',
      input: { prompt: 'a heron' },
      urls: {
        get: `${gateway.url}/replicate/v1/predictions/${json.id}`,
        cancel: `${gateway.url}/replicate/v1/predictions/${json.id}/cancel`,
      },
    },
  ])
  expect(await ended(json.id)).toMatchObject({
    status: 'succeeded',
    output: [expect.stringMatching(/^http/)],
    metrics: { total_time: expect.any(Number) },
  })
})

test('Prefer: wait answers when it has ended; a video is one text', async () => {
  const image = await create('any/gpt-image-2', { input: { prompt: 'a', num_outputs: 2 } }, wait)
  expect([image.status, image.json.status, image.json.output.length]).toEqual([201, 'succeeded', 2])
  const film = await create(
    'any/keevx-s',
    { input: { prompt: 'a', image: 'https://example.com/a.png', duration: '4' } },
    { prefer: 'wait=30' },
  )
  expect([film.status, film.json.status, film.json.output]).toEqual([
    201,
    'succeeded',
    expect.stringMatching(/^http.*\.mp4/),
  ])
})

test('where it lasts longer, the answer is 202 and says starting, which clients poll on', async () => {
  const slow = await startGateway({ sandbox: { imageMs: 3_600_000 } })
  try {
    const { key } = await slow.customer()
    const { status, json } = await slow.call('POST', '/replicate/v1/models/a/nano-banana-2/predictions', {
      key,
      body: { input: { prompt: 'a' } },
      headers: { prefer: 'wait=1' },
    })
    expect([status, json.status, json.output]).toEqual([202, 'starting', null])
    const later = await until(
      async () => (await slow.call('GET', `/replicate/v1/predictions/${json.id}`, { key })).json,
      ({ status: now }) => now === 'processing',
    )
    expect(later.output).toBeNull()
  } finally {
    await slow.stop()
  }
})

test('a failure says why, and is refunded; good outputs count although others fail', async () => {
  const before = await customer.balance()
  const { json } = await create('any/nano-banana-2', { input: { prompt: 'to fail' } }, wait)
  expect(json).toMatchObject({
    status: 'failed',
    output: null,
    error: expect.stringContaining('content policy'),
  })
  expect(await customer.balance()).toBe(before)
})

test.each([
  ['image', 'https://example.com/a.png'],
  ['image_input', ['https://example.com/a.png']],
  ['input_images', ['https://example.com/a.png']],
  ['image_prompt', 'https://example.com/a.png'],
  ['input_image', 'https://example.com/a.png'],
])('a picture may be called %s', async (name, value) => {
  const { json } = await create('any/nano-banana-2', { input: { prompt: 'a', [name]: value } }, wait)
  expect(json.input.image_urls).toEqual(['https://example.com/a.png'])
  expect(lastOrder()?.['reference_images']).toEqual(['https://example.com/a.png'])
})

test('a first and a last frame, several numbered pictures, and pictures in the body', async () => {
  const url = (name: string) => `https://example.com/${name}.png`
  const frames = { last_frame_image: url('b'), first_frame_image: url('a') }
  await create('any/seedance-2', { input: { prompt: 'a', duration: 6, ...frames } }, wait)
  expect(lastOrder()).toMatchObject({ image_url: url('a'), end_image_url: url('b') })
  const many = { input_image_2: url('2'), input_image: url('1'), input_image_3: url('3') }
  await create('any/nano-banana-2', { input: { prompt: 'a', ...many } }, wait)
  expect(lastOrder()?.['reference_images']).toEqual([url('1'), url('2'), url('3')])
  const png = `data:image/png;base64,${Buffer.from('\x89PNG\r\n\x1A\n', 'latin1').toString('base64')}`
  const large = `data:image/gif;base64,${Buffer.concat([Buffer.from('GIF89a\u0001\0\u0001\0\0\0\0;'), Buffer.alloc(100_000)]).toString('base64')}`
  const broken = await create('any/nano-banana-2', { input: { prompt: 'a', image: png } })
  expect([broken.status, broken.json.detail]).toEqual([422, expect.stringContaining('input.image')])
  const { json } = await create('any/nano-banana-2', { input: { prompt: 'a', image: large } }, wait)
  expect(json.status).toBe('succeeded')
  expect(lastOrder()?.['reference_images']).toEqual([expect.stringContaining('/media/')])
})

test.each([
  [{ size: '1536x1024' }, { image_ratio: '3:2', image_quality: '2K' }],
  [{ size: '512x512' }, { image_ratio: '1:1', image_quality: '1K' }],
  [
    { size: '4096x2304', aspect_ratio: '1:1' },
    { image_ratio: '1:1', image_quality: '4K' },
  ],
  [
    { aspect_ratio: 'match_input_image', seed: 7, output_format: 'jpg', go_fast: true },
    { image_ratio: '1:1' },
  ],
])('%j is ordered as %j', async (input, ordered) => {
  const { status } = await create('any/nano-banana-2', { input: { prompt: 'a', ...input } }, wait)
  expect(status).toBe(201)
  expect(lastOrder()).toMatchObject(ordered)
})

test.each([
  ['nano-banana-2', {}, 422, /^input\.prompt|^prompt/],
  ['nano-banana-2', { prompt: 'a', negative_prompt: 'b' }, 422, /^input\.negative_prompt: /],
  ['nano-banana-2', { prompt: 'a', mask: 'https://example.com/m.png' }, 422, /^input\.mask: /],
  ['nano-banana-2', { prompt: 'a', aspect_ratio: '7:5' }, 422, /^input\.aspect_ratio: it must be/],
  ['nano-banana-2', { prompt: 'a', num_outputs: 9 }, 422, /^input\.num_outputs: /],
  ['nano-banana-2', { prompt: 'a', size: 'huge' }, 422, /^input\.size: must be a size/],
  ['nano-banana-2', { prompt: 'a', duration: 4, seconds: 6 }, 422, /^input\.seconds: says something else/],
  ['keevx-s', { prompt: 'a', image: 'https://a.example/a.png', duration: 5 }, 422, /^input\.duration: /],
  ['sdxl', { prompt: 'a' }, 404, /no model is called "sdxl"/],
])('%s with %j is refused as a problem, for nothing', async (model, input, status, detail) => {
  const before = await customer.balance()
  const answer = await create(`any/${model}`, { input })
  expect([answer.status, answer.json]).toEqual([
    status,
    { title: expect.any(String), detail: expect.stringMatching(detail), status },
  ])
  expect(await customer.balance()).toBe(before)
})

test('no credits are 402, a wrong key 401, and a foreign prediction is like one that never was', async () => {
  const poor = await gateway.customer(0)
  const body = { input: { prompt: 'a' } }
  const path = '/replicate/v1/models/a/nano-banana-2/predictions'
  const refused = await gateway.call('POST', path, { key: poor.key, body })
  expect([refused.status, refused.json]).toMatchObject([402, { status: 402, title: 'Insufficient credit' }])
  const unknown = await gateway.call('POST', path, { key: 'sk-wrong', body })
  expect([unknown.status, unknown.json.title]).toEqual([401, 'Unauthenticated'])
  const { json } = await create('any/nano-banana-2', body)
  const [foreign, never] = [await get(json.id, poor.key), await get('req_never', poor.key)]
  expect([foreign.status, foreign.text]).toEqual([404, never.text])
  const lost = await gateway.call('GET', '/replicate/v1/collections', { key: poor.key })
  expect([lost.status, lost.json.status]).toEqual([404, 404])
})

test('a model may be named in the body, as model or as version', async () => {
  const post = async (body: object) =>
    await gateway.call('POST', '/replicate/v1/predictions', { key: customer.key, body })
  const input = { prompt: 'a' }
  for (const named of [
    { model: 'a/nano-banana-2' },
    { version: 'a/nano-banana-2:5c7d' },
    { version: 'nano-banana-2' },
  ])
    expect((await post({ ...named, input })).json.model).toBe('nano-banana-2')
  const digits = await post({
    version: '5c7d5dc6dd8bf75c1acaa8565735e7986bc5b66206b55cca93cb72c9bf15ccaa',
    input,
  })
  expect([digits.status, digits.json.detail]).toEqual([404, expect.stringContaining('no versions here')])
})

test('an Idempotency-Key orders once', async () => {
  const before = await customer.balance()
  const order = async (prompt: string) =>
    await create('any/nano-banana-2', { input: { prompt } }, { 'idempotency-key': 'once' })
  const [first, second] = [await order('a'), await order('a')]
  expect(second.json.id).toBe(first.json.id)
  expect(second.headers.get('idempotency-replayed')).toBe('true')
  expect(before - (await customer.balance())).toBe(10)
  expect((await order('b')).status).toBe(422)
})

test('predictions are listed page by page, each with all of its outputs once', async () => {
  const account = await gateway.customer(10_000)
  const order = async (count: number) =>
    (
      await gateway.call('POST', '/replicate/v1/models/a/nano-banana-2/predictions', {
        key: account.key,
        body: { input: { prompt: 'a', num_outputs: count } },
      })
    ).json.id
  const ids: string[] = []
  for (let at = 0; at < 17; at += 1) ids.push(await order(8))
  const found: string[] = []
  for (let url: string | null = `${gateway.url}/replicate/v1/predictions`; url !== null;) {
    const { json } = await gateway.call('GET', url.slice(gateway.url.length), { key: account.key })
    found.push(...json.results.map(({ id }: any) => id))
    url = json.next
  }
  expect(found).toEqual(ids.toReversed())
})

test('a webhook is the prediction, once, when all of it has ended', async () => {
  const receiver = await startReceiver()
  const input = { prompt: 'a', num_outputs: 3 }
  const { json } = await create('any/nano-banana-2', { input, webhook: receiver.url })
  const unasked = { webhook: `${receiver.url}/never`, webhook_events_filter: ['start'] }
  await create('any/nano-banana-2', { input, ...unasked })
  const failing = await create('any/nano-banana-2', {
    input: { prompt: 'to fail' },
    webhook: receiver.url,
    webhook_events_filter: ['completed'],
  })
  await until(
    () => receiver.told.length,
    (count) => count >= 2,
  )
  const told = new Map(receiver.told.map(({ body }) => [JSON.parse(body).id, JSON.parse(body)]))
  expect(told.get(json.id)).toMatchObject({ status: 'succeeded', output: { length: 3 } })
  expect(told.get(failing.json.id)).toMatchObject({ status: 'failed', error: expect.any(String) })
  expect(receiver.told).toHaveLength(2)
})

test('what still waits is cancelled and refunded; what was ordered goes on, and says so', async () => {
  const { slots } = gateway.app.ctx.upstreams.get('keevx') ?? expect.fail()
  const account = await gateway.customer(100)
  const call = async (method: string, path: string, body?: unknown) =>
    (
      await gateway.call(method, `/replicate/v1/${path}`, {
        key: account.key,
        ...(body === undefined ? {} : { body }),
        // The JavaScript client says so of every request, also without a body.
        headers: { 'content-type': 'application/json' },
      })
    ).json
  // As if so many of its orders hung, so that one more waits.
  for (let at = 0; at < 1_000; at += 1) slots.take(account.accountId)
  const waiting = await call('POST', 'models/a/nano-banana-2/predictions', { input: { prompt: 'a', n: 2 } })
  const cancelled = await call('POST', `predictions/${waiting.id}/cancel`)
  for (let at = 0; at < 1_000; at += 1) slots.release(account.accountId)
  expect(cancelled).toMatchObject({ status: 'canceled', output: null, error: null, logs: '' })
  expect(await account.balance()).toBe(100)
  const made = await call('POST', 'models/a/nano-banana-2/predictions', { input: { prompt: 'a' } })
  await until(
    async () => (await call('GET', `predictions/${made.id}`)).status,
    (status) => status !== 'starting',
  )
  const late = await call('POST', `predictions/${made.id}/cancel`)
  expect(['processing', 'succeeded']).toContain(late.status)
  if (late.status === 'processing') expect(late.logs).toContain('already been ordered')
  expect(await account.balance()).toBe(90)
})

test('a file is uploaded as the clients do, with metadata beside it', async () => {
  const form = new FormData()
  form.append('content', new Blob(['GIF89a\u0001\0\u0001\0\0\0\0;']), 'a.gif')
  form.append('metadata', new Blob(['{}'], { type: 'application/json' }))
  const send = async (body: FormData) =>
    await fetch(`${gateway.url}/replicate/v1/files`, {
      method: 'POST',
      headers: { authorization: `Bearer ${customer.key}` },
      body,
    })
  const answer = await send(form)
  const file: any = await answer.json()
  expect([answer.status, file.name, file.urls.get]).toEqual([201, 'a.gif', expect.stringMatching(/^http/)])
  const empty = new FormData()
  empty.append('metadata', new Blob(['{}'], { type: 'application/json' }))
  const refused: any = await (await send(empty)).json()
  expect([refused.status, refused.detail]).toEqual([422, expect.stringMatching(/^content: missing/)])
})
