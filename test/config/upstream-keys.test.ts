// Keys belong to an upstream: none is given another's, and none is shown.
import { expect, test } from 'vitest'
import { loadConfig } from '../../src/config/config.ts'
import { shownConfig } from '../../src/config/shown.ts'
import { directoryWith, problemsOf } from './workspace.ts'

const canary = 'canary-5d20c3-never-shown-anywhere'

const second = (key: string) => `upstreams: { second: { base_url: "https://second.example/v1", ${key} } }`

const keysIn = (files: Record<string, string>, env: NodeJS.ProcessEnv = {}) => {
  const { upstreams } = loadConfig({ cwd: directoryWith(files), env })
  return Object.fromEntries(Object.entries(upstreams).map(([name, { keys }]) => [name, keys]))
}

test('KEEVX_API_KEY is of the upstream named keevx alone', () => {
  const files = { 'tollgate.yaml': second('source: gate') }
  expect(keysIn(files, { KEEVX_API_KEY: 'one,two' })).toEqual({ second: [], keevx: ['one', 'two'] })
})

test.each<[string, string, Record<string, string>, NodeJS.ProcessEnv]>([
  ['in the file', `api_key: ${canary}`, {}, {}],
  ['in a variable', 'api_key_env: SECOND_KEY', {}, { SECOND_KEY: canary }],
  [
    'in a file of its own, beside tollgate.yaml',
    'api_key_file: second.key',
    { 'second.key': `${canary}\n` },
    {},
  ],
])('an upstream has its own key %s', (_name, key, files, env) => {
  const yaml = { 'tollgate.yaml': second(key) }
  expect(keysIn({ ...yaml, ...files }, { ...env, KEEVX_API_KEY: 'one' })).toEqual({
    second: [canary],
    keevx: ['one'],
  })
  const config = loadConfig({ cwd: directoryWith({ ...yaml, ...files }), env })
  expect(JSON.stringify(shownConfig(config))).not.toContain(canary)
  expect(shownConfig(config).upstreams['second']?.api_key).toEqual([`•••• (${canary.length} characters)`])
})

test('several keys are parted by commas, as those of Keevx are', () => {
  const files = { 'tollgate.yaml': second('api_key_env: SECOND_KEY') }
  expect(keysIn(files, { SECOND_KEY: ' a , b,a ' })).toMatchObject({ second: ['a', 'b'] })
})

test('a variable that is not set gives no key, and is no mistake of those who ask nothing of the upstream', () => {
  expect(keysIn({ 'tollgate.yaml': second('api_key_env: SECOND_KEY') })).toEqual({ second: [], keevx: [] })
})

test.each<[string, Record<string, string>, NodeJS.ProcessEnv, RegExp]>([
  [
    'two places',
    { 'tollgate.yaml': second(`api_key: ${canary}, api_key_env: X`) },
    {},
    /name one of api_key, /,
  ],
  [
    'a file that is not there',
    { 'tollgate.yaml': second('api_key_file: no.key') },
    {},
    /cannot be read: there is no such file/,
  ],
  ['an empty file', { 'tollgate.yaml': second('api_key_file: k'), k: ' \n' }, {}, /the file k is empty/],
  [
    'a key with a space',
    { 'tollgate.yaml': second('api_key_env: X') },
    { X: `${canary} x` },
    /holds a space/,
  ],
  ['a stray comma', { 'tollgate.yaml': second('api_key_env: X') }, { X: `${canary},` }, /is empty/],
  ['no name of a variable', { 'tollgate.yaml': second(`api_key_env: "$ X"`) }, {}, /environment variable/],
  [
    'both the file and KEEVX_API_KEY',
    { 'tollgate.yaml': `upstreams: { keevx: { api_key: ${canary} } }` },
    { KEEVX_API_KEY: 'one' },
    /given twice/,
  ],
])('%s is told, without the key', (_name, files, env, words) => {
  const cwd = directoryWith(files)
  const problems = problemsOf(cwd, () => loadConfig({ cwd, env })).join('\n')
  expect(problems).toMatch(words)
  expect(problems).not.toContain(canary)
})

const polled = (key: string) => second(`api_key: new, ${key}`)

test.each<[string, string, Record<string, string>, NodeJS.ProcessEnv]>([
  ['one', `polls_only: ${canary}`, {}, {}],
  ['a list', `polls_only: [${canary}, older]`, {}, {}],
  ['several with commas', `polls_only: "${canary},older"`, {}, {}],
  ['in a variable', 'polls_only_env: OLD', {}, { OLD: canary }],
  ['in a file', 'polls_only_file: old.key', { 'old.key': `${canary}\n` }, {}],
])('keys of before stay as polls_only: %s; none is shown', (_name, key, files, env) => {
  const cwd = directoryWith({ 'tollgate.yaml': polled(key), ...files })
  const config = loadConfig({ cwd, env })
  expect(config.upstreams['second']).toMatchObject({ keys: ['new'] })
  expect(config.upstreams['second']?.pollsOnlyKeys[0]).toBe(canary)
  expect(JSON.stringify(shownConfig(config))).not.toContain(canary)
})

test('those of keevx stand in the environment too, and go with it under a new name', () => {
  const env = { KEEVX_API_KEY: 'new', KEEVX_API_KEY_POLLS_ONLY: 'old,older' }
  const expected = { keys: ['new'], pollsOnlyKeys: ['old', 'older'] }
  expect(loadConfig({ cwd: directoryWith({}), env }).upstreams['keevx']).toMatchObject(expected)
  const renamed = { 'tollgate.yaml': 'upstreams: { renamed: { aliases: [keevx] } }' }
  const { upstreams } = loadConfig({ cwd: directoryWith(renamed), env })
  expect(Object.keys(upstreams)).toEqual(['renamed'])
  expect(upstreams['renamed']).toMatchObject(expected)
  const named = { 'tollgate.yaml': 'upstreams: { r: { aliases: [keevx], api_key_env: KEEVX_API_KEY } }' }
  expect(loadConfig({ cwd: directoryWith(named), env }).upstreams['r']).toMatchObject(expected)
})

test.each<[string, string, NodeJS.ProcessEnv, RegExp]>([
  ['a key that also orders', polled('polls_only: new'), {}, /also among those that orders are posted with/],
  [
    'one of keevx that also orders',
    '',
    { KEEVX_API_KEY: 'one', KEEVX_API_KEY_POLLS_ONLY: 'one' },
    /^KEEVX_API_KEY_POLLS_ONLY: .*also among/,
  ],
  ['two places', polled('polls_only: a, polls_only_env: B'), {}, /name one of polls_only, /],
  ['a key with a space', polled(`polls_only: ["${canary} x"]`), {}, /without spaces/],
  ['an alias that is taken', 'upstreams: { a: { aliases: [b] }, b: {} }', {}, /a\.aliases\[0\]: is the name/],
  ['one alias of two', 'upstreams: { a: { aliases: [c] }, b: { aliases: [c] } }', {}, /aliases\[0\]: is the/],
  ['an alias of no form', 'upstreams: { a: { aliases: ["B B"] } }', {}, /lower-case letters/],
])('%s is told, without the key', (_name, yaml, env, words) => {
  const cwd = directoryWith({ 'tollgate.yaml': yaml })
  const problems = problemsOf(cwd, () => loadConfig({ cwd, env })).join('\n')
  expect(problems).toMatch(words)
  expect(problems).not.toContain(canary)
})

test('a route may name an upstream by its alias', () => {
  const yaml = `upstreams: { renamed: { aliases: [old] } }
models: { m: { name: M, capability: c, price: { credits: 1 }, routes: [{ upstream: old, operation: o }] } }`
  expect(() => loadConfig({ cwd: directoryWith({ 'tollgate.yaml': yaml }), env: {} })).not.toThrow()
})
