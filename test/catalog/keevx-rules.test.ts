// Every rule of the Keevx documents, mode by mode: the allowed is ordered as asked, the rest is refused.
import { describe, expect, test } from 'vitest'

import { type Body, images, lastFrame, order, refused } from './bodies.ts'

/** Parameters that are taken, and what is ordered because of them. */
type Good = readonly [body: Body, ordered: Readonly<Record<string, unknown>>]
/** Parameters that are refused, the field at fault, and a part of the words. */
type Bad = readonly [body: Body, field: string, words: string]

function rules(
  modelId: string,
  params: Readonly<Record<string, string>>,
  good: readonly Good[],
  bad: readonly Bad[],
) {
  describe(`the rules of ${modelId}`, () => {
    test.each(good)('takes %j', (body, ordered) => {
      expect(order({ model_id: modelId, ...body }).order).toMatchObject({ params, ...ordered })
    })
    test.each(bad)('refuses %j because of %s', (body, field, words) => {
      const error = refused({ model_id: modelId, ...body })
      expect(error).toMatchObject({ type: 'invalid_request', field })
      expect(error.text.en).toContain(words)
      expect(error.text.zh).toMatch(/[一-鿿]/)
    })
  })
}

const imageRatios = ['1:1', '3:2', '2:3', '3:4', '4:3', '4:5', '5:4', '9:16', '16:9', '21:9']

for (const module of ['std', 'pro']) {
  rules(
    `keevx-image-${module}`,
    { module },
    [
      [{}, { operation: 'image_generate', aspectRatio: '9:16', resolution: '2K', imageUrls: [], count: 1 }],
      [{}, { endImageUrl: null, durationSeconds: null, generateAudio: null }],
      ...imageRatios.map((ratio): Good => [{ aspect_ratio: ratio }, { aspectRatio: ratio }]),
      ...['1K', '2K', '4K'].map((resolution): Good => [{ resolution }, { resolution }]),
      [{ resolution: '4k' }, { resolution: '4K' }],
      [{ image_urls: images(5) }, { imageUrls: images(5) }],
      [{ generate_count: 8 }, { count: 8 }],
      [{ end_image_url: null, duration: null, generate_audio: null, image_urls: null }, { imageUrls: [] }],
    ],
    [
      [{ image_urls: images(6) }, 'image_urls', 'takes up to 5 images; 6 given'],
      [{ aspect_ratio: '2:1' }, 'aspect_ratio', '1:1, 3:2, 2:3, 3:4, 4:3, 4:5, 5:4, 9:16, 16:9 or 21:9'],
      [{ aspect_ratio: '' }, 'aspect_ratio', '21:9, not ""'],
      [{ resolution: '720p' }, 'resolution', '1K, 2K or 4K, not "720p"'],
      [{ generate_count: 9 }, 'generate_count', 'from 1 to 8; 9 given'],
      [{ generate_count: 0 }, 'generate_count', 'at least 1'],
      [{ duration: 8 }, 'duration', 'no duration'],
      [{ generate_audio: true }, 'generate_audio', 'no sound'],
      [{ generate_audio: false }, 'generate_audio', 'no sound'],
      [{ image_urls: images(1), end_image_url: lastFrame }, 'end_image_url', 'no last frame'],
    ],
  )
}

const waysOfV: readonly [string, Body][] = [
  ['text alone', {}],
  ['one image', { image_urls: images(1) }],
  ['a first and a last frame', { image_urls: images(1), end_image_url: lastFrame }],
]

for (const [way, given] of waysOfV) {
  describe(`given ${way}`, () => {
    rules(
      'keevx-v',
      { model: 'V' },
      [
        [
          given,
          {
            operation: 'image_to_video',
            durationSeconds: 8,
            aspectRatio: '16:9',
            resolution: '720p',
            generateAudio: false,
          },
        ],
        ...[4, 6, 8].map((duration): Good => [{ ...given, duration }, { durationSeconds: duration }]),
        ...['720p', '1080p', '4k'].map((resolution): Good => [{ ...given, resolution }, { resolution }]),
        [{ ...given, resolution: '4K' }, { resolution: '4k' }],
        [{ ...given, aspect_ratio: '9:16' }, { aspectRatio: '9:16' }],
        [{ ...given, generate_audio: true }, { generateAudio: true }],
        [{ ...given, generate_count: 4 }, { count: 4 }],
      ],
      [
        [{ ...given, duration: 5 }, 'duration', 'can be 4, 6 or 8 seconds; 5 given'],
        [{ ...given, duration: 12 }, 'duration', '12 given'],
        [{ ...given, resolution: '2K' }, 'resolution', '720p, 1080p or 4k'],
        [{ ...given, aspect_ratio: '1:1' }, 'aspect_ratio', '16:9 or 9:16'],
        [{ ...given, generate_count: 5 }, 'generate_count', 'from 1 to 4'],
      ],
    )
  })
}

rules(
  'keevx-v',
  { model: 'V' },
  [2, 3].flatMap((count): Good[] => [
    [{ image_urls: images(count) }, { durationSeconds: 8, imageUrls: images(count) }],
    [
      { image_urls: images(count), duration: 8, resolution: '4k', generate_audio: true },
      { generateAudio: true },
    ],
  ]),
  [
    [{ image_urls: images(2), duration: 6 }, 'duration', 'with 2 or 3 images a video is always 8 seconds'],
    [{ image_urls: images(3), duration: 4 }, 'duration', 'with 2 or 3 images a video is always 8 seconds'],
    [{ image_urls: images(4) }, 'image_urls', 'takes up to 3 images; 4 given'],
    [{ end_image_url: lastFrame }, 'image_urls', 'end_image_url goes with 1 image in image_urls'],
    [{ image_urls: images(2), end_image_url: lastFrame }, 'image_urls', 'the first frame; 2 given'],
  ],
)

rules(
  'keevx-kl',
  { model: 'KL' },
  [1, 2, 3, 4, 5, 6, 7].flatMap((count): Good[] => [
    [{ image_urls: images(count) }, { durationSeconds: 5, generateAudio: null, imageUrls: images(count) }],
    [
      { image_urls: images(count), duration: 10, resolution: '1080P', generate_audio: false },
      { resolution: '1080p' },
    ],
  ]),
  [
    [{ image_urls: images(8) }, 'image_urls', 'takes up to 7 images; 8 given'],
    [{ duration: 8 }, 'duration', '5 or 10 seconds'],
    [{ image_urls: images(2), duration: 8 }, 'duration', '5 or 10 seconds'],
    [{ image_urls: images(2), resolution: '4k' }, 'resolution', '720p or 1080p'],
    [{ image_urls: images(2), generate_audio: true }, 'generate_audio', 'makes no sound'],
    [{ image_urls: images(1), end_image_url: lastFrame }, 'end_image_url', 'takes no last frame'],
    [{ image_urls: images(1), generate_count: 5 }, 'generate_count', 'from 1 to 4'],
    [{ image_urls: images(1), aspect_ratio: '4:3' }, 'aspect_ratio', '16:9 or 9:16'],
  ],
)

rules(
  'keevx-s',
  { model: 'S' },
  [
    [{ image_urls: images(1) }, { durationSeconds: 4, resolution: '720p', generateAudio: null }],
    ...[4, 8, 12].map((duration): Good => [
      { image_urls: images(1), duration },
      { durationSeconds: duration },
    ]),
    [
      { image_urls: images(1), generate_audio: false, generate_count: 4 },
      { generateAudio: null, count: 4 },
    ],
  ],
  [
    [{ image_urls: images(2) }, 'image_urls', 'takes up to 1 image; 2 given'],
    [{ duration: 6 }, 'duration', '4, 8 or 12 seconds'],
    [{ image_urls: images(1), duration: 6 }, 'duration', '4, 8 or 12 seconds'],
    [{ image_urls: images(1), resolution: '1080p' }, 'resolution', 'it must be 720p'],
    [{ image_urls: images(1), generate_audio: true }, 'generate_audio', 'makes no sound'],
    [{ image_urls: images(1), end_image_url: lastFrame }, 'end_image_url', 'takes no last frame'],
  ],
)
