// What is sent to Keevx is what its documents show, field for field.
import { Readable } from 'node:stream'
import { describe, expect, test } from 'vitest'
import type { Order } from '../../src/upstream/adapter.ts'
import { adapterFor, imageOrder, key, reply, standIn, videoOrder } from './stand-in.ts'

const signal = new AbortController().signal

async function sentFor(order: Order, callbackUrl: string | null = null) {
  const upstream = await standIn((response) => reply(response, 200, { code: 0, data: { task_ids: ['a'] } }))
  const outcome = await adapterFor(upstream.url).submit(order, {
    key,
    signal,
    orderKey: 'req_1-1',
    callbackUrl,
  })
  const asked = upstream.asked[0]
  return { outcome, asked, json: asked ? (JSON.parse(asked.body.toString()) as unknown) : null }
}

const images = (count: number) => Array.from({ length: count }, (_, at) => `https://example.com/${at}.png`)

describe('image_generate', () => {
  test('text alone: no reference_images, no callback_url', async () => {
    const { asked, json } = await sentFor(imageOrder)
    expect(asked).toMatchObject({ method: 'POST', path: '/v1/image_generate' })
    expect(json).toEqual({
      prompt: 'a zen garden',
      module: 'pro',
      generate_count: 2,
      image_quality: '2K',
      image_ratio: '16:9',
    })
  })

  test('with references and a callback', async () => {
    const { json } = await sentFor({ ...imageOrder, imageUrls: images(5) }, 'https://gate.example/cb')
    expect(json).toMatchObject({ reference_images: images(5), callback_url: 'https://gate.example/cb' })
  })
})

describe('image_to_video', () => {
  const common = {
    model: 'V',
    prompt: 'waves',
    aspect_ratio: '16:9',
    aspect_resolution: '1080p',
    duration: 6,
    generate_audio: true,
    generate_count: 1,
  }

  test('V with one image: image_url', async () => {
    const { asked, json } = await sentFor(videoOrder)
    expect(asked).toMatchObject({ method: 'POST', path: '/v1/image_to_video' })
    expect(json).toEqual({ ...common, image_url: 'https://example.com/a.jpg' })
  })

  test('V with text alone, with two frames, and with several images', async () => {
    expect((await sentFor({ ...videoOrder, imageUrls: [] })).json).toEqual(common)
    const end = 'https://example.com/end.jpg'
    expect((await sentFor({ ...videoOrder, endImageUrl: end })).json).toEqual({
      ...common,
      image_url: 'https://example.com/a.jpg',
      end_image_url: end,
    })
    const several = { ...videoOrder, imageUrls: images(3), durationSeconds: 8 }
    expect((await sentFor(several)).json).toEqual({ ...common, duration: 8, reference_images: images(3) })
  })

  test('V says generate_audio as it was asked, and not at all where it was not', async () => {
    expect((await sentFor({ ...videoOrder, generateAudio: false })).json).toMatchObject({
      generate_audio: false,
    })
    expect((await sentFor({ ...videoOrder, generateAudio: null })).json).not.toHaveProperty('generate_audio')
  })

  test('KL: reference_images even for one image, and never generate_audio', async () => {
    const order = { ...videoOrder, params: { model: 'KL' }, durationSeconds: 10 }
    const { json } = await sentFor(order, 'https://gate.example/cb')
    expect(json).toEqual({
      model: 'KL',
      prompt: 'waves',
      aspect_ratio: '16:9',
      aspect_resolution: '1080p',
      duration: 10,
      reference_images: ['https://example.com/a.jpg'],
      generate_count: 1,
      callback_url: 'https://gate.example/cb',
    })
  })

  test('S: image_url, and never generate_audio', async () => {
    const { json } = await sentFor({
      ...videoOrder,
      params: { model: 'S' },
      resolution: '720p',
      durationSeconds: 12,
    })
    expect(json).toMatchObject({ model: 'S', duration: 12, image_url: 'https://example.com/a.jpg' })
    expect(json).not.toHaveProperty('generate_audio')
  })
})

test.each([
  ['six references', { ...imageOrder, imageUrls: images(6) }],
  ['an end frame for an image', { ...imageOrder, endImageUrl: 'https://example.com/end.jpg' }],
  ['four images for V', { ...videoOrder, imageUrls: images(4) }],
  [
    'an end frame beside two images',
    { ...videoOrder, imageUrls: images(2), endImageUrl: images(1)[0] ?? '' },
  ],
  ['no image for S', { ...videoOrder, params: { model: 'S' }, imageUrls: [] }],
  ['an unknown model', { ...videoOrder, params: { model: 'X' } }],
  ['an unknown operation', { ...videoOrder, operation: 'text_to_speech' }],
])('%s: refused without asking, because some of it would be left out', async (_name, order) => {
  const { outcome, asked } = await sentFor(order)
  expect(outcome).toMatchObject({
    kind: 'refused',
    reason: 'This model does not take the images that were given.',
  })
  expect(asked).toBeUndefined()
})

test('every call bears the key and the source', async () => {
  const upstream = await standIn((response) => reply(response, 200, {}))
  const adapter = adapterFor(upstream.url, { source: 'gate', baseUrl: `${upstream.url}/v1/` })
  await adapter.submit(imageOrder, { key, signal, orderKey: 'req_1-1', callbackUrl: null })
  await adapter.fetch({ operation: 'image_to_video', upstreamTaskId: '../a?b#c' }, { key, signal })
  await adapter.upload(
    { open: () => Readable.from([Buffer.alloc(3)]), bytes: 3, fileName: 'a.png', mediaType: 'image/png' },
    { key, signal },
  )
  expect(upstream.asked.map(({ method, path }) => `${method} ${path}`)).toEqual([
    'POST /v1/image_generate',
    'GET /v1/image_to_video/..%2Fa%3Fb%23c',
    'POST /v1/figure-resource/upload/file',
  ])
  for (const { headers } of upstream.asked) {
    expect(headers).toMatchObject({ authorization: `Bearer ${key}`, source: 'gate' })
    expect(headers).toHaveProperty('accept-encoding', 'identity')
  }
  expect(upstream.asked[0]?.headers['content-type']).toBe('application/json')
})
