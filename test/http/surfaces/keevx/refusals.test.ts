// What Keevx's own API refuses, in its words and with the numbers of each of its endpoints.
import type { FastifyRequest } from 'fastify'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { GatewayError } from '../../../../src/errors.ts'
import { keevxWire } from '../../../../src/http/surfaces/keevx/wire.ts'
import { quickYaml, startGateway, until } from '../../../support/gateway.ts'
import type { Customer, Gateway } from '../../../support/gateway.ts'

let gateway: Gateway
let customer: Customer
beforeAll(async () => {
  gateway = await startGateway()
  customer = await gateway.customer(10_000)
})
afterAll(async () => await gateway.stop())

const post = async (operation: string, body: unknown) =>
  await gateway.call('POST', `/keevx/v1/${operation}`, { key: customer.key, body })
const query = async (operation: string, id: string, key = customer.key) =>
  await gateway.call('GET', `/keevx/v1/${operation}/${id}`, { key, headers: { source: 'skill' } })
const video = {
  model: 'V',
  prompt: 'Waves crashing on the beach at sunset',
  aspect_ratio: '16:9',
  aspect_resolution: '1080p',
  duration: 6,
}
const beach = 'https://example.com/beach.jpg'

const parameter = [400, 100_001] as const
test.each([
  ['image_generate', {}, ...parameter, /^Parameter error: prompt/],
  ['image_generate', { prompt: ' ' }, ...parameter, /^Parameter error: prompt cannot be empty/],
  ['image_generate', { prompt: 'a', promt: 'b' }, ...parameter, /promt: there is no such field/],
  ['image_generate', { prompt: 7 }, ...parameter, /prompt/],
  [
    'image_generate',
    { prompt: 'a', image_ratio: '7:5' },
    400,
    100_002,
    /^Validation failed: image_ratio: it must be/,
  ],
  ['image_generate', { prompt: 'a', image_quality: '8K' }, 400, 100_002, /image_quality/],
  ['image_generate', { prompt: 'a', generate_count: 9 }, 400, 100_002, /generate_count/],
  ['image_generate', { prompt: 'a', module: 'max' }, 400, 100_002, /module/],
  ['image_generate', { prompt: 'a'.repeat(1_001) }, 400, 100_002, /1001/],
  [
    'image_generate',
    { prompt: 'a', reference_images: ['nowhere'] },
    400,
    530_002,
    /^Image processing error: reference_images\.0/,
  ],
  ['image_generate', { prompt: 'a', callback_url: 'http://10.0.0.1/' }, 400, 100_002, /callback_url/],
  ['image_to_video', { ...video, model: 'W' }, ...parameter, /model/],
  ['image_to_video', { ...video, prompt: '' }, ...parameter, /^Parameter error: prompt cannot be empty/],
  ['image_to_video', { ...video, duration: undefined }, ...parameter, /duration/],
  ['image_to_video', { ...video, duration: 5 }, ...parameter, /duration/],
  ['image_to_video', { ...video, aspect_resolution: '2K' }, ...parameter, /aspect_resolution/],
  ['image_to_video', { ...video, prompt: 'a'.repeat(1_001) }, 400, 100_005, /^Prompt too long/],
  [
    'image_to_video',
    { ...video, image_url: 'ftp://a/b' },
    400,
    100_006,
    /^Image URL inaccessible: image_url/,
  ],
  ['image_to_video', { ...video, reference_images: [beach] }, ...parameter, /model V takes 2 or 3/],
  [
    'image_to_video',
    { ...video, image_url: beach, reference_images: [beach, beach] },
    ...parameter,
    /together/,
  ],
  [
    'image_to_video',
    { ...video, model: 'KL', duration: 5, image_url: beach },
    ...parameter,
    /not used by model KL/,
  ],
  ['image_to_video', { ...video, model: 'KL', duration: 5 }, ...parameter, /reference_images/],
  [
    'image_to_video',
    { ...video, model: 'KL', duration: 5, reference_images: [beach], generate_audio: true },
    ...parameter,
    /generate_audio/,
  ],
  ['image_to_video', '{"model":', 400, 100_001, /well-formed/],
])('%s refuses %j in its own words, and for nothing', async (operation, body, status, code, words) => {
  const before = await customer.balance()
  const answer = await post(operation, body)
  expect([answer.status, answer.json]).toEqual([status, { code, msg: expect.stringMatching(words) }])
  expect(await customer.balance()).toBe(before)
})

test('each endpoint says in its own numbers that there is no such task, also of another account', async () => {
  const other = await gateway.customer()
  const { json } = await post('image_generate', { prompt: 'mine' })
  const [mine] = json.data.task_ids
  const missing = { code: 110_002, msg: expect.stringMatching(/^Task not found/) }
  for (const answer of [
    await query('image_generate', mine, other.key),
    await query('image_generate', 'i2is-never'),
  ]) {
    expect([answer.status, answer.json]).toEqual([400, missing])
  }
  const film = await query('image_to_video', mine)
  expect([film.status, film.json]).toEqual([404, { ...missing, code: 100_003 }])
})

test('a wrong key, an empty account and a path that is not there have their statuses', async () => {
  const poor = await gateway.customer(0)
  const ask = async (path: string, key: string) =>
    await gateway.call('POST', `/keevx/v1/${path}`, {
      key,
      body: { ...video, prompt: 'a', image_url: beach },
    })
  const image = async (key: string) =>
    await gateway.call('POST', '/keevx/v1/image_generate', { key, body: { prompt: 'a' } })
  const seen = async (answer: Awaited<ReturnType<typeof ask>>) => [answer.status, answer.json.code]
  expect(await seen(await ask('image_to_video', 'sk-wrong'))).toEqual([401, 100_002])
  expect(await seen(await image('sk-wrong'))).toEqual([401, 401])
  expect(await seen(await image(poor.key))).toEqual([402, 402])
  expect(await seen(await ask('image_to_audio', poor.key))).toEqual([404, 404])
})

test('what no model of the catalogue is made by is refused, though its neighbours are sold', async () => {
  const yaml = `${quickYaml}
models:
  films:
    name: Films
    price: { per_second: 1 }
    routes:
      - { upstream: keevx, operation: image_to_video, params: { model: V } }
      - { upstream: keevx, operation: image_to_video, params: { model: KL } }
`
  const one = await startGateway({ yaml })
  try {
    const { key } = await one.customer()
    const order = async (operation: string, body: object) =>
      await one.call('POST', `/keevx/v1/${operation}`, { key, body })
    const image = await order('image_generate', { prompt: 'a' })
    expect([image.status, image.json]).toEqual([
      400,
      { code: 100_002, msg: expect.stringContaining('module: std is not sold here') },
    ])
    const references = { ...video, reference_images: [beach, beach] }
    const ofKl = await order('image_to_video', { ...references, model: 'KL', duration: 5 })
    expect(ofKl.json).toMatchObject({ code: 0 })
    // KL would take it; V, which was asked for, does not.
    const notOfV = await order('image_to_video', { ...references, duration: 5 })
    expect([notOfV.status, notOfV.json.code]).toEqual([400, 100_001])
    await until(
      () => one.sandbox.submissions.length,
      (count) => count === 1,
    )
    expect(one.sandbox.submissions[0]?.body['model']).toBe('KL')
  } finally {
    await one.stop()
  }
})

test('an order that certainly was not stored is told to wait; one that may have been is not', () => {
  const status = (failure: GatewayError, path: string) =>
    keevxWire.status(failure, { url: `/keevx/v1/${path}`, headers: {} } as FastifyRequest)
  const busy = new GatewayError('unavailable', { en: 'busy', zh: '忙' })
  const unknown = new GatewayError('unavailable', keevxWire.words.unknown)
  expect(status(busy, 'image_generate')).toBe(429)
  expect(status(busy, 'image_to_video')).toBe(429)
  expect(status(busy, 'figure-resource/upload/file')).toBe(503)
  expect(status(unknown, 'image_generate')).toBe(503)
})
