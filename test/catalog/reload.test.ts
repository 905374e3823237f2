// A reload takes the models of tollgate.yaml, also of one that has come since the start, and says what waits for the next start.
import { rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { modeOf } from '../../src/app/upstreams.ts'
import { createLiveCatalog } from '../../src/catalog/live.ts'
import { loadConfig } from '../../src/config/config.ts'
import { ConfigError } from '../../src/config/problems.ts'
import { directoryWith } from '../config/workspace.ts'

const models = (id: string, upstream = 'keevx') => `
models:
  ${id}: { name: M, price: { credits: 3 }, routes: [{ upstream: ${upstream}, operation: image_generate, params: { module: std } }] }
`

/** A catalogue as a gateway has it that started with these files. */
function begin(files: Readonly<Record<string, string>>) {
  const cwd = directoryWith(files)
  const config = loadConfig({ cwd, env: { KEEVX_API_KEY: 'one' } })
  const live = createLiveCatalog(config, modeOf(config))
  const file = join(cwd, 'tollgate.yaml')
  return {
    file,
    ids: () => live.current.models.map(({ id }) => id),
    reload(yaml: string) {
      writeFileSync(file, yaml)
      return live.reload('operator')
    },
    live,
  }
}

test('a file that came after the start is read, and has to stay from then on', () => {
  const { file, ids, reload, live } = begin({})
  expect(ids()).toContain('seedance-2')
  expect(live.reload('operator')).toEqual({ file: null, ignored: [], problems: [] })
  expect(reload(models('new'))).toEqual({ file, ignored: [], problems: [] })
  expect(ids()).toEqual(['new'])
  rmSync(file)
  expect(() => live.reload('operator')).toThrow('cannot be read: there is no such file')
  expect(ids()).toEqual(['new'])
})

test.each<[string, string, string, string[]]>([
  ['a value', 'media: { retention: 30d }', 'media: { retention: 20d }', ['media.retention']],
  ['a section that was not there', '', 'limits: { tasks_in_flight: off }', ['limits.tasks_in_flight']],
  ['one that is gone', 'webhooks: { timeout: 5s }', '', ['webhooks.timeout']],
  ['a list', 'network: { allow_hosts: [a] }', 'network: { allow_hosts: [a, b] }', ['network.allow_hosts']],
  [
    'what lies deep, and another upstream',
    'upstreams: { keevx: { submit: { attempts: 2 } } }',
    'upstreams: { keevx: { submit: { attempts: 3 }, source: own }, second: { base_url: "https://b.example" } }',
    ['upstreams.keevx.submit.attempts', 'upstreams.keevx.source', 'upstreams.second.base_url'],
  ],
  ['what means the same', 'media: { retention: 30d }', 'media: { retention: 720h, store: disk }', []],
  ['the default, written out', '', 'webhooks: { timeout: 15s }', []],
  ['a note of the operator', 'x-note: 1', 'x-note: 2', []],
])('what a reload leaves for the next start is named: %s', (_name, before, after, ignored) => {
  const { reload, ids } = begin({ 'tollgate.yaml': `${before}\n${models('a')}` })
  expect(reload(`${after}\n${models('b')}`)).toMatchObject({ ignored, problems: [] })
  expect(ids()).toEqual(['b'])
})

test('a secret that changed is named, and not shown', () => {
  const s3 = (secret: string) =>
    `media: { store: s3, endpoint: "https://s3.example", bucket: b, region: r, access_key_id: one, secret_access_key: ${secret} }\n`
  const { reload } = begin({ 'tollgate.yaml': s3('canary-before') })
  const reloaded = reload(s3('canary-after'))
  expect(reloaded.ignored).toEqual(['media.secret_access_key'])
  expect(JSON.stringify(reloaded)).not.toContain('canary')
})

test('what the next start would refuse beside the models is told with its place', () => {
  const { reload, ids } = begin({ 'tollgate.yaml': models('a') })
  const { problems } = reload(`limits: { tasks_in_flight: many }\n${models('b')}`)
  expect(problems).toEqual([expect.stringMatching(/tollgate\.yaml:1:\d+ limits\.tasks_in_flight: must be/)])
  expect(ids()).toEqual(['b'])
})

test('models that lead to an upstream of the new file alone wait for the next start, and it is said', () => {
  const { reload, ids } = begin({ 'tollgate.yaml': models('a') })
  const yaml = `upstreams: { second: { base_url: "https://b.example", api_key: two } }\n${models('b', 'second')}`
  const said = () => {
    try {
      reload(yaml)
    } catch (error) {
      return error instanceof ConfigError ? error.problems : []
    }
    return []
  }
  expect(said()).toEqual([expect.stringMatching(/was not there when the gateway started; start it again$/)])
  expect(ids()).toEqual(['a'])
})

test('capability may be left out: it says what the routes make of what', () => {
  const { live } = begin({
    'tollgate.yaml': `
models:
  a: { name: A, price: { credits: 1 }, routes: [{ upstream: keevx, operation: image_generate, params: { module: std } }] }
  b: { name: B, price: { credits: 1 }, routes: [{ upstream: keevx, operation: image_to_video, params: { model: KL } }] }
  c: { name: C, capability: Own words, price: { credits: 1 }, routes: [{ upstream: keevx, operation: image_to_video, params: { model: V } }] }
`,
  })
  expect(live.current.models.map(({ capability }) => capability)).toEqual([
    'text / image to image',
    'image to video',
    'Own words',
  ])
})
