// How often may be asked: by each account on its own, and by strangers from one address; and what an operator can change.
import { afterEach, expect, test } from 'vitest'
import { startGateway } from '../support/gateway.ts'
import type { Answer, Gateway, GatewayOptions } from '../support/gateway.ts'
import { failure, seen, withLimits } from './expectations.ts'

let gateway: Gateway
const start = async (limits: string, options: GatewayOptions = {}) => {
  gateway = await startGateway({ yaml: withLimits(limits), ...options })
}
afterEach(async () => await gateway.stop())

function expectLimited(answer: Answer): void {
  expect(seen(answer)).toEqual(failure({ type: 'rate_limited', status: 429 }))
  expect(answer.headers.get('retry-after')).toMatch(/^\d+$/)
  expect(Number(answer.headers.get('retry-after'))).toBeGreaterThanOrEqual(1)
  expect(Number(answer.headers.get('retry-after'))).toBeLessThanOrEqual(60)
}

test('an account that asks too often waits, and the others do not', async () => {
  await start('requests_per_minute: 3, unauthenticated_per_minute: off, tasks_in_flight: off')
  const [busy, other] = [await gateway.customer(100), await gateway.customer(100)]
  for (let asked = 0; asked < 3; asked += 1) expect((await busy.get('/credits')).status).toBe(200)
  expectLimited(await busy.get('/credits'))
  expectLimited(await busy.create({ model_id: 'gpt-image-2', prompt: 'a' }))
  // A second key is the same account.
  const { key } = (await gateway.operator('POST', `/accounts/${busy.accountId}/keys`, { name: 'second' }))
    .json.data
  expectLimited(await gateway.call('GET', '/api/v1/credits', { key }))
  expect(await other.balance()).toBe(100)
  expect((await gateway.operator('GET', `/accounts/${busy.accountId}`)).json.data.balance).toBe(100)
})

test("an account's own limit goes before everybody's: a number, off, and null for the configured one", async () => {
  await start('requests_per_minute: 2, unauthenticated_per_minute: off, tasks_in_flight: off')
  const customer = await gateway.customer(0)
  const set = async (requests_per_minute: number | 'off' | null) =>
    (await gateway.operator('PATCH', `/accounts/${customer.accountId}`, { limits: { requests_per_minute } }))
      .json.data.limits
  expect(await set(5)).toMatchObject({ requests_per_minute: 5, tasks_in_flight: null })
  for (let asked = 0; asked < 5; asked += 1) expect((await customer.get('/credits')).status).toBe(200)
  expectLimited(await customer.get('/credits'))
  expect(await set('off')).toMatchObject({ requests_per_minute: 'off', tasks_in_flight: null })
  expect((await customer.get('/credits')).status).toBe(200)
  expect(await set(null)).toMatchObject({ requests_per_minute: null, tasks_in_flight: null })
  expectLimited(await customer.get('/credits'))
})

test('strangers are counted by their address, at both doors together; a good key still opens', async () => {
  await start('requests_per_minute: off, unauthenticated_per_minute: 4, tasks_in_flight: off')
  const customer = await gateway.customer(0)
  const stranger = (path: string, key?: string) => gateway.call('GET', path, key === undefined ? {} : { key })
  const doors = [
    ['/api/v1/credits'],
    ['/api/v1/credits', 'sk-guess'],
    ['/admin/v1/stats', 'guess'],
    ['/admin/v1/stats'],
  ] as const
  for (const [path, key] of doors) expect((await stranger(path, key)).status).toBe(401)
  for (const [path, key] of doors) expectLimited(await stranger(path, key))
  expect((await customer.get('/credits')).status).toBe(200)
  expect((await gateway.operator('GET', '/stats')).status).toBe(200)
})

test('an address that a client makes up is not believed', async () => {
  await start('requests_per_minute: off, unauthenticated_per_minute: 2, tasks_in_flight: off')
  const from = (address: string) =>
    gateway.call('GET', '/api/v1/credits', { headers: { 'x-forwarded-for': address } })
  expect((await from('192.0.2.1')).status).toBe(401)
  expect((await from('192.0.2.2')).status).toBe(401)
  expectLimited(await from('192.0.2.3'))
})

test('behind a trusted proxy each of its clients is a stranger of their own', async () => {
  const limits = withLimits('requests_per_minute: off, unauthenticated_per_minute: 1, tasks_in_flight: off')
  gateway = await startGateway({ yaml: `${limits}network: { trusted_proxies: [127.0.0.0/8] }\n` })
  const from = (address: string) =>
    gateway.call('GET', '/api/v1/credits', { headers: { 'x-forwarded-for': address } })
  expect((await from('192.0.2.1')).status).toBe(401)
  expectLimited(await from('192.0.2.1'))
  expectLimited(await from('203.0.113.9, 192.0.2.1'))
  expect((await from('192.0.2.2')).status).toBe(401)
  // A whole /64 is one customer.
  expect((await from('2001:db8:1:2::1')).status).toBe(401)
  expectLimited(await from('2001:db8:1:2:ffff::9'))
  expect((await from('2001:db8:1:3::1')).status).toBe(401)
  expect((await from('2001:db8::1')).status).toBe(401)
  expectLimited(await from('2001:db8::2'))
  expectLimited(await from('2001:0DB8:0:0:1::9'))
  expectLimited(await from('::ffff:192.0.2.1'))
})

test('the configured number of tasks in flight holds for whoever has none of their own', async () => {
  await start('requests_per_minute: off, unauthenticated_per_minute: off, tasks_in_flight: 2')
  const customer = await gateway.customer(1_000)
  gateway.sandbox.freeze('all')
  const order = (generate_count: number) =>
    customer.create({ model_id: 'gpt-image-2', prompt: 'a', generate_count })
  expect(seen(await order(3))).toEqual(failure({ type: 'too_many_tasks' }))
  expect((await order(2)).json.code).toBe(200)
  expect(seen(await order(1))).toEqual(failure({ type: 'too_many_tasks' }))
  await gateway.operator('PATCH', `/accounts/${customer.accountId}`, { limits: { tasks_in_flight: 'off' } })
  expect((await order(8)).json.code).toBe(200)
  await gateway.operator('PATCH', `/accounts/${customer.accountId}`, { limits: { tasks_in_flight: null } })
  expect(seen(await order(1))).toEqual(failure({ type: 'too_many_tasks' }))
  expect(await customer.balance()).toBe(1_000 - 150)
})

test('without an admin token the operator API is off and says why; the rest works', async () => {
  await start('requests_per_minute: off, unauthenticated_per_minute: off, tasks_in_flight: off', {
    env: { ADMIN_TOKEN: '' },
  })
  for (const key of [undefined, '', 'undefined', 'null']) {
    const answer = await gateway.call('GET', '/admin/v1/accounts', key === undefined ? {} : { key })
    expect(seen(answer)).toEqual(failure({ type: 'unavailable', status: 503 }))
    expect(answer.json.msg).toContain('ADMIN_TOKEN')
  }
  expect((await gateway.call('GET', '/api/v1/credits')).status).toBe(401)
  expect((await gateway.call('GET', '/readyz')).status).toBe(200)
})
