// The modes are what Keevx's documents allow, no more and no less.
import { expect, test } from 'vitest'
import { keevxMode } from '../../src/upstream/keevx/modes.ts'

const parameters = {
  image_generate: [{ module: 'std' }, { module: 'pro' }],
  image_to_video: [{ model: 'V' }, { model: 'KL' }, { model: 'S' }],
}

function shapesOf(model: string) {
  const mode = keevxMode('image_to_video', { model })
  return mode?.shapes.map(({ name, images, endImage, durations, audio }) => {
    return [name, images.min, images.max, endImage, durations.toSorted((a, b) => a - b), audio]
  })
}

test('both image modules make up to 8 images in ten ratios, from up to 5 references, without sound or seconds', () => {
  for (const params of parameters.image_generate) {
    expect(keevxMode('image_generate', params)).toEqual({
      taskType: 'image',
      countMax: 8,
      aspectRatios: ['1:1', '3:2', '2:3', '3:4', '4:3', '4:5', '5:4', '9:16', '16:9', '21:9'],
      resolutions: ['1K', '2K', '4K'],
      defaults: { aspectRatio: '9:16', resolution: '2K' },
      shapes: [
        { name: 'references', images: { min: 0, max: 5 }, endImage: false, durations: [], audio: false },
      ],
    })
  }
})

test('V takes text, one image, two frames, or two to three references that last 8 seconds, all with sound', () => {
  expect(shapesOf('V')).toEqual([
    ['text', 0, 0, false, [4, 6, 8], true],
    ['start_frame', 1, 1, false, [4, 6, 8], true],
    ['start_and_end_frame', 1, 1, true, [4, 6, 8], true],
    ['references', 2, 3, false, [8], true],
  ])
  expect(keevxMode('image_to_video', { model: 'V' })?.resolutions).toEqual(['720p', '1080p', '4k'])
})

test('V lasts 8 seconds where nothing is said, which each of its shapes takes', () => {
  expect(keevxMode('image_to_video', { model: 'V' })?.shapes.map(({ durations }) => durations[0])).toEqual([
    8, 8, 8, 8,
  ])
})

test('KL takes one to seven references for 5 or 10 seconds, without sound and 4k', () => {
  expect(shapesOf('KL')).toEqual([['references', 1, 7, false, [5, 10], false]])
  expect(keevxMode('image_to_video', { model: 'KL' })?.resolutions).toEqual(['720p', '1080p'])
})

test('S takes exactly one start frame for 4, 8 or 12 seconds in 720p, without sound', () => {
  expect(shapesOf('S')).toEqual([['start_frame', 1, 1, false, [4, 8, 12], false]])
  expect(keevxMode('image_to_video', { model: 'S' })?.resolutions).toEqual(['720p'])
})

test.each(parameters.image_to_video)(
  'video $model: up to 4 outputs, two ratios, 16:9 in 720p by default',
  (params) => {
    expect(keevxMode('image_to_video', params)).toMatchObject({
      taskType: 'video',
      countMax: 4,
      aspectRatios: ['16:9', '9:16'],
      defaults: { aspectRatio: '16:9', resolution: '720p' },
    })
  },
)

test.each([
  ['image_generate', {}],
  ['image_generate', { module: 'ultra' }],
  ['image_generate', { module: '' }],
  ['image_generate', { module: 'pro', seed: '1' }],
  ['image_generate', { model: 'V' }],
  ['image_to_video', {}],
  ['image_to_video', { model: 'v' }],
  ['image_to_video', { model: 'V', module: 'pro' }],
  ['image_to_video', { model: 'constructor' }],
  ['text_to_speech', { model: 'V' }],
])('%s with %j is no mode', (operation, params) => {
  expect(keevxMode(operation, params as unknown as Record<string, string>)).toBeNull()
})
