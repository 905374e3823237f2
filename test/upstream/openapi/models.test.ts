// The catalogue of a site as routes: what it sells can be sold on, and nothing that it would refuse is ordered.
import fc from 'fast-check'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { buildCatalog } from '../../../src/catalog/catalog.ts'
import type { Catalog } from '../../../src/catalog/catalog.ts'
import type { Models } from '../../../src/config/config.ts'
import { GatewayError } from '../../../src/errors.ts'
import { refreshSites, siteModes } from '../../../src/upstream/openapi/catalogue.ts'
import { siteModelsIn } from '../../../src/upstream/openapi/models.ts'
import { builtin, images, lastFrame } from '../../catalog/bodies.ts'
import { reply, standIn } from '../stand-in.ts'

const catalogue = { code: 200, msg: 'ok', data: { models: builtin.models.map(shown) } }

/** As GET /api/v1/models shows it. */
function shown({ taskType, ...model }: Catalog['models'][number]) {
  return { ...model, task_type: taskType }
}

const folder = (): string => {
  const made = mkdtempSync(join(tmpdir(), 'tollgate-sites-'))
  onTestFinished(() => rmSync(made, { recursive: true, force: true }))
  return made
}

const configOf = (dataDir: string, baseUrl: string) =>
  ({ dataDir, upstreams: { site: { adapter: 'openapi', baseUrl, keys: ['sk-1'] } } }) as never

const resale = (ids: readonly string[]): Models =>
  Object.fromEntries(
    ids.map((id) => [
      id,
      {
        name: id,
        defaults: {},
        price: { credits: 1, times: {} },
        routes: [{ upstream: 'site', operation: 'create', params: { model_id: id } }],
      },
    ]),
  )

const resold = buildCatalog(
  resale(builtin.models.map(({ id }) => id)),
  (_upstream, _operation, { model_id = '' }) => siteModelsIn(catalogue)?.[model_id] ?? 'unknown',
)

const bodies = fc.record(
  {
    model_id: fc.constantFrom(...builtin.models.map(({ id }) => id)),
    prompt: fc.constant('a heron at dawn'),
    image_urls: fc.integer({ min: 0, max: 9 }).map(images),
    end_image_url: fc.constant(lastFrame),
    aspect_ratio: fc.constantFrom('1:1', '16:9', '9:16', '21:9', '5:9'),
    resolution: fc.constantFrom('1K', '2k', '4K', '720p', '1080p', '4k'),
    duration: fc.constantFrom(4, 5, 6, 8, 10, 12),
    generate_audio: fc.boolean(),
    generate_count: fc.integer({ min: 1, max: 9 }),
  },
  { requiredKeys: ['model_id', 'prompt'] },
)

test('exactly what the site takes is taken, and ordered with the same values; a text that it makes a first frame for is not', () => {
  fc.assert(
    fc.property(bodies, (body) => {
      const [here, there] = [resold, builtin].map((catalog) => parsed(catalog, body))
      if (isComposed(body)) {
        expect(here).toBe('image_urls')
        return
      }
      expect(typeof here).toBe(typeof there)
      if (typeof here === 'string' || typeof there === 'string' || !here || !there) return
      const { operation: _, params, ...order } = here
      expect(params).toEqual({ model_id: body.model_id })
      const { operation: __, params: ___, ...same } = there
      expect(order).toEqual(same)
    }),
    { numRuns: 300 },
  )
})

function isComposed(body: unknown): boolean {
  try {
    return builtin.parseOrder(body).firstFrame !== null
  } catch {
    return false
  }
}

/** The order, or the field that is refused. */
function parsed(catalog: Catalog, body: unknown) {
  try {
    return catalog.parseOrder(body).order
  } catch (error) {
    if (error instanceof GatewayError) return error.field ?? ''
    throw error
  }
}

test.each(['keevx-kl', 'keevx-s'])(
  'a text alone to %s, which costs more at the site, is refused',
  (model) => {
    const body = { model_id: model, prompt: 'a heron' }
    expect(builtin.parseOrder(body).firstFrame).not.toBeNull()
    expect(parsed(resold, body)).toBe('image_urls')
    expect(parsed(resold, { ...body, image_urls: images(1) })).toMatchObject({ imageUrls: images(1) })
  },
)

test('a site that does not answer is known by what it said before', async () => {
  let isThere = true
  const site = await standIn((response) => reply(response, isThere ? 200 : 503, isThere ? catalogue : 'down'))
  const dataDir = folder()
  const place = { dataDir, upstream: 'site' }
  expect(siteModes(place, 'create', { model_id: 'gpt-image-2' })).toMatch(/was never asked with success/)
  expect(await refreshSites(configOf(dataDir, site.url))).toEqual([])
  expect(site.asked[0]).toMatchObject({ path: '/models', headers: { authorization: 'Bearer sk-1' } })
  const modes = siteModes(place, 'create', { model_id: 'gpt-image-2' })
  expect(modes).toHaveLength(1)
  isThere = false
  expect(await refreshSites(configOf(dataDir, site.url))).toEqual([
    expect.stringMatching(/^upstreams\.site: .*\/models gave no catalogue \(HTTP 503/),
  ])
  expect(siteModes(place, 'create', { model_id: 'gpt-image-2' })).toEqual(modes)
})

test.each<[string, string, object, RegExp]>([
  [
    'a model that it does not sell',
    'create',
    { model_id: 'dall-e-3' },
    /sells no dall-e-3; it sells .*gpt-image-2/,
  ],
  ['a name of every object', 'create', { model_id: 'constructor' }, /sells no constructor/],
  ['an operation of Keevx', 'image_generate', { module: 'pro' }, /operation: create/],
  ['a parameter too many', 'create', { model_id: 'gpt-image-2', module: 'pro' }, /operation: create/],
])('a route to %s is refused in words', async (_which, operation, params, words) => {
  const { url } = await standIn((response) => reply(response, 200, catalogue))
  const dataDir = folder()
  await refreshSites(configOf(dataDir, url))
  expect(siteModes({ dataDir, upstream: 'site' }, operation, params as never)).toMatch(words)
})

test.each([
  ['nothing', ''],
  ['a page', '<html></html>'],
  ['a refusal', { code: 0, msg: 'no', data: null }],
  ['a list of its own', { code: 200, data: [{ id: 'a' }] }],
])('%s is no catalogue', (_which, body) => {
  expect(siteModelsIn(body)).toBeNull()
})

test('a model that cannot be read is left out, and the others stay', () => {
  const odd = { ...catalogue, data: { models: [{ id: 'odd' }, ...catalogue.data.models] } }
  expect(siteModelsIn(odd)).toEqual(siteModelsIn(catalogue))
})
