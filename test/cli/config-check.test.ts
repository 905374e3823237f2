// `config check` fails where serve would, with all problems at once, and speaks in the names that an operator writes.
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { cleanUpAfterwards, newFolder, tollgate } from './command.ts'

cleanUpAfterwards()

const wrong = `
upstreams:
  keevx: { api_key: one, api_key_env: TWO, submit: { attempts: 0 } }
  second: { base_url: "https://b.example", api_key_file: nowhere.txt }
media: { store: s3, retention: 5 }
models:
  a:
    price: { credits: 1.5, times: { resolution: { 8K: 2 } } }
    defaults: { duration: "5", aspect_ratio: "5:1" }
    routes:
      - { upstream: keevx, operation: image_generate, params: { module: ultra } }
      - { upstream: kevx, operation: image_generate, params: { module: pro } }
  b: { name: B, price: { credits: 2 }, routes: [{ upstream: second, operation: image_generate, params: { module: std } }] }
  c: { name: C, price: { credits: 2 }, routes: [{ upstream: third, operation: image_generate, params: { module: std } }] }
`

test.each(['config check', 'serve'])('%s tells everything that is wrong at once', async (line) => {
  const folder = newFolder()
  writeFileSync(join(folder, 'tollgate.yaml'), wrong)
  const env = { PORT: 'http', DATABASE_URL: 'mysql://h/x' }
  const { code, json } = await tollgate(folder, [...line.split(' '), '--json'], { env })
  expect(code).toBe(78)
  for (const words of [
    /^PORT: must be a port/,
    /^DATABASE_URL: must be file: and a path, or start with postgres/,
    /:3:\d+ upstreams\.keevx\.api_key_env: name one of/,
    /:3:\d+ upstreams\.keevx\.submit\.attempts: must be a whole number/,
    /^upstreams\.second\.api_key_file: the file cannot be read/,
    /:5:\d+ media\.retention: .*needs a unit/,
    /:5:\d+ media\.bucket: is missing/,
    /:7:\d+ models\.a\.name: is missing/,
    /:8:\d+ models\.a\.price\.credits: must be a whole number/,
    /:8:\d+ models\.a\.price\.times\.resolution\.8K: no route of this model takes 8K/,
    /:9:\d+ models\.a\.defaults\.duration: must be a whole number/,
    /:9:\d+ models\.a\.defaults\.aspect_ratio: no route of this model takes 5:1/,
    /:11:\d+ models\.a\.routes\[0\]: the upstream keevx has no image_generate with \{ module: ultra \}/,
    /:12:\d+ models\.a\.routes\[1\]\.upstream: there is no upstream of this name; did you mean keevx\?/,
    /:14:\d+ models\.c\.routes\[0\]\.upstream: there is no upstream of this name/,
  ]) {
    expect(json.problems).toContainEqual(expect.stringMatching(words))
  }
  expect(json.problems).toHaveLength(new Set(json.problems).size)
})

test('config check without a key fails as serve does, and is content with --sandbox', async () => {
  const folder = newFolder()
  const bare = await tollgate(folder, ['config', 'check'])
  expect(bare).toMatchObject({ code: 78, stdout: '' })
  expect(bare.stderr).toContain('KEEVX_API_KEY=… tollgate serve')
  const { code, json, stderr } = await tollgate(folder, ['config', 'check', '--sandbox', '--json'])
  expect(code).toBe(0)
  expect(stderr).toMatch(
    /^Store: .*data\/tollgate\.db\. Configuration: .*\nok \(no tollgate\.yaml: defaults\)\n$/,
  )
  expect(json.upstreams.keevx.image).toEqual({ poll_every: '10s', give_up_after: '20m' })
  expect(json.media).toEqual({
    store: 'disk',
    shared: false,
    retention: '30d',
    max_bytes: '2GB',
    uploads: 'ours',
    uploads_max_bytes: '5GB',
    uploads_max_files: 5000,
    uploads_retention: '7d',
  })
  expect(JSON.stringify(Object.values(json))).not.toMatch(/"[a-z]+[A-Z][A-Za-z]*":/)
})
