// Whatever is asked: an accepted order is one that Keevx documents, and says what was asked.
import * as fc from 'fast-check'
import { expect, test } from 'vitest'

import type { PricedOrder } from '../../src/catalog/catalog.ts'
import { fieldNames } from '../../src/catalog/fields.ts'
import { GatewayError } from '../../src/errors.ts'
import { builtin, images, lastFrame } from './bodies.ts'
import { documentedFaults } from './checker.ts'

const imageRatios = ['1:1', '3:2', '2:3', '3:4', '4:3', '4:5', '5:4', '9:16', '16:9', '21:9']
const ids = builtin.models.map(({ id }) => id)
const isImage = (id: string) => builtin.model(id)?.taskType === 'image'

interface Choices {
  models: readonly string[]
  imagesMax: number
  lastFrames: readonly (string | null)[]
  ratios: readonly string[]
  resolutions: readonly string[]
  durations: readonly (number | null)[]
  sounds: readonly (boolean | null)[]
  countMax: number
}

function bodiesOf(choices: Choices) {
  const strange = fc.oneof(fc.string({ unit: 'grapheme', maxLength: 1100 }), fc.string({ unit: 'binary' }))
  return fc.record(
    {
      model_id: fc.constantFrom(...choices.models),
      prompt: fc.oneof({ arbitrary: fc.constant('a heron'), weight: 4 }, { arbitrary: strange, weight: 1 }),
      image_urls: fc.integer({ min: 0, max: choices.imagesMax }).map(images),
      end_image_url: fc.constantFrom(...choices.lastFrames),
      aspect_ratio: fc.constantFrom(...choices.ratios),
      resolution: fc.constantFrom(...choices.resolutions),
      duration: fc.constantFrom(...choices.durations),
      generate_audio: fc.constantFrom(...choices.sounds),
      generate_count: fc.integer({ min: 1, max: choices.countMax }),
    },
    { requiredKeys: ['model_id', 'prompt'] },
  )
}

/** What images, films, and any model at all might be asked for: the first two are mostly taken. */
const bodies = fc.oneof(
  bodiesOf({
    models: ids.filter(isImage),
    imagesMax: 5,
    lastFrames: [null],
    ratios: imageRatios,
    resolutions: ['1k', '2K', '4K', '4k'],
    durations: [null],
    sounds: [null],
    countMax: 8,
  }),
  bodiesOf({
    models: ids.filter((id) => !isImage(id)),
    imagesMax: 4,
    lastFrames: [lastFrame, null, null, null],
    ratios: ['16:9', '9:16'],
    resolutions: ['720p', '1080P', '4K'],
    durations: [4, 5, 6, 8, 10, 12, null],
    sounds: [true, false, null],
    countMax: 4,
  }),
  bodiesOf({
    models: ids,
    imagesMax: 8,
    lastFrames: [lastFrame, null],
    ratios: [...imageRatios, '2:1'],
    resolutions: ['1K', '2K', '4K', '720p', '1080p', '8K'],
    durations: [4, 5, 6, 7, 8, 10, 12, null],
    sounds: [true, false, null],
    countMax: 9,
  }),
)

function parse(body: unknown): PricedOrder | GatewayError {
  try {
    return builtin.parseOrder(body)
  } catch (error) {
    if (error instanceof GatewayError) return error
    throw error
  }
}

test('an accepted order obeys every documented rule, and keeps what was asked', () => {
  const accepted = new Set<string>()
  fc.assert(
    fc.property(bodies, (body) => {
      const priced = parse(body)
      if (priced instanceof GatewayError) return
      const { order, firstFrame } = priced
      // Posted with its first frame as its image.
      const posted = firstFrame ? { ...order, imageUrls: images(1) } : order
      accepted.add(`${order.operation} ${Object.values(order.params).join()}`)
      expect(documentedFaults(posted)).toEqual([])
      if (firstFrame) expect(documentedFaults(firstFrame.order)).toEqual([])
      expect(order.imageUrls).toEqual(body.image_urls ?? [])
      expect(order.endImageUrl).toBe(body.end_image_url ?? null)
      expect(order.count).toBe(body.generate_count ?? 1)
      expect(order.durationSeconds).toBe(body.duration ?? order.durationSeconds)
      expect(order.aspectRatio).toBe(body.aspect_ratio ?? order.aspectRatio)
      expect(order.resolution.toLowerCase()).toBe((body.resolution ?? order.resolution).toLowerCase())
      expect(order.generateAudio ?? false).toBe(body.generate_audio ?? order.generateAudio ?? false)
      expect(Number.isSafeInteger(priced.creditsEach) && priced.creditsEach >= 0).toBe(true)
      expect(priced.creditsTotal).toBe(priced.creditsEach * order.count + (firstFrame?.credits ?? 0))
    }),
    { numRuns: 3_000 },
  )
  expect(accepted.size, 'every mode is reached').toBe(5)
})

test('a refused order names a field of the body, in both languages', () => {
  fc.assert(
    fc.property(bodies, (body) => {
      const error = parse(body)
      if (!(error instanceof GatewayError)) return
      expect(error.type).toBe('invalid_request')
      expect(fieldNames).toContain(error.field?.split('.')[0])
      expect(error.text.en).toMatch(new RegExp(`^${error.field}: `))
      expect(error.text.zh).toMatch(new RegExp(`^${error.field}:`))
    }),
    { numRuns: 3_000 },
  )
})

test('any JSON at all is either an order or a refusal that the caller may read', () => {
  const odd = fc.oneof(
    fc.jsonValue(),
    fc.record({
      model_id: fc.constant('seedance-2'),
      prompt: fc.jsonValue(),
      image_urls: fc.jsonValue(),
      duration: fc.jsonValue(),
    }),
    fc.record({ model_id: fc.jsonValue(), prompt: fc.constant('x') }),
  )
  fc.assert(
    fc.property(odd, (body) => {
      const result = parse(body)
      const verdict = result instanceof GatewayError ? result.type : documentedFaults(result.order).join('; ')
      expect(['invalid_request', 'unknown_model', '']).toContain(verdict)
    }),
  )
})
