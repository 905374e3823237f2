// `compose: first_frame`: a model that needs an image takes a text alone, at the price of both steps.
import { describe, expect, test } from 'vitest'

import { buildCatalog } from '../../src/catalog/catalog.ts'
import { loadConfig, type ModelConfig, type RouteConfig } from '../../src/config/config.ts'
import { shownConfig } from '../../src/config/shown.ts'
import { directoryWith, problemsOf } from '../config/workspace.ts'
import { builtin, images, lastFrame, modeOf, order, refused } from './bodies.ts'

const image = (module: 'std' | 'pro'): RouteConfig => ({
  upstream: 'keevx',
  operation: 'image_generate',
  params: { module },
})
const video = (model: 'V' | 'KL' | 'S'): RouteConfig => ({
  upstream: 'keevx',
  operation: 'image_to_video',
  params: { model },
})
const painter: ModelConfig = {
  name: 'Painter',
  defaults: { aspect_ratio: '1:1' },
  price: { credits: 10, times: { resolution: { '4K': 2 } } },
  routes: [image('std')],
}
const film: ModelConfig = {
  name: 'Film',
  defaults: {},
  price: { perSecond: 3, times: {} },
  routes: [video('KL')],
  compose: { firstFrame: null },
}
const catalogOf = (models: Record<string, ModelConfig>) => buildCatalog(models, modeOf)

describe('an order of a text alone', () => {
  test('has a first frame of the same prompt and in the shape of the video, and costs the sum', () => {
    const catalog = catalogOf({ painter, film })
    const priced = order({ model_id: 'film', aspect_ratio: '9:16', generate_count: 3 }, catalog)
    expect(priced).toMatchObject({
      modelId: 'film',
      taskType: 'video',
      creditsEach: 15,
      creditsTotal: 55,
      order: { imageUrls: [], aspectRatio: '9:16', durationSeconds: 5, count: 3 },
      firstFrame: {
        modelId: 'painter',
        upstream: 'keevx',
        credits: 10,
        order: {
          operation: 'image_generate',
          params: { module: 'std' },
          prompt: 'a heron at dawn',
          imageUrls: [],
          aspectRatio: '9:16',
          resolution: '2K',
          count: 1,
        },
      },
    })
  })

  test('is made with a larger first frame for a 4k video, at the price of that', () => {
    const [mode] = modeOf('keevx', 'image_to_video', { model: 'V' })
    if (typeof mode !== 'object') throw new Error('Keevx has a V')
    const shapes = mode.shapes.filter(({ name }) => name === 'start_frame')
    const pictured: typeof modeOf = (upstream, operation, params) =>
      operation === 'image_to_video' ? [{ ...mode, shapes }] : modeOf(upstream, operation, params)
    const catalog = buildCatalog({ painter, film: { ...film, routes: [video('V')] } }, pictured)
    expect(order({ model_id: 'film', resolution: '4K' }, catalog)).toMatchObject({
      firstFrame: { credits: 20, order: { resolution: '4K' } },
      creditsTotal: 44,
    })
    expect(order({ model_id: 'film', resolution: '1080p' }, catalog)).toMatchObject({
      firstFrame: { credits: 10, order: { resolution: '2K' } },
    })
  })

  test('needs none where a route takes it by itself, and one where only another route has its values', () => {
    const v = { ...film, routes: [video('V'), video('KL')] }
    // V takes a text of 4, 6 or 8 seconds by itself; only KL makes 5, and has no 4k.
    const catalog = catalogOf({ painter, v })
    expect(order({ model_id: 'v' }, catalog)).toMatchObject({
      firstFrame: null,
      order: { params: { model: 'V' } },
    })
    const five = order({ model_id: 'v', duration: 5 }, catalog)
    expect(five).toMatchObject({ firstFrame: { credits: 10 }, order: { params: { model: 'KL' } } })
    expect(refused({ model_id: 'v', duration: 5, resolution: '4k' }, catalog).text.en).toContain('4k')
  })

  test('of the built-in keevx-kl and keevx-s costs ten credits more than the video', () => {
    expect(order({ model_id: 'keevx-kl' })).toMatchObject({ creditsTotal: 50, firstFrame: { credits: 10 } })
    expect(order({ model_id: 'keevx-s', generate_count: 2 })).toMatchObject({
      creditsTotal: 58,
      firstFrame: { modelId: 'keevx-image-std' },
    })
  })

  test('is refused as ever where the model has no compose, and where values do not fit', () => {
    const plain = catalogOf({ painter, film: { ...film, compose: undefined } })
    expect(refused({ model_id: 'film' }, plain).text.en).toBe(
      'image_urls: this model takes 1 to 7 images; 0 given.',
    )
    expect(refused({ model_id: 'keevx-kl', duration: 8 })).toMatchObject({ field: 'duration' })
    expect(refused({ model_id: 'keevx-kl', prompt: 'a'.repeat(1_001) })).toMatchObject({ field: 'prompt' })
    expect(refused({ model_id: 'keevx-kl', end_image_url: lastFrame })).toMatchObject({
      field: 'end_image_url',
    })
  })
})

test('an order with images needs no first frame, and costs the video alone', () => {
  expect(order({ model_id: 'keevx-kl', image_urls: images(1) })).toMatchObject({
    firstFrame: null,
    creditsTotal: 40,
    order: { imageUrls: images(1) },
  })
})

test('a text that a route takes by itself is never moved to one that needs an image', () => {
  const models = { painter, v: { ...film, routes: [video('V'), { ...video('KL'), upstream: 'keevx' }] } }
  const catalog = catalogOf(models)
  const text = { ...order({ model_id: 'v' }, catalog).order, durationSeconds: 5 }
  expect(catalog.otherRoute('v', text, () => true)).toBeNull()
})

describe('the list of models', () => {
  test('says what a text alone costs more, who makes the first frame, and what goes with it', () => {
    expect(builtin.model('keevx-kl')).toMatchObject({
      capability: 'text / image to video',
      firstFrame: { modelId: 'keevx-image-std', credits: { min: 10, max: 10 } },
      parameters: { image_urls: { required: false, min: 0, max: 7 } },
      combinations: [{ images: { min: 1, max: 7 } }, { images: { min: 0, max: 0 }, first_frame: true }],
      price: {
        text: {
          en: '8 credits a second; ×1.5 at 1080p; without images 10 credits more for each order, for the first frame that is made',
        },
      },
    })
  })

  test('says nothing of it for the others', () => {
    expect(builtin.model('keevx-v')).not.toHaveProperty('firstFrame')
    expect(builtin.model('keevx-v')?.combinations.some((each) => 'first_frame' in each)).toBe(false)
  })

  test('gives the lowest and the highest price where they differ', () => {
    const dear = { ...painter, price: { credits: 10, times: { aspect_ratio: { '9:16': 2 } } } }
    expect(catalogOf({ painter: dear, film }).model('film')).toMatchObject({
      firstFrame: { credits: { min: 10, max: 20 } },
      price: { text: { zh: expect.stringContaining('10 到 20') } },
    })
  })
})

describe('a catalogue is refused', () => {
  const refusedWith = (models: Record<string, ModelConfig>) => problemsOf('', () => catalogOf(models))

  test.each<[string, Record<string, ModelConfig>, string]>([
    [
      'with compose on a model of images',
      { painter: { ...painter, compose: { firstFrame: null } } },
      'models.painter.compose: this model makes images; first_frame is for models that make videos',
    ],
    [
      'with compose on a model that takes the same texts without it',
      { painter, film: { ...film, routes: [video('V')] } },
      'models.film.compose: this model takes a text alone without it, with all the same values; leave it out',
    ],
    [
      'without any model of images',
      { film },
      'models.film.compose: no model makes an image of a text; a first frame needs one',
    ],
    [
      'with a first frame by a model that is not there',
      { painter, film: { ...film, compose: { firstFrame: 'paintr' } } },
      'models.film.compose: there is no model paintr; it can be painter',
    ],
    [
      'with a first frame by a model of videos',
      {
        painter,
        other: { ...film, compose: undefined },
        film: { ...film, compose: { firstFrame: 'other' } },
      },
      'models.film.compose: other makes videos, but a first frame is an image; it can be painter',
    ],
  ])('%s', (_how, models, problem) => {
    expect(refusedWith(models)).toEqual([problem])
  })
})

describe('tollgate.yaml', () => {
  const yaml = (compose: string) => `models:
  painter: { name: P, price: { credits: 10 }, routes: [{ upstream: keevx, operation: image_generate, params: { module: std } }] }
  pro: { name: Q, aliases: [best], price: { credits: 15 }, routes: [{ upstream: keevx, operation: image_generate, params: { module: pro } }] }
  film:
    name: F
    price: { per_second: 3 }
    routes: [{ upstream: keevx, operation: image_to_video, params: { model: KL } }]
    compose: ${compose}
`
  const load = (compose: string) =>
    loadConfig({ cwd: directoryWith({ 'tollgate.yaml': yaml(compose) }), env: { KEEVX_API_KEY: 'k' } })

  test.each([
    ['first_frame', 'painter', 10],
    ['{ first_frame: pro }', 'pro', 15],
    ['{ first_frame: best }', 'pro', 15],
  ])('says it in one line: compose: %s', (compose, modelId, credits) => {
    const config = load(compose)
    const priced = order({ model_id: 'film' }, buildCatalog(config.models, modeOf))
    expect(priced).toMatchObject({ firstFrame: { modelId, credits }, creditsTotal: 15 + credits })
  })

  test('is shown by `config check` as it was written', () => {
    expect(shownConfig(load('first_frame')).models).toMatchObject({ film: { compose: 'first_frame' } })
    expect(shownConfig(load('{ first_frame: pro }')).models).toMatchObject({
      film: { compose: { first_frame: 'pro' } },
    })
  })

  test('is refused where compose is something else, with its place', () => {
    expect(problemsOf('', () => load('last_frame'))).toEqual([
      expect.stringMatching(
        /tollgate\.yaml:8:14 models\.film\.compose: must be first_frame, or \{ first_frame: MODEL \}/,
      ),
    ])
  })
})
