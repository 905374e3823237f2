// Prices are exact decimals, rounded up to whole credits for each output.
import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'

import { buildCatalog } from '../../src/catalog/catalog.ts'
import { creditsEach, type PricedWords } from '../../src/catalog/price.ts'
import { images, modeOf, order } from './bodies.ts'

const words: PricedWords = { aspectRatio: '16:9', resolution: '4k', durationSeconds: 8, generateAudio: true }

test.each([
  ['100 × 1.1 is 110, not 111', { credits: 100, times: { resolution: { '4k': 1.1 } } }, 110],
  ['10 × 1.1 is 11, not 12', { credits: 10, times: { resolution: { '4k': 1.1 } } }, 11],
  [
    'three factors of 1.1 on 1000 are 1331',
    {
      credits: 1000,
      times: { resolution: { '4k': 1.1 }, duration: { '8': 1.1 }, aspect_ratio: { '16:9': 1.1 } },
    },
    1331,
  ],
  ['a part of a credit counts as one', { credits: 1, times: { resolution: { '4k': 1.000001 } } }, 2],
  ['0.1 a second for 8 seconds is 1', { perSecond: 0.1, times: {} }, 1],
  ['0.125 a second for 8 seconds is exactly 1', { perSecond: 0.125, times: {} }, 1],
  ['a millionth a second is 1', { perSecond: 0.000001, times: {} }, 1],
  ['nothing stays nothing', { credits: 0, times: { resolution: { '4k': 100 } } }, 0],
  ['a factor of nothing makes it free', { credits: 15, times: { generate_audio: { true: 0 } } }, 0],
  ['case does not count', { credits: 15, times: { resolution: { '4K': 2 } } }, 30],
  [
    'other values leave it alone',
    { credits: 15, times: { resolution: { '1080p': 2 }, generate_audio: { false: 3 } } },
    15,
  ],
  [
    'the largest price stays exact',
    { credits: 1_000_000_000, times: { resolution: { '4k': 1.000001 } } },
    1_000_001_000,
  ],
])('%s', (_, rule, credits) => {
  expect(creditsEach(rule, words)).toBe(credits)
})

test('a way without sound costs what a film without sound costs', () => {
  const rule = { credits: 10, times: { generate_audio: { true: 2, false: 0.5 } } }
  expect(creditsEach(rule, { ...words, generateAudio: null })).toBe(5)
  expect(creditsEach(rule, { ...words, generateAudio: false })).toBe(5)
  expect(creditsEach(rule, words)).toBe(20)
})

test('any price is the smallest whole number that is not below the exact product', () => {
  const millionths = fc.integer({ min: 0, max: 50_000_000 })
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 1_000_000 }), millionths, millionths, (credits, first, second) => {
      const times = { resolution: { '4k': first / 1e6 }, duration: { '8': second / 1e6 } }
      const exact = BigInt(credits) * BigInt(first) * BigInt(second)
      const price = BigInt(creditsEach({ credits, times }, words))
      expect(price * 10n ** 12n >= exact).toBe(true)
      expect(price === 0n || (price - 1n) * 10n ** 12n < exact).toBe(true)
    }),
  )
})

describe('an order', () => {
  test('of the Open API document costs 15, and at 4K twice that', () => {
    expect(order({ model_id: 'gpt-image-2', aspect_ratio: '16:9' })).toMatchObject({
      creditsEach: 15,
      creditsTotal: 15,
    })
    expect(order({ model_id: 'gpt-image-2', resolution: '4k', generate_count: 8 })).toMatchObject({
      creditsEach: 30,
      creditsTotal: 240,
    })
  })

  test('is priced after its defaults are settled', () => {
    expect(order({ model_id: 'seedance-2' }).creditsEach).toBe(80)
    expect(
      order({ model_id: 'seedance-2', generate_audio: true, resolution: '1080p', duration: 4 }).creditsEach,
    ).toBe(90)
    expect(order({ model_id: 'seedance-2', image_urls: images(5) })).toMatchObject({
      creditsEach: 50,
      creditsTotal: 50,
    })
  })

  test('rounds each output up, not the total', () => {
    const model = {
      name: 'M',
      capability: 'c',
      defaults: {},
      price: { credits: 1, times: { resolution: { '4K': 1.5 } } },
      routes: [{ upstream: 'keevx', operation: 'image_generate', params: { module: 'std' } }],
    }
    const catalog = buildCatalog({ m: model }, modeOf)
    expect(order({ model_id: 'm', resolution: '4K', generate_count: 3 }, catalog)).toMatchObject({
      creditsEach: 2,
      creditsTotal: 6,
    })
  })
})
