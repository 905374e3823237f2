// No model is sold that leads to an upstream without a key: not at the start, and not by a catalogue that is read later.
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { modeOf } from '../../src/app/upstreams.ts'
import { requireKeys } from '../../src/catalog/keyless.ts'
import { createLiveCatalog } from '../../src/catalog/live.ts'
import { loadConfig } from '../../src/config/config.ts'
import { directoryWith, problemsOf } from '../config/workspace.ts'

const upstreams = (key = '') => `
upstreams:
  second: { base_url: "https://second.example/v1"${key} }
  third: { base_url: "https://third.example/v1" }
`
const model = (id: string, ...names: string[]) => `
  ${id}:
    name: ${id}
    capability: draws
    price: { credits: 3 }
    routes: [${names.map((name) => `{ upstream: ${name}, operation: image_generate, params: { module: std } }`).join(', ')}]
`
const models = (...all: string[]) => `models:${all.join('')}`

function open(yaml: string, env: NodeJS.ProcessEnv = {}) {
  const cwd = directoryWith({ 'tollgate.yaml': yaml })
  const config = loadConfig({ cwd, env })
  return { cwd, config, live: createLiveCatalog(config, modeOf(config)) }
}

const startProblems = (yaml: string, env: NodeJS.ProcessEnv = {}): string[] => {
  const { cwd, config, live } = open(yaml, env)
  return problemsOf(cwd, () => requireKeys(config, live.current))
}

const key = { KEEVX_API_KEY: 'one' }

test.each<[string, string, NodeJS.ProcessEnv, string[]]>([
  [
    'one that has none beside one that has',
    models(model('a', 'keevx'), model('b', 'second')),
    key,
    ['second'],
  ],
  ['two that have none', models(model('a', 'second'), model('b', 'third')), key, ['second', 'third']],
  [
    'keevx, where another has a key',
    models(model('a', 'keevx'), model('b', 'second')),
    {},
    ['keevx', 'second'],
  ],
])('a start is refused for every upstream without a key: %s', (_name, yaml, env, names) => {
  expect(startProblems(upstreams() + yaml, env)).toEqual(
    names.map((name) =>
      expect.stringMatching(
        new RegExp(
          `^upstreams\\.${name}: .* no key.*api_key${name === 'keevx' ? ', or set KEEVX_API_KEY' : ''}$`,
        ),
      ),
    ),
  )
})

test('where keevx alone is sold, its refusal names the sandbox too', () => {
  expect(startProblems(upstreams() + models(model('a', 'keevx')), {}).join('\n')).toContain('serve --sandbox')
})

test('an upstream that no model leads to needs no key', () => {
  const { config, live } = open(upstreams(', api_key: two') + models(model('a', 'second')))
  expect(() => requireKeys(config, live.current)).not.toThrow()
})

test('a catalogue that leads to an upstream without a key is not taken, and the one before stays', () => {
  const before = upstreams(', api_key: two') + models(model('a', 'second'))
  const { cwd, live } = open(before, key)
  const { current, version } = live
  const file = join(cwd, 'tollgate.yaml')
  writeFileSync(file, upstreams(', api_key: two') + models(model('a', 'second'), model('b', 'third')))
  expect(problemsOf(cwd, () => live.reload('operator'))).toEqual([
    expect.stringMatching(/^upstreams\.third: .* no key .* start the gateway again$/),
  ])
  expect([live.current, live.version]).toEqual([current, version])
  writeFileSync(file, upstreams(', api_key: two') + models(model('a', 'second'), model('b', 'keevx')))
  live.reload('operator')
  expect(live.version).toBe(version + 1)
  expect(live.current.upstreams).toEqual(['second', 'keevx'])
})

test('a key that is named while the gateway serves is read at its next start', () => {
  const { cwd, live } = open(upstreams() + models(model('a', 'keevx')), key)
  writeFileSync(join(cwd, 'tollgate.yaml'), upstreams(', api_key: two') + models(model('a', 'second')))
  expect(problemsOf(cwd, () => live.reload('operator'))).toEqual([
    expect.stringContaining('upstreams.second'),
  ])
})
