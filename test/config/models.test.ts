// The models section: what a model has to say, and the bounds of its prices.
import { expect, test } from 'vitest'

import { loadOffer } from '../../src/config/file/reread.ts'
import { directoryWith, problemsOf } from './workspace.ts'

function read(model: string) {
  const directory = directoryWith({ 'm.yaml': `models: { ${model} }` })
  return loadOffer(`${directory}/m.yaml`, ['keevx']).models
}

function complaints(model: string) {
  const directory = directoryWith({ 'm.yaml': `models: { ${model} }` })
  return problemsOf(directory, () => loadOffer(`${directory}/m.yaml`, ['keevx']))
}

const route = '{ upstream: keevx, operation: image_generate, params: { module: pro } }'
const priced = (price: string) => `a: { name: A, capability: c, price: ${price}, routes: [${route}] }`

test('the documented example is read as it stands', () => {
  const example = `gpt-image-2: { name: ChatGPT Image 2, capability: text / image to image,
    defaults: { aspect_ratio: "1:1", resolution: 2K },
    price: { credits: 15, times: { resolution: { 4K: 2 } } }, routes: [${route}] }`
  expect(read(example)).toEqual({
    'gpt-image-2': {
      name: 'ChatGPT Image 2',
      capability: 'text / image to image',
      aliases: [],
      defaults: { aspect_ratio: '1:1', resolution: '2K' },
      price: { credits: 15, times: { resolution: { '4K': 2 } } },
      routes: [{ upstream: 'keevx', operation: 'image_generate', params: { module: 'pro' } }],
    },
  })
})

test('keys that YAML reads as numbers and flags are values of parameters all the same', () => {
  expect(
    read(priced('{ per_second: 0.000001, times: { duration: { 8: 0.5 }, generate_audio: { true: 2 } } }'))?.[
      'a'
    ]?.price,
  ).toEqual({
    perSecond: 0.000001,
    times: { duration: { '8': 0.5 }, generate_audio: { true: 2 } },
  })
})

test('routes may have defaults of their own', () => {
  const own = '{ upstream: keevx, operation: o, defaults: { duration: 5, generate_audio: true } }'
  const models = read(`a: { name: A, capability: c, price: { credits: 0 }, routes: [${own}] }`)
  expect(models?.['a']?.routes[0]).toEqual({
    upstream: 'keevx',
    operation: 'o',
    params: {},
    defaults: { duration: 5, generate_audio: true },
  })
})

const aliased = (id: string, aliases: string) =>
  `${id}: { name: A, aliases: ${aliases}, price: { credits: 1 }, routes: [${route}] }`

test.each([
  [
    'of another model',
    `${aliased('a', '[b]')}, ${aliased('b', '[]')}`,
    /a\.aliases\[0\]: is the name of another model/,
  ],
  ['of its own', aliased('a', '[c, a]'), /a\.aliases\[1\]: is the name of another model/],
  [
    'of another alias',
    `${aliased('a', '[c]')}, ${aliased('b', '[c]')}`,
    /b\.aliases\[0\]: is the name of another/,
  ],
  ['that no id can have', aliased('a', '["a b"]'), /a\.aliases\[0\]: .*lower-case letters/],
])('an alias is a name of its own: one %s is refused', (_which, models, complaint) => {
  expect(complaints(models).join()).toMatch(complaint)
})

test.each([
  [priced('{}'), /a\.price: must hold exactly one of credits .* and per_second/],
  [priced('{ credits: 1, per_second: 1 }'), /a\.price: must hold exactly one/],
  [priced('{ credits: 1.5 }'), /price\.credits: must be a whole number from 0 to 1000000000, not 1.5/],
  [priced('{ credits: -1 }'), /price\.credits: must be a whole number/],
  [priced('{ credits: 1000000001 }'), /price\.credits: must be a whole number/],
  [priced('{ per_second: -0.1 }'), /price\.per_second: must be a number from 0/],
  [priced('{ per_second: .inf }'), /price\.per_second: must be a number/],
  [priced('{ per_second: .nan }'), /price\.per_second: must be a number/],
  [priced('{ per_second: 0.0000001 }'), /price\.per_second: must have at most 6 decimals/],
  [priced('{ per_second: 1.1234567 }'), /price\.per_second: must have at most 6 decimals/],
  [
    priced('{ credits: 1, times: { resolution: { 4K: -2 } } }'),
    /times\.resolution\.4K: must be a number from 0/,
  ],
  [priced('{ credits: 1, times: { resolution: { 4K: 1.1234567 } } }'), /at most 6 decimals/],
  [
    priced('{ credits: 1, times: { resolutoin: {} } }'),
    /times\.resolutoin: unknown key; did you mean resolution\?/,
  ],
  [priced('{ credits: 1, times: { generate_count: { 2: 2 } } }'), /times\.generate_count: unknown key/],
  [
    'a: { name: A, capability: c, price: { credits: 1 }, routes: [] }',
    /a\.routes: must name at least one route/,
  ],
  ['a: { name: A, capability: c, price: { credits: 1 } }', /a\.routes: is missing/],
  ['a:', /a: is missing/],
  [
    `a: { name: A, capability: c, price: { credits: 1 }, defaults: { duration: "5" }, routes: [${route}] }`,
    /duration: must be a whole number/,
  ],
  [
    `a: { name: A, capability: c, price: { credits: 1 }, defaults: { generate_audio: yes }, routes: [${route}] }`,
    /generate_audio: must be true or false, not "yes"/,
  ],
  [
    `UPPER: { name: A, capability: c, price: { credits: 1 }, routes: [${route}] }`,
    /models\.UPPER: must be 1 to 64 lower-case/,
  ],
  [
    `${'x'.repeat(65)}: { name: A, capability: c, price: { credits: 1 }, routes: [${route}] }`,
    /must be 1 to 64/,
  ],
  [
    `-a: { name: A, capability: c, price: { credits: 1 }, routes: [${route}] }`,
    /the first a letter or digit/,
  ],
  [
    `a: { name: A, capability: c, price: { credits: 1 }, routes: [{ upstream: keevx }] }`,
    /routes\[0\]\.operation: is missing/,
  ],
  [
    `a: { name: A, capability: c, price: { credits: 1 }, routes: [{ upstream: keevx, operation: o, params: { n: 5 } }] }`,
    /params\.n: must be text, not 5; quote it/,
  ],
])('%s is refused', (model, words) => {
  expect(complaints(model).join('\n')).toMatch(words)
})
