// What an operator sees of the gateway itself: its store, disks and copies, and the configuration in force without secrets.
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { shownConfig } from '../../src/config/shown.ts'
import { adminToken, quickYaml, startGateway } from '../support/gateway.ts'
import type { Gateway } from '../support/gateway.ts'

const upstreamKey = 'canary-upstream-key-0cc175b9c0f1b6a8'
const chat = 'https://chat.example/hooks/canary-92eb5ffee6ae2fec'
const yaml = `${quickYaml}
alerts: { receivers: { night: { type: slack, url: "${chat}" } } }
`
let gateway: Gateway
beforeAll(async () => {
  gateway = await startGateway({
    yaml,
    env: { KEEVX_API_KEY: upstreamKey },
    sandbox: { apiKey: upstreamKey },
  })
})
afterAll(async () => await gateway.stop())

test('it says what runs, where the store lies and how large it is, how full the disks are, and that no copy was made', async () => {
  const { data } = (await gateway.operator('GET', '/system')).json
  expect(data).toMatchObject({ node: process.versions.node, pid: process.pid, instances: 1 })
  expect(data.database).toMatchObject({ copied_at: null, kind: expect.stringMatching(/^(?:file|server)$/) })
  expect(data.database.name).not.toBe('')
  for (const { free_bytes: free, bytes } of data.disks) {
    expect(free).toBeGreaterThan(0)
    expect(bytes).toBeGreaterThan(free)
  }
  expect(data.disks).not.toEqual([])
})

test('it says what the setup lacks, as doctor does', async () => {
  const { findings } = (await gateway.operator('GET', '/system')).json.data
  const checks = Object.fromEntries(
    findings.map(({ check, state }: Record<string, string>) => [check, state]),
  )
  expect(checks).toMatchObject({
    'operator API': 'ok',
    PUBLIC_URL: 'warning',
    brand: 'warning',
    alerts: 'ok',
  })
})

test('the configuration in force has the sections of the file and their defaults, and not one secret', async () => {
  const { text, json } = await gateway.operator('GET', '/config')
  expect(json.data).toMatchObject({
    media: { store: 'none' },
    alerts: { receivers: { night: { type: 'slack' } }, rules: { disk: { below: '2GB' } } },
    low_balance: 'off',
  })
  expect(Object.keys(json.data)).toEqual(Object.keys(shownConfig(gateway.app.ctx.config)))
  for (const secret of [upstreamKey, adminToken, chat, 'canary-92eb5ffee6ae2fec']) {
    expect(text).not.toContain(secret)
  }
})

test('after a reload it shows the models and the brand that are sold now, not those of the start', async () => {
  writeFileSync(join(gateway.folder, 'tollgate.yaml'), `${yaml}\nbrand: { name: Heron }\n`)
  expect((await gateway.operator('POST', '/models/reload')).status).toBe(200)
  const { data } = (await gateway.operator('GET', '/config')).json
  expect(data.brand).toMatchObject({ name: { en: 'Heron' } })
})
