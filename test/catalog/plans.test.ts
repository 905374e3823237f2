// Plans: their prices to the last decimal, and what is hidden is not there at all.
import { describe, expect, test } from 'vitest'
import { builtinModels } from '../../src/catalog/builtin.ts'
import { buildCatalog } from '../../src/catalog/catalog.ts'
import type { Catalog } from '../../src/catalog/catalog.ts'
import type { Viewer } from '../../src/catalog/plans/plans.ts'
import type { Plans } from '../../src/config/config.ts'
import { GatewayError } from '../../src/errors.ts'
import { modeOf } from './bodies.ts'

const plans: Plans = {
  vip: { priceTimes: { '*': 0.9, 'seedance-2': 0.8 }, hide: ['keevx-s', 'nano-banana-2'] },
  free: { priceTimes: { 'gpt-image-2': 0, 'keevx-image-std': 0 }, hide: [] },
  frameless: { priceTimes: {}, hide: ['keevx-image-std'] },
}
const whole = buildCatalog(null, modeOf, { plans, builtin: 'keevx' })
const everything: Viewer = { plan: null, models: null, ofKey: null }
const seen = (viewer: Partial<Viewer>): Catalog => {
  const catalog = whole.seenBy({ ...everything, ...viewer })
  if (!catalog) throw new Error('there is no such plan')
  return catalog
}
const idsOf = (catalog: Catalog) => catalog.models.map(({ id }) => id)
const cost = (catalog: Catalog, body: object) =>
  catalog.parseOrder({ prompt: 'a heron', ...body }).creditsTotal
const refusalOf = (catalog: Catalog, model_id: string) => {
  try {
    catalog.parseOrder({ model_id, prompt: 'a heron' })
  } catch (error) {
    if (error instanceof GatewayError) return { type: error.type, text: error.text, field: error.field }
  }
  throw new Error('it was sold')
}

describe('a price by a plan', () => {
  test.each([
    ['gpt-image-2', {}, 15, 14],
    ['gpt-image-2', { generate_count: 3 }, 45, 42],
    ['gpt-image-2', { resolution: '4K' }, 30, 27],
  ])(
    'of %s with %j is the usual %i times its factor, rounded up for each output',
    (model_id, more, usual, vip) => {
      expect(cost(seen({}), { model_id, ...more })).toBe(usual)
      expect(cost(seen({ plan: 'vip' }), { model_id, ...more })).toBe(vip)
    },
  )

  test('of a model that is named is by its own factor alone, and 0 makes it free', () => {
    const usual = cost(seen({}), { model_id: 'seedance-2' })
    expect(cost(seen({ plan: 'vip' }), { model_id: 'seedance-2' })).toBe(Math.ceil((usual * 8) / 10))
    expect(cost(seen({ plan: 'free' }), { model_id: 'gpt-image-2' })).toBe(0)
    expect(cost(seen({ plan: 'free' }), { model_id: 'seedance-2' })).toBe(usual)
  })

  test('is exact where floating point is not: 100 × 1.1 × 1.05 is 115.5, and 20 × 1.05 is 21', () => {
    const base = {
      name: 'M',
      defaults: {},
      routes: [{ upstream: 'keevx', operation: 'image_generate', params: { module: 'pro' } }],
    }
    const models = {
      m: { ...base, price: { credits: 100, times: { resolution: { '2K': 1.1 } } } },
      n: { ...base, price: { credits: 20, times: {} } },
    }
    const catalog = buildCatalog(models, modeOf, {
      plans: { dear: { priceTimes: { '*': 1.05 }, hide: [] } },
    }).seenBy({ ...everything, plan: 'dear' })
    if (!catalog) throw new Error('there is no such plan')
    expect(cost(catalog, { model_id: 'm', resolution: '2K' })).toBe(116)
    expect(cost(catalog, { model_id: 'n' })).toBe(21)
  })

  test('is shown with the model', () => {
    expect(seen({ plan: 'vip' }).model('gpt-image-2')?.price).toMatchObject({
      credits: 15,
      plan_times: 0.9,
      text: {
        en: expect.stringContaining('×0.9 for this account'),
        zh: expect.stringContaining('本账户 ×0.9'),
      },
    })
    expect(seen({}).model('gpt-image-2')?.price).not.toHaveProperty('plan_times')
  })

  test('of a first frame is by the factor of the model that makes it', () => {
    const body = { model_id: 'keevx-kl' }
    const usual = seen({}).parseOrder({ prompt: 'a heron', ...body })
    const free = seen({ plan: 'free' }).parseOrder({ prompt: 'a heron', ...body })
    expect(usual.firstFrame?.credits).toBeGreaterThan(0)
    expect(free.firstFrame?.credits).toBe(0)
    expect(free.creditsEach).toBe(usual.creditsEach)
  })
})

describe('what is hidden', () => {
  test.each<Partial<Viewer>>([
    { plan: 'vip' },
    { models: ['gpt-image-2', 'seedance-2', 'keevx-v', 'keevx-kl', 'keevx-image-std', 'keevx-image-pro'] },
    {
      ofKey: {
        models: ['gpt-image-2', 'seedance-2', 'keevx-v', 'keevx-kl', 'keevx-image-std', 'keevx-image-pro'],
      },
    },
  ])('for %j is refused like a model that never was, to the letter', (viewer) => {
    const catalog = seen(viewer)
    const hidden = ['keevx-s', 'nano-banana-2']
    const others = Object.entries(builtinModels('keevx')).filter(([id]) => !hidden.includes(id))
    const without = buildCatalog(Object.fromEntries(others), modeOf)
    expect(idsOf(catalog)).toEqual(idsOf(without))
    for (const id of hidden) {
      expect(catalog.model(id)).toBeNull()
      expect(refusalOf(catalog, id)).toEqual(refusalOf(without, id))
      expect(refusalOf(catalog, id)).toMatchObject({ type: 'unknown_model', field: 'model_id' })
    }
    for (const [operation, params] of [
      ['image_to_video', { model: 'S' }],
      ['image_generate', { module: 'std' }],
    ] as const) {
      expect(catalog.madeBy(operation, params)).toEqual(without.madeBy(operation, params))
    }
  })

  test('of a key and of its account is hidden by either', () => {
    const catalog = seen({
      models: ['gpt-image-2', 'seedance-2'],
      ofKey: { models: ['seedance-2', 'keevx-v'] },
    })
    expect(idsOf(catalog)).toEqual(['seedance-2'])
    expect(idsOf(seen({ models: [] }))).toEqual([])
    expect(refusalOf(seen({ models: [] }), 'seedance-2').type).toBe('unknown_model')
  })

  test('of one key is not what is hidden of another', () => {
    const views = [['gpt-image-2'], ['seedance-2'], ['gpt-image-2']].map((models) =>
      seen({ ofKey: { models } }),
    )
    expect(views.map(idsOf)).toEqual([['gpt-image-2'], ['seedance-2'], ['gpt-image-2']])
    expect(views[2]).toBe(views[0])
  })

  test('makes no first frames either: a text alone is refused, and images are taken', () => {
    const catalog = seen({ plan: 'frameless' })
    expect(catalog.model('keevx-kl')?.firstFrame).toBeUndefined()
    expect(JSON.stringify(catalog.models)).not.toContain('keevx-image-std')
    expect(() => catalog.parseOrder({ model_id: 'keevx-kl', prompt: 'a heron' })).toThrow(/image/)
    const body = { model_id: 'keevx-kl', prompt: 'a heron', image_urls: ['https://example.com/a.png'] }
    expect(catalog.parseOrder(body).modelId).toBe('keevx-kl')
  })
})

test('who sees everything at the usual prices sees the catalogue itself; a plan that is gone shows nothing', () => {
  const viewer = { ...everything }
  expect(whole.seenBy(viewer)?.models).toBe(whole.models)
  expect(whole.seenBy({ ...everything, plan: 'gone' })).toBeNull()
  const vip = whole.seenBy({ ...everything, plan: 'vip' })
  expect(whole.seenBy({ ...everything, plan: 'vip' })).toBe(vip)
})

test('a plan that names no model, or comes to more than any price, is refused by its place', () => {
  const wrong: Plans = {
    a: { priceTimes: { 'seedance-3': 0.5 }, hide: ['no-such'] },
    b: { priceTimes: { '*': 1_000_000 }, hide: [] },
  }
  const models = {
    m: {
      name: 'M',
      defaults: {},
      price: { credits: 1_000_000_000, times: {} },
      routes: [{ upstream: 'keevx', operation: 'image_generate', params: { module: 'pro' } }],
    },
  }
  expect(() =>
    buildCatalog(null, modeOf, {
      builtin: 'keevx',
      plans: { a: wrong['a'] ?? { priceTimes: {}, hide: [] } },
    }),
  ).toThrow(
    /plans\.a\.price_times\.seedance-3: no model is called seedance-3; did you mean seedance-2\?[\s\S]*plans\.a\.hide\[0\]: no model is called no-such/,
  )
  expect(() =>
    buildCatalog(models, modeOf, { plans: { b: wrong['b'] ?? { priceTimes: {}, hide: [] } } }),
  ).toThrow(/plans\.b\.price_times: m can come to more than/)
})
