// Keevx's own API, as its skills and its pages call it: the host is replaced, and nothing else.
import { afterAll, beforeAll, expect, test } from 'vitest'
import { quickYaml, startGateway, until } from '../../../support/gateway.ts'
import type { Customer, Gateway } from '../../../support/gateway.ts'
import { headersOf, receiverYaml, startReceiver } from '../../../support/receiver.ts'

let gateway: Gateway
let customer: Customer
beforeAll(async () => {
  gateway = await startGateway({ yaml: quickYaml + receiverYaml() })
  customer = await gateway.customer(10_000)
})
afterAll(async () => await gateway.stop())

const post = async (operation: string, body: unknown, headers: Record<string, string> = {}) =>
  await gateway.call('POST', `/keevx/v1/${operation}`, {
    key: customer.key,
    body,
    headers: { source: 'skill', ...headers },
  })
const query = async (operation: string, id: string, key = customer.key) =>
  await gateway.call('GET', `/keevx/v1/${operation}/${id}`, { key, headers: { source: 'skill' } })
const ended = async (operation: string, id: string) =>
  (
    await until(
      async () => await query(operation, id),
      ({ json }) => ['SUCCEEDED', 'FAILED'].includes(json.data.status),
    )
  ).json

const video = {
  model: 'V',
  prompt: 'Waves crashing on the beach at sunset',
  aspect_ratio: '16:9',
  aspect_resolution: '1080p',
  duration: 6,
}
const beach = 'https://example.com/beach.jpg'
const shown = { code: 0, msg: 'ok' }

test('an image of the skill: created, polled and found under its documented names', async () => {
  const created = await post('image_generate', {
    prompt: 'A serene mountain lake at sunset with golden light reflecting on the water',
    image_quality: '2K',
    image_ratio: '16:9',
  })
  expect([created.status, created.json]).toEqual([
    200,
    { ...shown, data: { task_ids: [expect.any(String)] } },
  ])
  const [id] = created.json.data.task_ids
  expect(await ended('image_generate', id)).toEqual({
    ...shown,
    data: {
      task_id: id,
      status: 'SUCCEEDED',
      image_url: expect.stringMatching(/^http/),
      thumbnail_url: expect.stringMatching(/^http/),
      error_message: '',
    },
  })
})

test('while an image is made, what is not there yet is an empty text', async () => {
  const slow = await startGateway({ sandbox: { imageMs: 3_600_000, videoMs: 3_600_000 } })
  try {
    const { key } = await slow.customer()
    const create = async (operation: string, body: unknown) =>
      (await slow.call('POST', `/keevx/v1/${operation}`, { key, body })).json.data.task_ids[0]
    const image = await create('image_generate', { prompt: 'a lake' })
    const film = await create('image_to_video', { ...video, image_url: beach })
    const urls = { thumbnail_url: '', error_message: '' }
    const look = async (operation: string, id: string) =>
      (await slow.call('GET', `/keevx/v1/${operation}/${id}`, { key })).json
    expect(await look('image_generate', image)).toEqual({
      ...shown,
      data: { task_id: image, status: 'GENERATING', image_url: '', ...urls },
    })
    expect(await look('image_to_video', film)).toEqual({
      ...shown,
      data: { task_id: film, status: 'PENDING', video_url: '', ...urls },
    })
  } finally {
    await slow.stop()
  }
})

test('Keevx knows nothing of the defaults of the catalogue: its own are ordered', async () => {
  const before = gateway.sandbox.submissions.length
  const { json } = await post('image_generate', { prompt: 'nothing but a prompt' })
  await until(
    () => gateway.sandbox.submissions.length,
    (count) => count > before,
  )
  expect(gateway.sandbox.submissions.at(-1)?.body).toMatchObject({
    prompt: 'nothing but a prompt',
    module: 'std',
    generate_count: 1,
    image_quality: '2K',
    image_ratio: '9:16',
  })
  expect((await customer.task(json.data.task_ids[0])).credits).toBe(10)
})

test.each([
  ['std', { module: 'std', generate_count: 2 }, 20, { module: 'std', generate_count: 2 }],
  ['pro', { module: 'pro', image_quality: '4K' }, 30, { module: 'pro', image_quality: '4K' }],
  [
    'the sixth picture is left out, as the page says',
    { reference_images: Array.from({ length: 7 }, (_, at) => `https://example.com/${at}.png`) },
    10,
    { reference_images: Array.from({ length: 5 }, (_, at) => `https://example.com/${at}.png`) },
  ],
])('an image %s orders just that', async (_what, body, credits, posted) => {
  const before = gateway.sandbox.submissions.length
  const balance = await customer.balance()
  const { json } = await post('image_generate', { prompt: 'a lake', ...body })
  expect(json.code).toBe(0)
  expect(balance - (await customer.balance())).toBe(credits)
  await until(
    () => gateway.sandbox.submissions.length,
    (count) => count > before,
  )
  expect(gateway.sandbox.submissions.at(-1)?.body).toMatchObject(posted)
})

test.each([
  ['V of text alone', {}, { model: 'V', duration: 6 }],
  [
    'V with a first frame',
    { image_url: beach, generate_audio: true },
    { image_url: beach, generate_audio: true },
  ],
  ['V with a last frame', { image_url: beach, end_image_url: beach }, { end_image_url: beach }],
  ['V with several', { duration: 8, reference_images: [beach, beach] }, { reference_images: [beach, beach] }],
  [
    'KL',
    { model: 'KL', duration: 10, reference_images: [beach] },
    { model: 'KL', reference_images: [beach] },
  ],
  [
    'S',
    { model: 'S', duration: 4, aspect_resolution: '720p', image_url: beach },
    { model: 'S', image_url: beach, aspect_resolution: '720p' },
  ],
  [
    'empty texts and lists, which are left out',
    { image_url: '', reference_images: [], callback_url: '' },
    { model: 'V', duration: 6 },
  ],
])('a video: %s', async (_what, body, posted) => {
  const before = gateway.sandbox.submissions.length
  const created = await post('image_to_video', { ...video, ...body })
  expect(created.json, created.text).toMatchObject({ code: 0 })
  await until(
    () => gateway.sandbox.submissions.length,
    (count) => count > before,
  )
  const { body: sent } = gateway.sandbox.submissions.at(-1) ?? expect.fail()
  expect(sent).toMatchObject(posted)
})

test('a file is uploaded as the skills do, and its URL is taken in an order', async () => {
  const form = new FormData()
  form.append('file', new Blob(['GIF89a\u0001\0\u0001\0\0\0\0;']), 'product.gif')
  const send = async (key: string, body: FormData) =>
    await fetch(`${gateway.url}/keevx/v1/figure-resource/upload/file`, {
      method: 'POST',
      headers: { authorization: `Bearer ${key}`, source: 'skill' },
      body,
    })
  const answer: any = await (await send(customer.key, form)).json()
  expect(answer).toEqual({
    code: 0,
    success: true,
    message: { global: 'success' },
    result: { url: expect.stringMatching(/^http/), fileId: expect.any(String), fileName: 'product.gif' },
  })
  const order = await post('image_generate', { prompt: 'a', reference_images: [answer.result.url] })
  expect(order.json.code).toBe(0)
  const text = new FormData()
  text.append('file', new Blob(['no picture at all']), 'a.txt')
  const refused = await send(customer.key, text)
  const body: any = await refused.json()
  expect([refused.status, body.code, body.success, body.result]).toEqual([400, 100_007, false, null])
  expect((await send('sk-wrong', form)).status).toBe(401)
})

test('callbacks have the form of the pages, whatever events the account has chosen for itself', async () => {
  const receiver = await startReceiver()
  const account = await gateway.customer()
  await gateway.call('PUT', '/api/v1/webhooks', {
    key: account.key,
    body: { url: 'https://elsewhere.invalid/', event_types: ['task.running'] },
  })
  const order = async (operation: string, body: object) =>
    (
      await gateway.call('POST', `/keevx/v1/${operation}`, {
        key: account.key,
        body: { ...body, callback_url: receiver.url },
      })
    ).json.data.task_ids as string[]
  const images = await order('image_generate', { prompt: 'two', generate_count: 2 })
  const [failing] = await order('image_generate', { prompt: 'to fail' })
  const [film] = await order('image_to_video', { ...video, image_url: beach })
  await until(
    () => receiver.told.length,
    (count) => count >= 4,
  )
  const told = new Map(receiver.told.map(({ body }) => [JSON.parse(body).data.task_id, JSON.parse(body)]))
  const image = { ...shown, task_type: 'image_generate' }
  for (const id of images) {
    expect(told.get(id)).toEqual({
      ...image,
      data: {
        task_id: id,
        status: 'SUCCEEDED',
        image_url: expect.stringMatching(/^http/),
        error_message: '',
      },
    })
  }
  expect(told.get(failing)).toEqual({
    ...image,
    data: {
      task_id: failing,
      status: 'FAILED',
      image_url: '',
      error_message: expect.stringContaining('content policy'),
    },
  })
  expect(told.get(film)).toEqual({
    ...shown,
    task_type: 'image_to_video',
    data: {
      task_id: film,
      status: 'SUCCEEDED',
      video_url: expect.stringMatching(/^http/),
      thumbnail_url: expect.stringMatching(/^http/),
      error_message: '',
    },
  })
  expect(receiver.told).toHaveLength(4)
  expect(headersOf(receiver.told[0] ?? expect.fail())).toHaveProperty('webhook-signature')
})

test('a resent callback keeps its form', async () => {
  const receiver = await startReceiver()
  const { json } = await post('image_generate', { prompt: 'again', callback_url: receiver.url })
  await until(
    () => receiver.told.length,
    (count) => count === 1,
  )
  const { deliveries } = (await customer.get('/webhooks/deliveries')).json.data
  const { id } = deliveries.find(({ url }: any) => url === receiver.url)
  await gateway.call('POST', `/api/v1/webhooks/deliveries/${id}/resend`, { key: customer.key })
  await until(
    () => receiver.told.length,
    (count) => count === 2,
  )
  expect(receiver.told[1]?.body).toBe(receiver.told[0]?.body)
  expect(JSON.parse(receiver.told[1]?.body ?? '').data.task_id).toBe(json.data.task_ids[0])
})

test('a repetition with its Idempotency-Key is answered as before, also with another callback_url', async () => {
  const balance = await customer.balance()
  const headers = { 'idempotency-key': 'once' }
  const order = { prompt: 'once', generate_count: 2 }
  const first = await post('image_generate', { ...order, callback_url: 'https://a.example/1' }, headers)
  const second = await post('image_generate', { ...order, callback_url: 'https://a.example/2' }, headers)
  expect(second.json).toEqual(first.json)
  expect(second.headers.get('idempotency-replayed')).toBe('true')
  expect(balance - (await customer.balance())).toBe(20)
  const other = await post('image_generate', { ...order, generate_count: 1 }, headers)
  expect([other.status, other.json.code]).toEqual([400, 100_001])
  // Nor is it an order of the other endpoint.
  const film = await post('image_to_video', { ...video, prompt: 'once' }, headers)
  expect([film.status, film.json.code]).toEqual([400, 100_001])
})
