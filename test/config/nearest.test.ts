// The did-you-mean finds slips, and keeps silent where nothing is near.
import { expect, test } from 'vitest'

import { nearest } from '../../src/config/nearest.ts'

const fields = ['model_id', 'prompt', 'image_urls', 'end_image_url', 'aspect_ratio', 'generate_count']

test.each([
  ['promt', 'prompt'],
  ['pormpt', 'prompt'],
  ['Prompt', 'prompt'],
  ['image_url', 'image_urls'],
  ['modelid', 'model_id'],
  ['aspectRatio', 'aspect_ratio'],
  ['model', 'model_id'],
  ['ratio', 'aspect_ratio'],
])('%s was meant to be %s', (word, meant) => {
  expect(nearest(word, fields)).toBe(meant)
})

test.each([['seed'], ['style'], [''], ['x'], ['p'.repeat(5000)]])('%s is near to nothing', (word) => {
  expect(nearest(word, fields)).toBeNull()
})

test('without candidates nothing is near', () => {
  expect(nearest('prompt', [])).toBeNull()
})
