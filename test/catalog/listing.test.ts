// What clients are told of the models agrees with what the models take.
import { describe, expect, test } from 'vitest'

import { builtin, images, order } from './bodies.ts'

test('the built-in catalogue is that of the Open API document, and one model for each Keevx mode', () => {
  expect(
    builtin.models
      .map(({ id, name, capability, output }) => [id, `${name} (${capability})`, output])
      .slice(0, 3),
  ).toEqual([
    ['seedance-2', 'Seedance 2.0 (text / image to video)', 'video_url'],
    ['gpt-image-2', 'ChatGPT Image 2 (text / image to image)', 'image_url'],
    ['nano-banana-2', 'Nano Banana 2 (text / image to image)', 'image_url'],
  ])
  expect(builtin.models.map(({ id }) => id).slice(3)).toEqual([
    'keevx-image-std',
    'keevx-image-pro',
    'keevx-v',
    'keevx-kl',
    'keevx-s',
  ])
})

test('a model is found by its id, and by nothing else', () => {
  expect(builtin.model('keevx-s')?.name).toBe('Keevx S')
  expect(builtin.model('keevx-x')).toBeNull()
  expect(builtin.model('constructor')).toBeNull()
})

describe.each(builtin.models.map((model) => [model.id, model] as const))('%s', (id, model) => {
  const needed = images(model.parameters['image_urls']?.min ?? 0)

  test('gives the defaults that it names', () => {
    const { aspectRatio, resolution, durationSeconds, generateAudio } = order({
      model_id: id,
      image_urls: needed,
    }).order
    expect(model.parameters['aspect_ratio']?.default).toBe(aspectRatio)
    expect(model.parameters['resolution']?.default).toBe(resolution)
    expect(model.parameters['duration']?.default ?? null).toBe(durationSeconds)
    expect(model.parameters['generate_audio']?.default ?? null).toBe(generateAudio)
  })

  test('takes every value of every combination that it names', () => {
    for (const combination of model.combinations) {
      const base = {
        model_id: id,
        image_urls: images(combination.images.max),
        ...(combination.end_image_url && { end_image_url: 'https://images.example/last.png' }),
      }
      for (const aspect_ratio of combination.aspect_ratio) order({ ...base, aspect_ratio })
      for (const resolution of combination.resolution) order({ ...base, resolution })
      for (const duration of combination.duration) order({ ...base, duration })
      if (combination.generate_audio) order({ ...base, generate_audio: true })
      order({ ...base, generate_count: combination.generate_count_max })
    }
    expect(model.combinations.length).toBeGreaterThan(0)
  })

  test('names the fields of video for videos alone', () => {
    expect('duration' in model.parameters).toBe(model.taskType === 'video')
    expect(model.output).toBe(`${model.taskType}_url`)
  })
})

test('seedance-2 says which values go with how many images', () => {
  const {
    duration,
    resolution,
    generate_audio: audio,
    end_image_url: end,
  } = builtin.model('seedance-2')?.parameters ?? {}
  expect(duration?.values).toEqual([4, 5, 6, 8, 10])
  expect(duration?.note?.en).toBe(
    'without images 4, 6 or 8; with 1 image 4, 5, 6, 8 or 10; with 2 or 3 images 5, 8 or 10; ' +
      'with 4 to 7 images 5 or 10; with a first and a last frame 4, 6 or 8',
  )
  expect(resolution?.note?.zh).toContain('有 4 到 7 张图片时 720p 或 1080p')
  expect(audio?.values).toEqual([true, false])
  expect(end?.required).toBe(false)
  expect(builtin.model('keevx-s')?.parameters['duration']?.note).toBeUndefined()
})

test('a price is shown as its rule and in words', () => {
  expect(builtin.model('gpt-image-2')?.price).toEqual({
    credits: 15,
    times: { resolution: { '4K': 2 } },
    text: { en: '15 credits an image; ×2 at 4K', zh: '每张图片 15 积分;4K ×2' },
  })
  expect(builtin.model('keevx-v')?.price).toMatchObject({
    per_second: 10,
    text: { en: '10 credits a second; ×1.5 at 1080p; ×3 at 4k; ×1.5 with sound' },
  })
})
