// What is told of an upstream: whether calls come through, the last success, and the last error in words for all to read.
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { expect, onTestFinished, test } from 'vitest'
import { startSandbox } from '../../sandbox/sandbox.ts'
import type { CallResult } from '../../src/upstream/call.ts'
import { KeyRing } from '../../src/upstream/keys/keyring.ts'
import { quickYaml, startGateway, until } from '../support/gateway.ts'
import type { Gateway } from '../support/gateway.ts'
import { adapterFor, closedUrl, key, submitTo } from '../upstream/stand-in.ts'

const picture = { model_id: 'gpt-image-2', prompt: 'a zen garden' }

const readiness = async (gateway: Gateway) => {
  const { status, json, text } = await gateway.call('GET', '/readyz')
  return { status, keys: json.upstreams?.keevx, text }
}

async function metric(gateway: Gateway, name: string): Promise<number> {
  const { text } = await gateway.call('GET', '/metrics')
  return Number(new RegExp(`^tollgate_${name}(?:\\{[^}]*\\})? (\\S+)$`, 'm').exec(text)?.[1] ?? Number.NaN)
}

test('that something else answers polls is told of, until the upstream does again', async () => {
  const gateway = await startGateway()
  onTestFinished(() => gateway.stop())
  const customer = await gateway.customer(1_000)
  gateway.sandbox.always('query', { kind: 'status', status: 404, body: '<html>no such page</html>' })
  const id = (await customer.create(picture)).json.data.task_id
  await until(
    () => readiness(gateway),
    ({ keys }) => keys?.[0]?.state === 'estranged',
  )
  expect(await metric(gateway, 'upstream_estranged')).toBe(1)
  gateway.sandbox.always('query', null)
  expect(await customer.ended(id)).toMatchObject({ task_status: 3 })
  expect((await readiness(gateway)).keys).toMatchObject([{ state: 'ready' }])
  expect(await metric(gateway, 'upstream_estranged')).toBe(0)
})

test('an upstream that refuses connections is told of, and that it works again', async () => {
  const origin = await closedUrl()
  const yaml = quickYaml
    .replace('queue_for: 20s', 'queue_for: 10m')
    .replace('in_flight: 16', 'in_flight: auto')
  const gateway = await startGateway({ upstreamUrl: `${origin}/v1`, yaml })
  onTestFinished(() => gateway.stop())
  expect((await readiness(gateway)).keys).toEqual([
    { state: 'ready', last_success_at_ms: null, last_error: null },
  ])
  const customer = await gateway.customer(1_000)
  await customer.create(picture)
  const down = await until(
    () => readiness(gateway),
    ({ keys }) => keys?.[0]?.state === 'unreachable',
  )
  // Reported, not required.
  expect(down.status).toBe(200)
  const words = 'it refuses connections: ECONNREFUSED'
  expect(down.keys).toMatchObject([
    { last_success_at_ms: null, last_error: { at_ms: expect.any(Number), words } },
  ])
  expect(down.text).not.toContain(new URL(origin).port)
  expect(await metric(gateway, 'upstream_keys_ready')).toBe(0)
  const { keevx } = (await gateway.operator('GET', '/stats')).json.data.upstreams
  expect(keevx.keys).toMatchObject([
    {
      state: 'unreachable',
      fingerprint: expect.stringMatching(/^[0-9a-f]{12}$/),
      last_error: { words },
      submits: { limit: 16, ceiling: null, moved: null },
    },
  ])

  const up = await startSandbox({ port: Number(new URL(origin).port), imageMs: 20 })
  onTestFinished(() => up.close())
  const again = await until(
    () => readiness(gateway),
    ({ keys }) => keys?.[0]?.state === 'ready',
    30_000,
  )
  expect(again.keys).toMatchObject([{ last_success_at_ms: expect.any(Number), last_error: { words } }])
  expect(await metric(gateway, 'upstream_keys_ready')).toBe(1)
}, 60_000)

test('429 shows as the limit, its ceiling and the reason', async () => {
  const gateway = await startGateway({ yaml: quickYaml.replace('after_429: 100ms', 'after_429: 10m') })
  onTestFinished(() => gateway.stop())
  gateway.sandbox.script('submit', { kind: 'status', status: 429, body: { code: 429 } })
  const customer = await gateway.customer(1_000)
  await customer.create(picture)
  const stats = await until(
    async () => (await gateway.operator('GET', '/stats')).json.data?.upstreams.keevx.keys[0],
    (seen) => seen?.state === 'paused',
  )
  expect(stats.submits).toEqual({
    in_flight: 0,
    limit: 1,
    ceiling: null,
    moved: { at_ms: expect.any(Number), reason: 'all_rate_limited' },
  })
  expect(await metric(gateway, 'upstream_submit_limit')).toBe(1)
  expect(await metric(gateway, 'upstream_submit_ceiling')).toBe(0)
  const moved = await metric(gateway, 'upstream_submit_limit_moved_timestamp_seconds')
  expect(moved).toBeGreaterThan(Date.now() / 1_000 - 60)
})

test('TLS that does not come about is no connection, and told in words', async () => {
  const plain = createServer().listen(0, '127.0.0.1')
  onTestFinished(() => void plain.close())
  await new Promise((resolve) => plain.once('listening', resolve))
  const ring = new KeyRing([key])
  const onCall = (of: string, result: CallResult) => ring.noteCall(of, result, 1)
  const { port } = plain.address() as AddressInfo
  const adapter = adapterFor(`https://127.0.0.1:${port}`, { onCall, submitTimeoutMs: 5_000 })
  expect(await submitTo(adapter)).toMatchObject({ kind: 'not_accepted' })
  const [report] = ring.report(1)
  expect(report?.calls.lastError?.words).toMatch(/^no secure connection came about \(TLS\): [A-Z_]+$/)
})
