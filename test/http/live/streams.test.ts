// One stream for all tasks of an account, and one for those of all: what changes is told, to whom, and until when.
import { afterAll, beforeAll, expect, test } from 'vitest'
import { adminToken, quickYaml, startGateway, until } from '../../support/gateway.ts'
import type { Customer, Gateway } from '../../support/gateway.ts'
import { signedIn } from '../console/browser.ts'
import { watchAt } from '../event-stream.ts'
import type { Stream } from '../event-stream.ts'
import { failure, seen } from '../expectations.ts'

let gateway: Gateway
beforeAll(async () => {
  gateway = await startGateway({ yaml: quickYaml })
})
afterAll(async () => await gateway.stop())

const picture = { model_id: 'gpt-image-2', prompt: 'a garden' }
const follow = async (key: string, headers = {}) =>
  await watchAt(`${gateway.url}/${key === adminToken ? 'admin' : 'api'}/v1/events`, {
    authorization: `Bearer ${key}`,
    ...headers,
  })
const begun = async (stream: Stream) => {
  await until(
    () => stream.text(),
    (text) => text.includes('event: reset'),
  )
  return stream
}
const followed = async (key: string) => await begun(await follow(key))
const statusesOf = (stream: Stream, id: string) =>
  stream.events().flatMap(({ data }) => (data.task_id === id ? [data.task_status] : []))
const tells = async (stream: Stream, id: string, status: number) =>
  await until(
    () => statusesOf(stream, id),
    (told) => told.at(-1) === status,
  )
const order = async (customer: Customer) => (await customer.create(picture)).json.data.task_id
const streams = async () => {
  const { text } = await gateway.call('GET', '/metrics')
  return Number(/^tollgate_event_streams (\d+)$/m.exec(text)?.[1])
}

test('what changes is told: a task that is made, and its end, of this account alone', async () => {
  const [mine, theirs] = [await gateway.customer(100), await gateway.customer(100)]
  const stream = await followed(mine.key)
  expect(stream.headers.get('content-type')).toBe('text/event-stream')
  expect(stream.events()).toEqual([{ id: expect.stringMatching(/^\d{13}$/), event: 'reset', data: {} }])
  const [id, other] = [await order(mine), await order(theirs)]
  await tells(stream, id, 3)
  await theirs.ended(other)
  const told = statusesOf(stream, id)
  expect([told, new Set(told).size]).toEqual([told.toSorted((a, b) => a - b), told.length])
  expect(stream.events().at(-1)?.data).toEqual({
    task_id: id,
    request_id: expect.stringMatching(/^req_/),
    task_status: 3,
    created_at: expect.any(Number),
    finished_at: expect.any(Number),
  })
  expect(stream.text()).not.toContain(other)
})

test('operators are told of all accounts, by token and by session', async () => {
  const customer = await gateway.customer(100)
  const { cookie } = await signedIn(gateway, { secret: adminToken })
  const page = { origin: gateway.url, cookie }
  const [byToken, bySession] = [
    await followed(adminToken),
    await begun(await watchAt(`${gateway.url}/console/admin/v1/events`, page)),
  ]
  const id = await order(customer)
  for (const stream of [byToken, bySession]) {
    await tells(stream, id, 3)
    expect(stream.events().at(-1)?.data).toMatchObject({ account_id: customer.accountId, state: 'succeeded' })
  }
})

test('a stream that comes back is told what it missed', async () => {
  const customer = await gateway.customer(100)
  const first = await followed(customer.key)
  const before = await order(customer)
  await tells(first, before, 3)
  const last = first.events().at(-1)?.id ?? ''
  first.leave()
  const missed = await order(customer)
  await customer.ended(missed)
  const again = await follow(customer.key, { 'last-event-id': last })
  await tells(again, missed, 3)
  expect(again.text()).not.toContain('event: reset')
  const next = await order(customer)
  await tells(again, next, 3)
  for (const long of [String(Date.now() - 2 * 60 * 60_000), '999999999999999', 'x'])
    await begun(await follow(customer.key, { 'last-event-id': long }))
})

test('a stream ends with the session or the key that opened it', async () => {
  const customer = await gateway.customer()
  const browser = await signedIn(gateway, { secret: customer.key })
  const page = { origin: gateway.url, cookie: browser.cookie }
  const ofSession = await begun(await watchAt(`${gateway.url}/console/api/v1/events`, page))
  const ofKey = await followed(customer.key)
  await browser.call('DELETE', '/console/session')
  await expect(ofSession.ended).resolves.toBeUndefined()
  const [{ id }] = (await customer.get('/keys')).json.data.keys
  await gateway.operator('DELETE', `/keys/${id}`)
  await expect(ofKey.ended).resolves.toBeUndefined()
})

test('a stream ends when its key, or its account, may no longer be used from where it goes', async () => {
  const [one, other] = [await gateway.customer(), await gateway.customer()]
  const browser = await signedIn(gateway, { secret: one.key })
  const page = { origin: gateway.url, cookie: browser.cookie }
  const ofSession = await begun(await watchAt(`${gateway.url}/console/api/v1/events`, page))
  const [ofKey, ofOther] = [await followed(one.key), await followed(other.key)]
  const [{ id }] = (await one.get('/keys')).json.data.keys
  const limits = (cidrs: string[]) => ({ limits: { cidrs } })
  await gateway.operator('PATCH', `/keys/${id}`, limits(['127.0.0.0/8', '203.0.113.0/24']))
  expect((await one.get('/credits')).status).toBe(200)
  await gateway.operator('PATCH', `/keys/${id}`, limits(['203.0.113.0/24']))
  await Promise.all([ofSession.ended, ofKey.ended])
  await gateway.operator('PATCH', `/accounts/${other.accountId}`, limits(['203.0.113.0/24']))
  await expect(ofOther.ended).resolves.toBeUndefined()
})

test('an account has fifty streams and no more, and others have theirs', async () => {
  const [customer, other] = [await gateway.customer(), await gateway.customer()]
  const open = await Promise.all(Array.from({ length: 50 }, async () => await follow(customer.key)))
  const refused = await gateway.call('GET', '/api/v1/events', { key: customer.key })
  expect(seen(refused)).toEqual(failure({ type: 'rate_limited', status: 429 }))
  expect(refused.headers.get('retry-after')).toBe('5')
  expect((await follow(other.key)).status).toBe(200)
  for (const stream of open) stream.leave()
  await until(
    async () => (await follow(customer.key)).status,
    (status) => status === 200,
  )
})

test('a stop ends all streams', async () => {
  const stream = await followed((await gateway.customer()).key)
  await gateway.restart()
  await stream.ended
  expect(await streams()).toBe(0)
})
