// What the sandbox takes and what it refuses, endpoint by endpoint, and with which number.
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { startSandbox } from '../../sandbox/sandbox.ts'
import type { Sandbox } from '../../sandbox/sandbox.ts'
import { post, videoOrder } from './client.ts'

const url = 'https://example.com/a.jpg'
const urls = (count: number) => Array.from({ length: count }, () => url)

let sandbox: Sandbox
beforeAll(async () => {
  sandbox = await startSandbox()
})
afterAll(() => sandbox.close())

describe('images', () => {
  test.each<[string, Record<string, unknown>]>([
    ['a prompt alone', {}],
    ['1000 characters, each two UTF-16 units long', { prompt: '😀'.repeat(1_000) }],
    ['five reference images', { reference_images: urls(5) }],
    ['an empty list of reference images', { reference_images: [] }],
    [
      'everything',
      { module: 'pro', generate_count: 8, image_quality: '4K', image_ratio: '21:9', callback_url: url },
    ],
  ])('%s is taken', async (_, body) => {
    expect(await post(sandbox, 'image_generate', { prompt: 'p', ...body })).toMatchObject({
      status: 200,
      body: { code: 0 },
    })
  })

  test.each<[string, unknown, number, string]>([
    ['no prompt', {}, 100_001, 'prompt is required'],
    ['an empty prompt', { prompt: '' }, 100_001, 'prompt'],
    ['a prompt that is a number', { prompt: 5 }, 100_001, 'prompt'],
    ['1001 characters', { prompt: 'x'.repeat(1_001) }, 100_002, 'prompt'],
    ['an unknown field', { prompt: 'p', aspect_ratio: '1:1' }, 100_001, 'aspect_ratio'],
    ['six reference images', { prompt: 'p', reference_images: urls(6) }, 100_002, 'reference_images'],
    ['an image that is no URL', { prompt: 'p', reference_images: ['a.jpg'] }, 100_002, 'reference_images.0'],
    ['an image by ftp', { prompt: 'p', reference_images: ['ftp://a/b'] }, 100_002, 'reference_images.0'],
    ['null for a list', { prompt: 'p', reference_images: null }, 100_001, 'reference_images'],
    ['an unknown module', { prompt: 'p', module: 'PRO' }, 100_002, 'module'],
    ['no output', { prompt: 'p', generate_count: 0 }, 100_002, 'generate_count'],
    ['nine outputs', { prompt: 'p', generate_count: 9 }, 100_002, 'generate_count'],
    ['half an output', { prompt: 'p', generate_count: 1.5 }, 100_001, 'generate_count'],
    ['a count in quotes', { prompt: 'p', generate_count: '2' }, 100_001, 'generate_count'],
    ['a quality in small letters', { prompt: 'p', image_quality: '2k' }, 100_002, 'image_quality'],
    ['a ratio that is not one of the ten', { prompt: 'p', image_ratio: '2:1' }, 100_002, 'image_ratio'],
    ['a callback to nowhere', { prompt: 'p', callback_url: 'javascript:1' }, 100_002, 'callback_url'],
    ['a list', [], 100_001, 'body'],
    ['broken JSON', '{"prompt":', 100_001, 'body'],
    ['text that is not UTF-8', Buffer.from('{"prompt":"\xff"}', 'latin1'), 100_001, 'body'],
  ])('%s is refused', async (_, body, code, words) => {
    const answer = await post(sandbox, 'image_generate', body)
    expect(answer).toEqual({ status: 400, body: { code, msg: expect.stringContaining(words) } })
  })
})

const general = { ...videoOrder }
const references = { ...videoOrder, model: 'KL', duration: 5, reference_images: [url] }
const startFrame = { ...videoOrder, model: 'S', image_url: url }

describe('videos', () => {
  test.each<[string, Record<string, unknown>]>([
    ['V from words alone', general],
    [
      'V from a start frame, in 4k with sound',
      { ...general, image_url: url, aspect_resolution: '4k', generate_audio: true, duration: 6 },
    ],
    ['V from a start and an end frame', { ...general, image_url: url, end_image_url: url }],
    ['V from two images', { ...general, reference_images: urls(2), duration: 8 }],
    ['V from three images', { ...general, reference_images: urls(3), duration: 8 }],
    ['KL from one image', references],
    [
      'KL from seven images, ten seconds of them',
      { ...references, reference_images: urls(7), duration: 10, aspect_resolution: '1080p' },
    ],
    [
      'S for twelve seconds, four times',
      { ...startFrame, duration: 12, generate_count: 4, aspect_ratio: '9:16' },
    ],
  ])('%s is taken', async (_, body) => {
    expect(await post(sandbox, 'image_to_video', body)).toMatchObject({ status: 200, body: { code: 0 } })
  })

  test.each<[string, Record<string, unknown>, string]>([
    ['an unknown model', { ...general, model: 'v' }, 'model'],
    ['no model', { ...general, model: undefined }, 'model'],
    ['no ratio', { ...general, aspect_ratio: undefined }, 'aspect_ratio'],
    ['an image ratio', { ...general, aspect_ratio: '1:1' }, 'aspect_ratio'],
    ['no resolution', { ...general, aspect_resolution: undefined }, 'aspect_resolution'],
    ['4K in capitals', { ...general, aspect_resolution: '4K' }, 'aspect_resolution'],
    ['no duration', { ...general, duration: undefined }, 'duration'],
    ['a duration in quotes', { ...general, duration: '4' }, 'duration'],
    ['five seconds of V', { ...general, duration: 5 }, 'duration'],
    [
      'another duration than 8 with several images',
      { ...general, reference_images: urls(2), duration: 6 },
      'duration',
    ],
    ['one reference image for V', { ...general, reference_images: urls(1), duration: 8 }, 'reference_images'],
    [
      'four reference images for V',
      { ...general, reference_images: urls(4), duration: 8 },
      'reference_images',
    ],
    [
      'references beside a start frame',
      { ...general, image_url: url, reference_images: urls(2), duration: 8 },
      'reference_images',
    ],
    ['an end frame without a start', { ...general, end_image_url: url }, 'end_image_url'],
    ['audio in quotes', { ...general, generate_audio: 'true' }, 'generate_audio'],
    ['five outputs', { ...general, generate_count: 5 }, 'generate_count'],
    ['a field of the image endpoint', { ...general, image_quality: '2K' }, 'image_quality'],
    ['KL without images', { ...references, reference_images: undefined }, 'reference_images'],
    ['KL with eight images', { ...references, reference_images: urls(8) }, 'reference_images'],
    ['KL with a start frame', { ...references, image_url: url }, 'image_url'],
    ['KL with audio', { ...references, generate_audio: false }, 'generate_audio'],
    ['KL in 4k', { ...references, aspect_resolution: '4k' }, 'aspect_resolution'],
    ['four seconds of KL', { ...references, duration: 4 }, 'duration'],
    ['S without a start frame', { ...startFrame, image_url: undefined }, 'image_url'],
    ['S with references', { ...startFrame, reference_images: urls(1) }, 'reference_images'],
    ['S with an end frame', { ...startFrame, end_image_url: url }, 'end_image_url'],
    ['S with audio', { ...startFrame, generate_audio: true }, 'generate_audio'],
    ['S in 1080p', { ...startFrame, aspect_resolution: '1080p' }, 'aspect_resolution'],
    ['six seconds of S', { ...startFrame, duration: 6 }, 'duration'],
  ])('%s is refused, naming the field', async (_, body, field) => {
    const answer = await post(sandbox, 'image_to_video', body)
    expect(answer).toEqual({ status: 400, body: { code: 100_001, msg: expect.stringContaining(field) } })
  })

  test('a prompt that is too long has a number of its own', async () => {
    const answer = await post(sandbox, 'image_to_video', { ...general, prompt: 'x'.repeat(1_001) })
    expect(answer).toMatchObject({ status: 400, body: { code: 100_005 } })
  })
})

test('a body that is not called JSON is refused', async () => {
  const answer = await post(sandbox, 'image_generate', { prompt: 'p' }, { 'content-type': 'text/plain' })
  expect(answer).toMatchObject({ status: 400, body: { code: 100_001 } })
})

test('a body of a megabyte is too large', async () => {
  expect((await post(sandbox, 'image_generate', { prompt: 'x'.repeat(1 << 20) })).status).toBe(413)
})
