// While it serves: the catalogue is put in place anew, secrets stay secret, and the doctor tells good from bad.
import { readFileSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { startSandbox } from '../../sandbox/sandbox.ts'
import type { Sandbox } from '../../sandbox/sandbox.ts'
import { quickYaml, until } from '../support/gateway.ts'
import { wholeLines } from '../support/whole-lines.ts'
import { root } from '../tidy/tree.ts'
import { ask, cleanUpAfterwards, newFolder, serving, start, tollgate } from './command.ts'
import type { Serving } from './command.ts'

cleanUpAfterwards()

const upstreamKey = 'canary-of-the-upstream-key'
const operatorToken = 'canary-of-the-operator-token-which-is-long'
const folder = newFolder()
const file = join(folder, 'tollgate.yaml')
const env = {
  KEEVX_API_KEY_FILE: 'keevx-key.txt',
  ADMIN_TOKEN_FILE: 'admin-token.txt',
  ADMIN_TOKEN: undefined,
  LOG_LEVEL: 'debug',
}
const model = (credits: unknown) => `
models:
  one:
    name: One
    capability: text to image
    defaults: { aspect_ratio: "1:1", resolution: 1K }
    price: { credits: ${String(credits)} }
    routes: [{ upstream: keevx, operation: image_generate, params: { module: pro } }]
`

let upstream: Sandbox
let gateway: Serving
let key = ''
beforeAll(async () => {
  upstream = await startSandbox({ apiKey: upstreamKey, imageMs: 20 })
  writeFileSync(join(folder, 'keevx-key.txt'), `${upstreamKey}\n`)
  writeFileSync(join(folder, 'admin-token.txt'), `${operatorToken}\n`)
  writeFileSync(file, quickYaml + model(11))
  const NODE_OPTIONS = `--import=${join(root, 'test/cli/programs/shortage.ts')}`
  gateway = await serving(folder, ['serve'], {
    env: { ...env, KEEVX_BASE_URL: upstream.baseUrl, NODE_OPTIONS },
  })
})
afterAll(async () => await upstream.close())

const operator = (path: string, body?: unknown) => ask(`${gateway.url}/admin/v1${path}`, operatorToken, body)
const price = async () =>
  (await ask(`${gateway.url}/api/v1/quote`, key, { model_id: 'one', prompt: 'a heron' })).data?.credits
const logged = () => wholeLines(gateway.stdout()).map((line) => JSON.parse(line))

test('a timer and a promise that fail for want of descriptors are counted, and the gateway serves on', async () => {
  const shortages = async () => {
    const text = await (await fetch(`${gateway.url}/metrics`)).text()
    return Number(/^tollgate_descriptor_shortages_total (\d+)$/m.exec(text)?.[1] ?? 0)
  }
  process.kill(gateway.child.pid ?? expect.fail('no pid'), 'SIGWINCH')
  expect(await until(shortages, (count) => count === 2)).toBe(2)
  const said = logged().filter(({ msg }) => String(msg).includes('out of descriptors'))
  expect(said).toHaveLength(1)
})

describe('the catalogue', () => {
  beforeAll(async () => {
    const { id } = (await operator('/accounts', { name: 'Ann', credits: 100 })).data
    key = (await operator(`/accounts/${id}/keys`, { name: 'first' })).data.key
  })

  test('is read again when the file is written, and when another is put in its place', async () => {
    expect(await price()).toBe(11)
    writeFileSync(file, quickYaml + model(12))
    await until(price, (credits) => credits === 12)
    writeFileSync(join(folder, 'next.yaml'), quickYaml + model(13))
    renameSync(join(folder, 'next.yaml'), file)
    expect(await until(price, (credits) => credits === 13)).toBe(13)
  })

  test('stays as it was when the file is wrong; the log and the operator API say what is wrong', async () => {
    writeFileSync(file, quickYaml + model('eleven'))
    const line = await until(
      () => logged().find(({ msg }) => msg === 'the catalogue was not changed: the file is wrong'),
      (found) => found !== undefined,
    )
    expect(line.problems).toEqual([
      expect.stringMatching(/tollgate\.yaml:\d+:\d+ models\.one\.price\.credits: must be a whole number/),
    ])
    expect(await price()).toBe(13)
    const answer = await operator('/models/reload', {})
    expect(answer).toMatchObject({ code: 0, error: { type: 'invalid_request' } })
    expect(answer.msg).toMatch(
      /^The catalogue was not changed\. .*tollgate\.yaml:\d+:\d+ models\.one\.price\.credits/,
    )
  })

  test('is read again at SIGHUP, and the process serves on', async () => {
    const reads = () => logged().filter(({ msg }) => msg === 'the catalogue was read again').length
    writeFileSync(file, quickYaml + model(14))
    await until(price, (credits) => credits === 14)
    const before = reads()
    gateway.kill('SIGHUP')
    await until(reads, (count) => count > before)
    expect(await price()).toBe(14)
    expect(gateway.child.exitCode).toBeNull()
  })
})

test('no secret stands in the log, whatever was asked for', async () => {
  const created = await ask(`${gateway.url}/api/v1/tasks/create`, key, { model_id: 'one', prompt: 'a heron' })
  const task = await until(
    async () => (await ask(`${gateway.url}/api/v1/tasks/${created.data.task_id}`, key)).data,
    ({ task_status: status }) => status >= 3,
  )
  expect(task.task_status).toBe(3)
  await ask(`${gateway.url}/api/v1/credits`, 'sk-canaryOfAKeyThatIsWrong123456789')
  await operator('/stats')
  const log = gateway.stdout() + gateway.stderr()
  expect(logged().length).toBeGreaterThan(5)
  for (const secret of [upstreamKey, operatorToken, key, 'canaryOfAKey']) expect(log).not.toContain(secret)
})

test('config check reads secrets from files and shows none of them', async () => {
  const { code, json, stdout, said } = await tollgate(folder, ['config', 'check', '--json'], { env })
  expect(code).toBe(0)
  expect(said).toBe(`ok (${file})\n`)
  expect(json).toMatchObject({
    environment: { ADMIN_TOKEN: `•••• (${operatorToken.length} characters)`, TOLLGATE_CONFIG: file },
    upstreams: {
      keevx: { api_key: [`•••• (${upstreamKey.length} characters)`], submit: { queue_for: '5m' } },
    },
    limits: { requests_per_minute: 'off' },
  })
  expect(stdout).not.toContain('canary')
})

test('models check tells a good file from a bad one before it is put in place', async () => {
  writeFileSync(join(folder, 'good.yaml'), model(3))
  const good = await tollgate(folder, ['models', 'check', 'good.yaml'])
  expect(good).toMatchObject({ code: 0, said: 'good.yaml: ok\n' })
  expect(good.stdout).toMatch(/^id +name +makes +price\none +One +image +3 credits an image\n$/)
  const cost = 'params: { module: pro }, cost: { amount: 0.05, times: { resolution: { 4K: 2 } } }'
  const loses = `${model(3).replace('params: { module: pro }', cost)}reporting: { currency: EUR, credit_value: 0.02 }\n`
  writeFileSync(join(folder, 'loses.yaml'), loses)
  expect(await tollgate(folder, ['models', 'check', 'loses.yaml'])).toMatchObject({
    code: 0,
    said: `loses.yaml: ok
Warning: models.one.routes[0]: an output (resolution 4K) sells for 3 credits, which is 0.06 EUR, and costs 0.1 EUR
`,
  })
  writeFileSync(join(folder, 'bad.yaml'), model('much'))
  const bad = await tollgate(folder, ['models', 'check', 'bad.yaml', '--json'])
  expect(bad).toMatchObject({ code: 78, json: { ok: false } })
  expect(bad.stderr).toMatch(/bad\.yaml:7:23 models\.one\.price\.credits: must be a whole number/)
})

describe('the doctor', () => {
  const examine = async (more: Record<string, string | undefined>) => {
    const { code, json } = await tollgate(folder, ['doctor', '--json'], { env: { ...env, ...more } })
    const found = json.findings.filter(({ check }: any) => check.startsWith('keevx'))
    return { code, ok: json.ok, found }
  }

  test('is content with a good key, while the gateway serves', async () => {
    const { code, found } = await examine({ KEEVX_BASE_URL: upstream.baseUrl })
    expect(found).toEqual([{ check: 'keevx key 1', state: 'ok', words: `accepted by ${upstream.baseUrl}` }])
    expect(code).toBe(0)
  })

  test('names the key that is rejected, by its place and never by itself', async () => {
    const keys = { KEEVX_API_KEY_FILE: undefined, KEEVX_API_KEY: `${upstreamKey},canary-of-a-wrong-key` }
    const { code, found } = await examine({ KEEVX_BASE_URL: upstream.baseUrl, ...keys })
    expect(found).toMatchObject([
      { check: 'keevx key 1', state: 'ok' },
      { check: 'keevx key 2', state: 'wrong', words: expect.stringMatching(/^rejected: /) },
    ])
    expect(JSON.stringify(found)).not.toContain('canary')
    expect(code).toBe(1)
  })

  test('says when the upstream cannot be reached', async () => {
    const { code, found } = await examine({ KEEVX_BASE_URL: 'http://127.0.0.1:9/v1' })
    expect(found).toMatchObject([
      { state: 'wrong', words: expect.stringMatching(/127\.0\.0\.1:9\/v1 gave no clear answer: /) },
    ])
    expect(code).toBe(1)
  })

  test('makes no store where there is none', async () => {
    const { code, stdout } = await tollgate(newFolder(), ['doctor'])
    expect(stdout).toMatch(/^warning +store: there is none yet at .*tollgate\.db; serve makes it$/m)
    expect(code).toBe(0)
  })
})

test('the installed command works from another folder, and tells its child of a signal once', async () => {
  const program = join(root, 'bin/tollgate.js')
  const version = await tollgate(newFolder(), ['--version'], { program })
  expect(version.stdout).toBe(`${JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')).version}\n`)
  const other = await serving(newFolder(), ['serve', '--sandbox'], { program })
  // Ctrl-C: the terminal tells the whole group, and whoever is above in it passes it on.
  const { pid } = other.child
  if (pid === undefined) throw new Error('it has no pid')
  process.kill(-pid, 'SIGINT')
  process.kill(pid, 'SIGINT')
  const { code, stdout } = await other.ended
  expect(stdout).toContain('"msg":"stopped"')
  expect(code).toBe(0)
})

test('what serve says goes to stderr, and its log to stdout, a JSON object in each line', async () => {
  const started = start(newFolder(), ['serve', '--sandbox', '--json'])
  await until(started.stderr, (text) => text.includes('SANDBOX'))
  expect(started.stderr()).toContain('The operator API is off: set ADMIN_TOKEN (32 characters or more).')
  started.kill('SIGTERM')
  const { code, stdout } = await started.ended
  expect(code).toBe(0)
  const lines = stdout.trimEnd().split('\n')
  for (const line of lines) expect(JSON.parse(line)).toHaveProperty('level')
})
