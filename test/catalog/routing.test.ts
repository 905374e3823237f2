// A model of several routes sends each request to the first that can take it, and says why none can.
import { describe, expect, test } from 'vitest'

import { buildCatalog } from '../../src/catalog/catalog.ts'
import type { ModelConfig, RouteConfig } from '../../src/config/config.ts'
import { type Body, images, lastFrame, modeOf, order, refused } from './bodies.ts'

const model_id = 'seedance-2'

test('an alias is ordered as the model itself, and priced so', () => {
  const models = { painter: { ...painter, aliases: ['gpt-image-1', 'dall-e-3'] } }
  const catalog = buildCatalog(models, modeOf)
  const own = order({ model_id: 'painter' }, catalog)
  for (const alias of ['gpt-image-1', 'dall-e-3']) expect(order({ model_id: alias }, catalog)).toEqual(own)
  expect(own).toMatchObject({ modelId: 'painter', creditsEach: 7 })
  expect(catalog.models).toMatchObject([
    { id: 'painter', parameters: { model_id: { values: ['painter', 'gpt-image-1', 'dall-e-3'] } } },
  ])
  expect(refused({ model_id: 'dall-e-4' }, catalog).text.en).toContain('did you mean dall-e-3?')
})

const painter: ModelConfig = {
  name: 'Painter',
  defaults: {},
  price: { credits: 7, times: {} },
  routes: [{ upstream: 'keevx', operation: 'image_generate', params: { module: 'pro' } }],
}

describe('seedance-2', () => {
  test.each<[Body, string, number]>([
    [{}, 'V', 8],
    [{ image_urls: images(1) }, 'V', 8],
    [{ image_urls: images(1), end_image_url: lastFrame }, 'V', 8],
    [{ image_urls: images(3) }, 'V', 8],
    [{ image_urls: images(4) }, 'KL', 5],
    [{ image_urls: images(7) }, 'KL', 5],
    [{ image_urls: images(1), duration: 6 }, 'V', 6],
    [{ image_urls: images(1), duration: 5 }, 'KL', 5],
    [{ image_urls: images(2), duration: 10 }, 'KL', 10],
    [{ image_urls: images(2), duration: 8, generate_audio: true }, 'V', 8],
    [{ image_urls: images(2), duration: 5, generate_audio: false }, 'KL', 5],
  ])('sends %j to %s for %i seconds', (body, model, seconds) => {
    expect(order({ model_id, ...body }).order).toMatchObject({ params: { model }, durationSeconds: seconds })
  })

  test.each<[Body, string, string]>([
    [{ image_urls: images(8) }, 'image_urls', 'image_urls: this model takes up to 7 images; 8 given.'],
    [{ duration: 5 }, 'duration', 'duration: without images a video can be 4, 6 or 8 seconds; 5 given.'],
    [
      { image_urls: images(2), duration: 6 },
      'duration',
      'duration: with 2 or 3 images a video can be 5, 8 or 10 seconds; 6 given.',
    ],
    [
      { image_urls: images(6), duration: 8 },
      'duration',
      'duration: with 4 to 7 images a video can be 5 or 10 seconds; 8 given.',
    ],
    [
      { image_urls: images(1), end_image_url: lastFrame, duration: 5 },
      'duration',
      'duration: with a first and a last frame a video can be 4, 6 or 8 seconds; 5 given.',
    ],
    [
      { image_urls: images(5), resolution: '4k' },
      'resolution',
      'resolution: with 4 to 7 images it must be 720p or 1080p, not "4k".',
    ],
    [
      { image_urls: images(5), generate_audio: true },
      'generate_audio',
      'generate_audio: with 4 to 7 images this model makes no sound; send false or leave it out.',
    ],
    [
      { image_urls: images(2), duration: 5, generate_audio: true },
      'duration',
      'duration: 5 does not go together with the rest of the request (2 images, generate_audio true); with them it must be 8.',
    ],
    [
      { image_urls: images(1), duration: 10, resolution: '4k' },
      'duration',
      'duration: 10 does not go together with the rest of the request (1 image, resolution 4k); with them it must be 4, 6 or 8.',
    ],
  ])('refuses %j because of %s', (body, field, words) => {
    expect(refused({ model_id, ...body })).toMatchObject({ field, text: { en: words } })
  })
})

const v: RouteConfig = { upstream: 'keevx', operation: 'image_to_video', params: { model: 'V' } }
const kl: RouteConfig = { ...v, params: { model: 'KL' } }
const s: RouteConfig = { ...v, params: { model: 'S' } }

function catalogOf(model: Partial<ModelConfig>) {
  const rest = { name: 'M', capability: 'c', defaults: {}, price: { credits: 1, times: {} }, routes: [v] }
  return buildCatalog({ m: { ...rest, ...model } }, modeOf)
}

test('the order of the routes decides', () => {
  const one = { model_id: 'm', image_urls: images(1) }
  expect(order(one, catalogOf({ routes: [s, kl, v] })).order.params).toEqual({ model: 'S' })
  expect(order(one, catalogOf({ routes: [kl, s, v] })).order.params).toEqual({ model: 'KL' })
  expect(order({ model_id: 'm' }, catalogOf({ routes: [s, kl, v] })).order.params).toEqual({ model: 'V' })
})

describe('what a request leaves open', () => {
  const defaults = { aspect_ratio: '9:16', resolution: '4K', duration: 6, generate_audio: true }

  test('comes from the model where the way takes it, else from the upstream', () => {
    const catalog = catalogOf({ defaults, routes: [v, kl] })
    expect(order({ model_id: 'm' }, catalog).order).toMatchObject({
      aspectRatio: '9:16',
      resolution: '4k',
      durationSeconds: 6,
      generateAudio: true,
    })
    expect(order({ model_id: 'm', image_urls: images(2) }, catalog).order).toMatchObject({
      params: { model: 'V' },
      durationSeconds: 8,
      generateAudio: true,
    })
    expect(order({ model_id: 'm', image_urls: images(4) }, catalog).order).toMatchObject({
      params: { model: 'KL' },
      aspectRatio: '9:16',
      resolution: '720p',
      durationSeconds: 5,
      generateAudio: null,
    })
  })

  test('comes from the route before the model, and from the request before both', () => {
    const catalog = catalogOf({
      defaults,
      routes: [{ ...v, defaults: { duration: 4, generate_audio: false } }],
    })
    expect(order({ model_id: 'm' }, catalog).order).toMatchObject({
      durationSeconds: 4,
      generateAudio: false,
    })
    expect(order({ model_id: 'm', duration: 8, generate_audio: true }, catalog).order).toMatchObject({
      durationSeconds: 8,
      generateAudio: true,
      aspectRatio: '9:16',
    })
  })

  test('never keeps a request from the first route that takes what it names', () => {
    const catalog = catalogOf({ defaults: { duration: 10 }, routes: [v, kl] })
    expect(order({ model_id: 'm', image_urls: images(1) }, catalog).order).toMatchObject({
      params: { model: 'V' },
      durationSeconds: 8,
    })
  })
})
