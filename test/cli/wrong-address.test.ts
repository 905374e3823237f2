// A base URL that leads to something else than Keevx: the operator is told at once, and nobody loses a credit.
import { createServer } from 'node:http'
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { startSandbox } from '../../sandbox/sandbox.ts'
import type { Sandbox } from '../../sandbox/sandbox.ts'
import { quickYaml, until } from '../support/gateway.ts'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { adminToken, ask, cleanUpAfterwards, newFolder, serving, tollgate } from './command.ts'

cleanUpAfterwards()

let upstream: Sandbox
/** Answers everything with JSON of its own. */
const another = createServer((_request, response) => {
  response.setHeader('content-type', 'application/json').end('{"status":"up"}')
})
beforeAll(async () => {
  upstream = await startSandbox({ apiKey: 'upstream-key', imageMs: 20 })
  another.listen(0, '127.0.0.1')
  await once(another, 'listening')
})
afterAll(async () => {
  another.close()
  await upstream.close()
})

const yaml = quickYaml.replace('queue_for: 5m', 'queue_for: 2s')

describe.each([
  ['without /v1', () => upstream.baseUrl.replace(/\/v1$/, '')],
  ['of another API', () => `http://127.0.0.1:${(another.address() as AddressInfo).port}/v1`],
])('a base URL %s', (_what, baseUrl) => {
  const env = () => ({ KEEVX_API_KEY: 'upstream-key', KEEVX_BASE_URL: baseUrl() })

  test('is wrong to the doctor, who says where to look', async () => {
    const { code, json } = await tollgate(newFolder(), ['doctor', '--json'], { env: env() })
    const found = json.findings.filter(({ check }: any) => check === 'keevx key 1')
    expect(found).toEqual([
      { check: 'keevx key 1', state: 'wrong', words: expect.stringMatching(/something else .* base_url/) },
    ])
    expect(code).toBe(1)
  })

  test('is an error of the log at the start; orders wait, and fail as misconfigured with their credits back', async () => {
    const folder = newFolder()
    writeFileSync(join(folder, 'tollgate.yaml'), yaml)
    const gateway = await serving(folder, ['serve'], { env: env() })
    const logged = () =>
      gateway
        .stdout()
        .split('\n')
        .filter((line) => line.includes('"level":"error"'))
    await until(
      async () => logged(),
      (lines) =>
        lines.some((line) =>
          line.includes('something other than the upstream answers at its address; orders wait'),
        ),
    )
    const operator = (path: string, body?: unknown) => ask(`${gateway.url}/admin/v1${path}`, adminToken, body)
    const { id } = (await operator('/accounts', { name: 'Ann', credits: 100 })).data
    const { key } = (await operator(`/accounts/${id}/keys`, { name: 'one' })).data
    const order = { model_id: 'gpt-image-2', prompt: 'a heron' }
    const { task_id } = (await ask(`${gateway.url}/api/v1/tasks/create`, key, order)).data
    const ended = await until(
      () => ask(`${gateway.url}/api/v1/tasks/${task_id}`, key),
      ({ data }) => data.task_status === 4,
    )
    expect(ended.data).toMatchObject({
      credits_refunded: 15,
      error_message: expect.stringContaining('misconfigured'),
    })
    expect((await ask(`${gateway.url}/api/v1/credits`, key)).data.balance).toBe(100)
    gateway.kill('SIGTERM')
    expect((await gateway.ended).code).toBe(0)
  })
})

test('a key that is rejected is an error of the log at the start', async () => {
  const gateway = await serving(newFolder(), ['serve'], {
    env: { KEEVX_API_KEY: 'canary-of-a-wrong-key', KEEVX_BASE_URL: upstream.baseUrl },
  })
  const said = await until(
    async () => gateway.stdout(),
    (text) => text.includes('an upstream key is rejected'),
  )
  expect(said).toMatch(/"level":"error".*"number":1.*an upstream key is rejected/)
  expect(said).not.toContain('canary')
  gateway.kill('SIGTERM')
  expect((await gateway.ended).code).toBe(0)
})
