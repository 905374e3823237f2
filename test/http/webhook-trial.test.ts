// An account tries its webhook before anything depends on it: one signed event, and what the receiver said of it.
import { Webhook } from 'standardwebhooks'
import { afterEach, expect, test } from 'vitest'
import { quickYaml, startGateway, until } from '../support/gateway.ts'
import type { Answer, Customer, Gateway } from '../support/gateway.ts'
import { headersOf, receiverYaml, startReceiver, status } from '../support/receiver.ts'
import { failure, seen } from './expectations.ts'

let gateway: Gateway
let customer: Customer
async function start(timeout?: string): Promise<void> {
  gateway = await startGateway({ yaml: quickYaml + receiverYaml('[20ms]', timeout) })
  customer = await gateway.customer(100)
}
afterEach(async () => await gateway.stop())

const call = (method: string, path: string, body?: unknown): Promise<Answer> =>
  gateway.call(method, `/api/v1/webhooks${path}`, { key: customer.key, ...(body !== undefined && { body }) })

test('the receiver is told once, signed as always, and its answer is told to the account', async () => {
  await start()
  const receiver = await startReceiver()
  const { secret } = (await call('POST', '/secret')).json.data
  await call('PUT', '', { url: receiver.url })
  const { json } = await call('POST', '/test')
  expect(json.data).toEqual({
    webhook_id: expect.stringMatching(/^msg_/),
    url: receiver.url,
    delivered: true,
    status: 200,
    error: null,
    took_ms: expect.any(Number),
  })
  expect(receiver.told).toHaveLength(1)
  const [told] = receiver.told
  if (!told) throw new Error('it was told')
  const event = new Webhook(secret).verify(told.body, headersOf(told)) as any
  expect(event).toEqual({
    type: 'webhook.test',
    timestamp: expect.any(String),
    data: { message: expect.stringContaining('Nothing was ordered') },
  })
  expect(told.headers['webhook-id']).toBe(json.data.webhook_id)
  expect((await call('GET', '/deliveries')).json.data.deliveries).toEqual([])
  expect(await customer.balance()).toBe(100)
})

test.each([
  [410, status(410), 'It answered HTTP 410.'],
  [500, status(500), 'It answered HTTP 500.'],
  [302, status(302, { location: 'http://127.0.0.1:1/' }), 'It redirects, which is not followed.'],
] as const)('%i is told in words, once, and changes nothing of the URL', async (code, answer, words) => {
  await start()
  const receiver = await startReceiver(answer)
  await call('PUT', '', { url: receiver.url })
  const { data } = (await call('POST', '/test')).json
  expect(data).toMatchObject({ delivered: false, error: expect.stringContaining(words) })
  expect([null, code]).toContain(data.status)
  expect(receiver.told).toHaveLength(1)
  expect((await call('GET', '')).json.data).toMatchObject({ url: receiver.url, enabled: true })
})

test('a receiver that hangs is given up at the timeout, and one that is tried already is not tried again', async () => {
  await start('1s')
  const receiver = await startReceiver(() => undefined)
  await call('PUT', '', { url: receiver.url })
  const first = call('POST', '/test')
  await until(
    async () => receiver.told.length,
    (count) => count === 1,
  )
  expect((await call('POST', '/test')).json.error.type).toBe('rate_limited')
  expect((await first).json.data).toMatchObject({
    delivered: false,
    status: null,
    error: 'No answer in time.',
  })
  expect(receiver.told).toHaveLength(1)
  receiver.answer = status(204)
  expect((await call('POST', '/test')).json.data).toMatchObject({ delivered: true, status: 204 })
})

test('an address inside is told as one that takes no connection, and nothing is connected to', async () => {
  await start()
  await call('PUT', '', { url: 'http://127.0.0.1.nip.example/' })
  const { data } = (await call('POST', '/test')).json
  expect(data).toMatchObject({ delivered: false, status: null })
  expect(data.error).toMatch(/^The host has no public address, or takes no connection there\./)
})

test('without a URL nothing is sent', async () => {
  await start()
  expect(seen(await call('POST', '/test'))).toEqual(failure({ type: 'invalid_request' }))
})
