// Every model of the built-in catalogue, in every way that Keevx takes it: what is charged, sent, and given back.
import { afterAll, beforeAll, expect, test } from 'vitest'
import { startGateway } from '../support/gateway.ts'
import type { Customer, Gateway } from '../support/gateway.ts'

let gateway: Gateway
let customer: Customer
beforeAll(async () => {
  gateway = await startGateway()
  customer = await gateway.customer(100_000)
})
afterAll(async () => await gateway.stop())

const prompt = 'a zen garden'
const url = (index: number) => `https://example.com/${index}.png`
const urls = (count: number) => Array.from({ length: count }, (_, index) => url(index))

const image = (module: string, rest: object = {}) => ({
  prompt,
  module,
  generate_count: 1,
  image_quality: '2K',
  image_ratio: '1:1',
  ...rest,
})
const video = (model: string, rest: object = {}) => ({
  model,
  prompt,
  aspect_ratio: '16:9',
  aspect_resolution: '720p',
  generate_count: 1,
  ...rest,
})
const silentV = (rest: object) => video('V', { duration: 8, generate_audio: false, ...rest })

const orders: readonly (readonly [string, number, object, object])[] = [
  // The three of the Open API.
  ['gpt-image-2', 15, {}, image('pro')],
  [
    'gpt-image-2',
    30,
    { resolution: '4K', aspect_ratio: '21:9' },
    image('pro', { image_quality: '4K', image_ratio: '21:9' }),
  ],
  ['gpt-image-2', 15, { image_urls: urls(5) }, image('pro', { reference_images: urls(5) })],
  ['nano-banana-2', 10, { resolution: '1k' }, image('std', { image_quality: '1K' })],
  ['nano-banana-2', 10, { image_urls: urls(1) }, image('std', { reference_images: urls(1) })],
  ['seedance-2', 80, {}, silentV({})],
  [
    'seedance-2',
    60,
    { duration: 4, generate_audio: true },
    video('V', { duration: 4, generate_audio: true }),
  ],
  ['seedance-2', 80, { image_urls: urls(1) }, silentV({ image_url: url(0) })],
  [
    'seedance-2',
    80,
    { image_urls: urls(1), end_image_url: url(9) },
    silentV({ image_url: url(0), end_image_url: url(9) }),
  ],
  ['seedance-2', 80, { image_urls: urls(3) }, silentV({ reference_images: urls(3) })],
  ['seedance-2', 50, { image_urls: urls(4) }, video('KL', { duration: 5, reference_images: urls(4) })],
  [
    'seedance-2',
    100,
    { image_urls: urls(1), duration: 10 },
    video('KL', { duration: 10, reference_images: urls(1) }),
  ],
  // Keevx's own defaults where a model names none: 9:16.
  ['keevx-image-std', 10, {}, image('std', { image_ratio: '9:16' })],
  ['keevx-image-pro', 15, {}, image('pro', { image_ratio: '9:16' })],
  // Every mode of V.
  ['keevx-v', 240, { resolution: '4K' }, silentV({ aspect_resolution: '4k' })],
  ['keevx-v', 60, { duration: 6, image_urls: urls(1) }, silentV({ duration: 6, image_url: url(0) })],
  [
    'keevx-v',
    40,
    { duration: 4, image_urls: urls(1), end_image_url: url(9) },
    silentV({ duration: 4, image_url: url(0), end_image_url: url(9) }),
  ],
  [
    'keevx-v',
    180,
    { image_urls: urls(2), resolution: '1080p', generate_audio: true, aspect_ratio: '9:16' },
    silentV({
      reference_images: urls(2),
      aspect_resolution: '1080p',
      generate_audio: true,
      aspect_ratio: '9:16',
    }),
  ],
  ['keevx-kl', 40, { image_urls: urls(7) }, video('KL', { duration: 5, reference_images: urls(7) })],
  [
    'keevx-kl',
    120,
    { image_urls: urls(1), duration: 10, resolution: '1080P' },
    video('KL', { duration: 10, aspect_resolution: '1080p', reference_images: urls(1) }),
  ],
  ['keevx-s', 24, { image_urls: urls(1) }, video('S', { duration: 4, image_url: url(0) })],
  [
    'keevx-s',
    72,
    { image_urls: urls(1), duration: 12, aspect_ratio: '9:16' },
    video('S', { duration: 12, aspect_ratio: '9:16', image_url: url(0) }),
  ],
]

test.each(orders)('%s for %i credits, %j', async (model_id, credits, fields, sent) => {
  const order = { model_id, prompt, ...fields }
  const before = await customer.balance()
  const quoted = await gateway.call('POST', '/api/v1/quote', { key: customer.key, body: order })
  expect(quoted.json).toMatchObject({ code: 200, msg: 'ok', data: { credits } })
  expect(await customer.balance()).toBe(before)

  const created = await customer.create(order)
  expect(created.json).toMatchObject({ code: 200, data: { credits } })
  expect(await customer.balance()).toBe(before - credits)
  const task = await customer.ended(created.json.data.task_id)
  const { operation, body } = gateway.sandbox.submissions.at(-1) ?? {}
  expect(body).toEqual(sent)

  const isVideo = operation === 'image_to_video'
  expect(task).toMatchObject({ task_status: 3, model_id, credits, task_type: isVideo ? 'video' : 'image' })
  const media = await fetch(isVideo ? task.video_url : task.image_url)
  expect(media.headers.get('content-type')).toBe(isVideo ? 'video/mp4' : 'image/png')
  await media.body?.cancel()
})

test('no model of the catalogue is left out of this file', async () => {
  const { models } = (await customer.get('/models')).json.data
  expect(models.map(({ id }: any) => id).toSorted()).toEqual(
    [...new Set(orders.map(([id]) => id))].toSorted(),
  )
})

test('Keevx is told who asks: our key and its source header, and never the customer', async () => {
  const [first] = gateway.sandbox.submissions
  expect(first?.headers).toMatchObject({ authorization: 'Bearer upstream-key', source: 'skill' })
  expect(JSON.stringify(gateway.sandbox.submissions)).not.toContain(customer.key)
})
