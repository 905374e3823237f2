// Limits of keys over HTTP: set, shown, lifted, and kept to on every surface.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { writeUses } from '../../src/accounts/key-uses.ts'
import { quickYaml, startGateway } from '../support/gateway.ts'
import type { Gateway } from '../support/gateway.ts'
import { failure, seen } from './expectations.ts'
import { root } from '../tidy/tree.ts'
import { callTool } from './surfaces/mcp/rpc.ts'

let gateway: Gateway
let accountId: string
const lines: string[] = []
beforeAll(async () => {
  const network = 'network: { trusted_proxies: [127.0.0.0/8] }\n'
  gateway = await startGateway({
    yaml: `${quickYaml}\n${network}`,
    onLog: (line) => void lines.push(line),
  })
  const account = await gateway.operator('POST', '/accounts', { name: 'shop', credits: 100_000 })
  accountId = account.json.data.id
})
afterAll(async () => await gateway.stop())

const picture = { model_id: 'gpt-image-2', prompt: 'a heron' }
const makeKey = async (limits?: object, more: object = {}) =>
  (await gateway.operator('POST', `/accounts/${accountId}/keys`, { name: 'till', limits, ...more })).json.data
const change = async (id: string, body: object) => await gateway.operator('PATCH', `/keys/${id}`, body)
const listed = async (id: string) =>
  (await gateway.operator('GET', `/accounts/${accountId}/keys`)).json.data.keys.find(
    (key: { id: string }) => key.id === id,
  )
const order = async (key: string, headers: Record<string, string> = {}) =>
  await gateway.call('POST', '/api/v1/tasks/create', { key, body: picture, headers })

const none = {
  requests_per_minute: null,
  tasks_in_flight: null,
  credits_total: null,
  credits_per_day: null,
  models: null,
  cidrs: null,
}

test('limits are set with the key or later, shown in lists, and null lifts one alone', async () => {
  const limits = { credits_total: 500, models: ['gpt-image-2'], cidrs: ['203.0.113.0/24', '2001:db8::/32'] }
  const key = await makeKey(limits)
  expect(key).toMatchObject({ limits: { ...none, ...limits }, used: null, last_used_at: null })
  const changed = await change(key.id, { limits: { credits_total: null, tasks_in_flight: 3 }, name: 'desk' })
  expect(changed.json.data).toMatchObject({
    name: 'desk',
    limits: { ...none, ...limits, credits_total: null, tasks_in_flight: 3 },
  })
  expect(await listed(key.id)).toEqual(changed.json.data)
  expect((await makeKey()).limits).toEqual(none)
})

test.each([
  ['a model that is not there', { models: ['gpt-image-2', 'no-such'] }, 409, 'limits.models'],
  ['no model', { models: [] }, 422, 'limits.models'],
  ['a network that is none', { cidrs: ['10.0.0.0/40'] }, 422, 'limits.cidrs.0'],
  ['half an address', { cidrs: ['127.1'] }, 422, 'limits.cidrs.0'],
  ['a negative cap', { credits_total: -1 }, 422, 'limits.credits_total'],
  ['half a credit', { credits_per_day: 0.5 }, 400, 'limits.credits_per_day'],
  ['what is no limit', { credits_a_day: 5 }, 400, 'limits.credits_a_day'],
])('%s is refused by its field, and nothing is changed', async (_what, limits, status, field) => {
  const key = await makeKey({ credits_total: 7 })
  const answer = await change(key.id, { limits })
  expect({ status: answer.status, field: answer.json.error.field }).toEqual({ status, field })
  expect(await listed(key.id)).toMatchObject({ limits: { ...none, credits_total: 7 } })
})

test('a key that is not there cannot be changed', async () => {
  const answer = await change('key_none', { limits: { credits_total: 1 } })
  expect(seen(answer)).toEqual(failure({ type: 'not_found', status: 404, field: 'id' }))
})

test('over its cap an order is refused in the shape of each surface, and costs nothing', async () => {
  const key = await makeKey({ credits_per_day: 15 })
  expect((await order(key.key)).json.code).toBe(200)
  const before = (await gateway.operator('GET', `/accounts/${accountId}`)).json.data.balance
  expect(seen(await order(key.key))).toEqual(failure({ type: 'credit_cap' }))
  const chinese = await order(key.key, { 'accept-language': 'zh' })
  expect(chinese.json.error.message).toContain('今天还剩 0')
  const at = async (path: string, body: object) =>
    await gateway.call('POST', path, { key: key.key, body, headers: { 'idempotency-key': path } })
  const input = { prompt: 'a heron' }
  const openai = await at('/v1/images/generations', { model: 'gpt-image-2', prompt: 'a heron' })
  expect(openai.status).toBe(402)
  expect(openai.json.error).toMatchObject({ type: 'insufficient_quota', code: 'credit_cap' })
  expect((await at('/replicate/v1/models/openai/gpt-image-2/predictions', { input })).status).toBe(402)
  expect((await at('/api/v1/jobs/createTask', { model: 'gpt-image-2', input })).json.code).toBe(402)
  const keevx = await at('/keevx/v1/image_generate', { prompt: 'a heron', module: 'pro' })
  expect(keevx).toMatchObject({ status: 402, json: { code: 402 } })
  const tool = await callTool(gateway, key, 'generate_image', { model_id: 'gpt-image-2', prompt: 'a heron' })
  expect(tool).toMatchObject({ isError: true })
  expect(JSON.stringify(tool)).toContain('credits_per_day')
  expect((await gateway.operator('GET', `/accounts/${accountId}`)).json.data.balance).toBe(before)
  expect(await listed(key.id)).toMatchObject({ used: { credits_total: 15, credits_today: 15 } })
  // Raised, it takes effect with the next request.
  await change(key.id, { limits: { credits_per_day: 30 } })
  expect((await order(key.key)).json.code).toBe(200)
})

test('an account has the same caps, over all its keys', async () => {
  const customer = await gateway.customer(1_000)
  const path = `/accounts/${customer.accountId}`
  const limits = { credits_total: 20, credits_per_day: 500, models: ['gpt-image-2'], cidrs: ['127.0.0.1'] }
  const changed = await gateway.operator('PATCH', path, { limits })
  expect(changed.json.data.limits).toMatchObject({ ...limits, requests_per_minute: null })
  expect((await customer.create(picture)).json.code).toBe(200)
  expect(seen(await customer.create(picture))).toEqual(failure({ type: 'credit_cap' }))
  expect((await gateway.operator('GET', path)).json.data.used).toMatchObject({ credits_total: 15 })
  await gateway.operator('PATCH', path, { limits: { credits_total: null } })
  expect((await customer.create(picture)).json.code).toBe(200)
  const elsewhere = await customer.create(picture, { 'x-forwarded-for': '203.0.113.9' })
  expect(seen(elsewhere)).toEqual(failure({ type: 'forbidden_address' }))
})

test('a key may be used from its addresses alone, as trusted proxies tell them; a refusal is logged with the address', async () => {
  const { id, key } = await makeKey({ cidrs: ['203.0.113.0/24', '2001:db8::/32'] })
  const from = async (forwarded: string) => await order(key, { 'x-forwarded-for': forwarded })
  for (const address of ['203.0.113.9', '203.0.113.9:4711', '::ffff:203.0.113.9', '2001:db8:1::1'])
    expect((await from(address)).json.code, address).toBe(200)
  lines.splice(0)
  for (const address of ['203.0.114.9', '2001:db9::1', 'unknown'])
    expect(seen(await from(address)), address).toEqual(failure({ type: 'forbidden_address' }))
  const refused = lines.filter((line) => line.includes('"key refused"')).map((line) => JSON.parse(line))
  expect(refused.map(({ ip, api, shown }) => ({ ip, api, shown }))).toEqual([
    { ip: '203.0.114.9', api: 'client', shown: 'elsewhere' },
    { ip: '2001:db9::1', api: 'client', shown: 'elsewhere' },
    { ip: 'unknown', api: 'client', shown: 'elsewhere' },
  ])
  // As docs/operating.md gives it to fail2ban, which takes an address for <HOST>.
  const manual = readFileSync(join(root, 'docs/operating.md'), 'utf8')
  const filter = new RegExp(
    (/^failregex = (.*)$/m.exec(manual)?.[1] ?? 'none').replace('<HOST>', '([0-9a-f.:]+)'),
  )
  expect(lines.flatMap((line) => filter.exec(line.trimEnd())?.[1] ?? [])).toEqual([
    '203.0.114.9',
    '2001:db9::1',
  ])
  const openai = await gateway.call('GET', '/v1/models', { key, headers: { 'x-forwarded-for': '10.0.0.1' } })
  expect(openai.status).toBe(403)
  expect(openai.json.error.code).toBe('forbidden_address')
  await change(id, { limits: { cidrs: null } })
  expect((await from('203.0.114.9')).json.code).toBe(200)
})

test('the caps of a test key hold for its play credits, and its addresses as those of a real one', async () => {
  const { key } = await makeKey({ credits_total: 20, cidrs: ['127.0.0.1'] }, { test: true })
  const real = (await gateway.operator('GET', `/accounts/${accountId}`)).json.data.balance
  expect((await order(key)).json.code).toBe(200)
  expect(seen(await order(key))).toEqual(failure({ type: 'credit_cap' }))
  const elsewhere = await order(key, { 'x-forwarded-for': '203.0.113.9' })
  expect(seen(elsewhere)).toEqual(failure({ type: 'forbidden_address' }))
  expect((await gateway.operator('GET', `/accounts/${accountId}`)).json.data.balance).toBe(real)
})

test('a key has requests a minute of its own, beside those of its account', async () => {
  const [slow, other] = [await makeKey({ requests_per_minute: 2 }), await makeKey()]
  const ask = async (key: string) => (await gateway.call('GET', '/api/v1/credits', { key })).status
  expect([await ask(slow.key), await ask(slow.key), await ask(slow.key)]).toEqual([200, 200, 429])
  expect(await ask(other.key)).toBe(200)
})

test('an expiry can be set, changed and lifted', async () => {
  const { id, key } = await makeKey()
  const past = await change(id, { expires_at: 1_767_225_601 })
  expect(seen(past)).toEqual(failure({ type: 'invalid_request', status: 409, field: 'expires_at' }))
  const soon = Math.floor(Date.now() / 1000) + 100
  expect((await change(id, { expires_at: soon })).json.data.expires_at).toBe(soon)
  expect((await change(id, { expires_at: null })).json.data.expires_at).toBeNull()
  expect((await gateway.call('GET', '/api/v1/credits', { key })).status).toBe(200)
})

test('when a key was last used is shown to the minute, without a write for each request', async () => {
  const { id, key } = await makeKey()
  const begun = Math.floor(Date.now() / 60_000) * 60
  const ask = async () => await gateway.call('GET', '/api/v1/credits', { key })
  for (let n = 0; n < 5; n += 1) await ask()
  expect(await listed(id)).toMatchObject({ last_used_at: null })
  await writeUses(gateway.app.ctx.db)
  const at = (await listed(id)).last_used_at
  expect(at % 60).toBe(0)
  expect(at).toBeGreaterThanOrEqual(begun)
  // Another instance that noted an earlier use changes nothing.
  await gateway.store.write('UPDATE key_uses SET used_at = ? WHERE key_id = ?', [(at + 600) * 1000, id])
  await ask()
  await writeUses(gateway.app.ctx.db)
  expect((await listed(id)).last_used_at).toBe(at + 600)
})
