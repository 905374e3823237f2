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
