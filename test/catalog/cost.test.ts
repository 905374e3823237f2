// Costs are exact decimals in millionths, rounded up; where a price is below its cost is found for all values.
import { expect, test } from 'vitest'

import { buildCatalog } from '../../src/catalog/catalog.ts'
import { costEach } from '../../src/catalog/cost/cost.ts'
import type { CostRule, ModelConfig } from '../../src/config/config.ts'
import type { PricedWords } from '../../src/catalog/price.ts'
import { modeOf } from './bodies.ts'

const words: PricedWords = { aspectRatio: '16:9', resolution: '4K', durationSeconds: 8, generateAudio: true }

test.each<[string, CostRule | undefined, number | null]>([
  ['0.1 × 3 is 0.3', { amount: 0.1, times: { resolution: { '4K': 3 } } }, 300_000],
  ['1.1 × 1.1 is 1.21', { amount: 1.1, times: { aspect_ratio: { '16:9': 1.1 } } }, 1_210_000],
  ['0.035 a second for 8 seconds is 0.28', { perSecond: 0.035, times: {} }, 280_000],
  ['less than a millionth counts as one', { amount: 0.000001, times: { resolution: { '4k': 0.1 } } }, 1],
  ['nothing stays nothing', { amount: 0, times: {} }, 0],
  ['a large one stays exact', { amount: 9_999_999.999_999, times: {} }, 9_999_999_999_999],
  ['none is unknown', undefined, null],
])('%s', (_, cost, millionths) => {
  expect(costEach({ cost }, words)).toBe(millionths)
})

const image = { upstream: 'keevx', operation: 'image_generate', params: { module: 'pro' } }
const other = { ...image, params: { module: 'std' }, cost: { amount: 7, times: {} } }
const film = { upstream: 'keevx', operation: 'image_to_video', params: { model: 'V' } }
const models = (price: ModelConfig['price'], ...routes: ModelConfig['routes']) => ({
  a: { name: 'A', defaults: {}, price, routes },
})

test.each<[string, ModelConfig['routes'][number], string]>([
  [
    'a value that no way takes',
    { ...image, cost: { amount: 1, times: { resolution: { '8K': 2 } } } },
    'no route of this model takes 8K',
  ],
  [
    'seconds of an image',
    { ...image, cost: { perSecond: 1, times: {} } },
    'an image has no duration; name amount',
  ],
  [
    'a value given twice',
    { ...image, cost: { amount: 1, times: { resolution: { '4k': 2, '4K': 3 } } } },
    'is given twice',
  ],
  [
    'more than sums can hold',
    { ...image, cost: { amount: 10_000_000, times: { resolution: { '4K': 2 } } } },
    'can come to more than 10000000',
  ],
])('%s is refused at its place', (_, route, said) => {
  expect(() => buildCatalog(models({ credits: 1, times: {} }, route), modeOf)).toThrow(
    `models.a.routes[0].cost`,
  )
  expect(() => buildCatalog(models({ credits: 1, times: {} }, route), modeOf)).toThrow(said)
})

test('an order bears the cost of the route that takes it, now and after the file has changed', () => {
  const dear = { ...image, cost: { amount: 0.5, times: { resolution: { '4K': 2 } } } }
  const catalog = buildCatalog(models({ credits: 10, times: {} }, dear), modeOf)
  const priced = catalog.parseOrder({ model_id: 'a', prompt: 'x', resolution: '4K' })
  expect(priced.costEach).toBe(1_000_000)
  const cheaper = { ...image, cost: { amount: 0.4, times: {} } }
  const later = buildCatalog(models({ credits: 10, times: {} }, other, cheaper), modeOf)
  expect(later.costNow('a', 'keevx', priced.order)).toBe(400_000)
  expect(
    buildCatalog(models({ credits: 10, times: {} }, image), modeOf).costNow('a', 'keevx', priced.order),
  ).toBeNull()
  expect(later.costNow('a', 'another', priced.order)).toBeUndefined()
  expect(later.costNow('gone', 'keevx', priced.order)).toBeUndefined()
})

test('a price below its cost is named with the values that lose most', () => {
  const route = { ...film, cost: { perSecond: 0.02, times: { resolution: { '4k': 4 } } } }
  const catalog = buildCatalog(models({ perSecond: 10, times: { resolution: { '4k': 2 } } }, route), modeOf)
  // 10 credits a second sell for 0.03, and 4k for 0.06 but costs 0.08.
  const [loss, ...others] = catalog.losses(0.003)
  expect(others).toEqual([])
  expect(loss).toMatchObject({
    modelId: 'a',
    route: 0,
    values: expect.stringMatching(/^resolution 4k, duration \d+$/),
  })
  expect((loss?.cost ?? 0) - (loss?.worth ?? 0)).toBe(20_000 * Number(/\d+$/.exec(loss?.values ?? '')))
  expect(catalog.losses(0.004)).toEqual([])
})
