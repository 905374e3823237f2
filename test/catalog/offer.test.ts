// A catalogue that could sell what no upstream makes is refused, with the place of each mistake.
import { writeFileSync } from 'node:fs'

import { expect, test } from 'vitest'

import { buildCatalog } from '../../src/catalog/catalog.ts'
import { createLiveCatalog } from '../../src/catalog/live.ts'
import { loadConfig, type ModelConfig, type RouteConfig } from '../../src/config/config.ts'
import { directoryWith, problemsOf } from '../config/workspace.ts'
import { modeOf } from './bodies.ts'

const image: RouteConfig = { upstream: 'keevx', operation: 'image_generate', params: { module: 'pro' } }
const film: RouteConfig = { upstream: 'keevx', operation: 'image_to_video', params: { model: 'S' } }
const fixed = { name: 'M', capability: 'c', defaults: {}, price: { credits: 1, times: {} }, routes: [image] }

function complaints(model: Partial<ModelConfig>): string[] {
  return problemsOf('', () => buildCatalog({ m: { ...fixed, ...model } }, modeOf))
}

test.each<[string, Partial<ModelConfig>, string[]]>([
  [
    'an unknown operation',
    { routes: [{ ...image, operation: 'image_generat' }] },
    ['models.m.routes[0]: the upstream keevx has no image_generat with { module: pro }'],
  ],
  [
    'unknown parameters of a route',
    { routes: [image, { ...image, params: { module: 'max' } }] },
    ['models.m.routes[1]: the upstream keevx has no image_generate with { module: max }'],
  ],
  [
    'an upstream of another kind',
    { routes: [{ ...image, upstream: 'other' }] },
    ['models.m.routes[0]: the upstream other has no other image_generate with { module: pro }'],
  ],
  [
    'images and films under one name',
    { routes: [image, film] },
    ['models.m.routes[1]: makes videos, but the first route images'],
  ],
  [
    'a default that no route takes',
    { defaults: { resolution: '8K', aspect_ratio: '1:1' } },
    ['models.m.defaults.resolution: no route of this model takes 8K; resolution can be 1K, 2K or 4K'],
  ],
  [
    'a duration of an image',
    { defaults: { duration: 8 } },
    ['models.m.defaults.duration: no route of this model takes duration'],
  ],
  [
    'sound of an image',
    { defaults: { generate_audio: false } },
    ['models.m.defaults.generate_audio: no route of this model takes generate_audio'],
  ],
  [
    'a default of a route that only another route takes',
    {
      routes: [
        { ...film, defaults: { duration: 5 } },
        { ...film, params: { model: 'KL' } },
      ],
    },
    ['models.m.routes[0].defaults.duration: no route of this model takes 5; duration can be 4, 8 or 12'],
  ],
  [
    'sound where no route has it',
    { routes: [film], defaults: { generate_audio: true } },
    ['models.m.defaults.generate_audio: no route of this model takes true; generate_audio can be false'],
  ],
  [
    'a factor for what no route makes',
    { price: { credits: 1, times: { resolution: { '720p': 2, '4k': 2 } } } },
    [
      'models.m.price.times.resolution.720p: no route of this model takes 720p; resolution can be 1K, 2K or 4K',
    ],
  ],
  [
    'two factors for one value',
    { price: { credits: 1, times: { resolution: { '4k': 2, '4K': 3 } } } },
    ['models.m.price.times.resolution.4K: is given twice; case does not count'],
  ],
  [
    'a price by the second for images',
    { price: { perSecond: 1, times: {} } },
    ['models.m.price.per_second: an image has no duration; name credits'],
  ],
  [
    'a price beyond what a ledger holds exactly',
    { price: { credits: 1_000_000_000, times: { resolution: { '4K': 1_000_000 } } } },
    ['models.m.price: can come to more than 1000000000000 credits for one output'],
  ],
])('%s is refused', (_, model, problems) => {
  expect(complaints(model)).toEqual(problems)
})

test('every mistake of every model is told at once', () => {
  const bad = { ...fixed, defaults: { resolution: '8K' }, price: { perSecond: 1, times: {} } }
  expect(problemsOf('', () => buildCatalog({ a: bad, b: bad }, modeOf))).toHaveLength(4)
})

test('a default that only some ways take is fine', () => {
  const v = { ...film, params: { model: 'V' } }
  expect(() =>
    buildCatalog({ m: { ...fixed, routes: [v], defaults: { duration: 6 } } }, modeOf),
  ).not.toThrow()
})

const yaml = (credits: number, module: string) => `models:
  only:
    name: Only
    capability: c
    price: { credits: ${credits} }
    routes: [{ upstream: keevx, operation: image_generate, params: { module: ${module} } }]
`

test('a reload puts a new catalogue in force; a bad file leaves the old one, and tells the place', () => {
  const directory = directoryWith({ 'tollgate.yaml': yaml(1, 'std') })
  const catalog = createLiveCatalog(loadConfig({ env: { KEEVX_API_KEY: 'k' }, cwd: directory }), modeOf)
  const price = () => catalog.current.parseOrder({ model_id: 'only', prompt: 'x' }).creditsEach
  expect(price()).toBe(1)
  writeFileSync(`${directory}/tollgate.yaml`, yaml(2, 'std'))
  expect(price()).toBe(1)
  catalog.reload('operator')
  expect(price()).toBe(2)
  writeFileSync(`${directory}/tollgate.yaml`, yaml(3, 'max'))
  expect(problemsOf(directory, () => catalog.reload('operator'))).toEqual([
    'tollgate.yaml:6:14 models.only.routes[0]: the upstream keevx has no image_generate with { module: max }',
  ])
  writeFileSync(`${directory}/tollgate.yaml`, 'models: {')
  expect(problemsOf(directory, () => catalog.reload('operator'))[0]).toMatch(
    /^tollgate\.yaml:1:\d+ is not YAML/,
  )
  expect(price()).toBe(2)
})
