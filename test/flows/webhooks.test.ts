// Customers are told of the end of their tasks: signed, at the URL that the request or the account names, and again when asked.
import { Webhook } from 'standardwebhooks'
import { afterEach, expect, test } from 'vitest'
import { manualClock } from '../support/clock.ts'
import { quickYaml, startGateway, until } from '../support/gateway.ts'
import type { Customer, Gateway, GatewayOptions } from '../support/gateway.ts'
import { headersOf, receiverYaml, startReceiver, status } from '../support/receiver.ts'
import { ledgerAddsUp } from '../tasks/order.ts'

let gateway: Gateway
let customer: Customer
async function start(options: GatewayOptions = {}): Promise<void> {
  gateway = await startGateway({ yaml: quickYaml + receiverYaml(), ...options })
  customer = await gateway.customer(10_000)
}
afterEach(async () => {
  await ledgerAddsUp(gateway)
  await gateway.stop()
})

const call = (method: string, path: string, body?: unknown) =>
  gateway.call(method, `/api/v1/webhooks${path}`, { key: customer.key, ...(body !== undefined && { body }) })
const newSecret = async (): Promise<string> => (await call('POST', '/secret')).json.data.secret

async function make(order: object = {}): Promise<string> {
  const created = await customer.create({ model_id: 'gpt-image-2', prompt: 'a heron', ...order })
  expect(created.json).toMatchObject({ code: 200 })
  return created.json.data.task_id
}

const deliveries = async () => (await call('GET', '/deliveries')).json.data.deliveries

test('a success and a failure are told at the request’s URL, with the task as GET shows it', async () => {
  await start()
  const receiver = await startReceiver()
  const secret = await newSecret()
  const made = await make({ callback_url: receiver.url })
  const failed = await make({ callback_url: receiver.url, prompt: 'to fail' })
  await until(
    () => receiver.told.length,
    (count) => count === 2,
  )
  for (const [id, type] of [
    [made, 'task.succeeded'],
    [failed, 'task.failed'],
  ]) {
    const told = receiver.told.find(({ body }) => body.includes(String(id)))
    if (!told) throw new Error('each was told')
    const event = new Webhook(secret).verify(told.body, headersOf(told)) as any
    expect(event).toEqual({ type, timestamp: expect.any(String), data: await customer.task(String(id)) })
    expect(new Date(event.timestamp).toISOString()).toBe(event.timestamp)
    expect(Math.floor(Date.parse(event.timestamp) / 1000)).toBe(event.data.finished_at)
    expect(told.headers['content-type']).toBe('application/json')
    expect(() => new Webhook(secret).verify(told.body.replace('task', 'tusk'), headersOf(told))).toThrow()
  }
  const log = await until(deliveries, (all) => all.every((one: any) => one.status === 'delivered'))
  expect(log).toHaveLength(2)
  expect(log.map(({ task_id: id }: any) => id).toSorted()).toEqual([made, failed].toSorted())
  expect(log[0]).toMatchObject({ attempts: 1, last_status: 200, last_error: null, next_at: null })
  expect((await gateway.call('GET', '/metrics')).text).toMatch(
    /tollgate_webhook_deliveries_total\{outcome="delivered"\} 2[^]*tollgate_webhooks_pending 0/,
  )
})

test('who chose it hears that a task runs, and then of its end, with what tells which is the later', async () => {
  await start()
  const receiver = await startReceiver()
  const secret = await newSecret()
  const types = ['task.running', 'task.succeeded', 'task.failed']
  await call('PUT', '', { url: receiver.url, event_types: types })
  gateway.sandbox.always('query', { kind: 'observe', change: (data) => ({ ...data, status: 'PROCESSING' }) })
  const id = await make({ model_id: 'seedance-2' })
  await until(deliveries, ([one]) => one?.status === 'delivered')
  gateway.sandbox.always('query', null)
  const log = await until(deliveries, ([one]) => one.type !== 'task.running' && one.status === 'delivered')
  const heard = receiver.told.map((told) => new Webhook(secret).verify(told.body, headersOf(told)) as any)
  const statuses = heard.map(({ data }) => data.task_status)
  expect(heard.map(({ type }) => type)).toEqual(statuses.map((is) => types[is - 2]))
  expect(statuses).toEqual([2, 3])
  expect(heard[0]).toEqual({
    type: 'task.running',
    timestamp: expect.any(String),
    data: { ...(await customer.task(id)), ...asItRan },
  })
  expect(Date.parse(heard[0].timestamp)).toBeLessThanOrEqual(Date.parse(heard[1].timestamp))
  expect(log).toMatchObject([
    { type: 'task.succeeded', status: 'delivered' },
    { type: 'task.running', status: 'delivered', task_id: id },
  ])
})

/** What is known of a task only at its end. */
const asItRan = {
  task_status: 2,
  video_url: null,
  thumbnail_url: null,
  result_expires_at: null,
  finished_at: null,
  width: null,
  height: null,
  duration: null,
}

test('without one, the account’s own URL is told, and nobody where there is neither', async () => {
  await start()
  const silent = await make()
  await customer.ended(silent)
  expect(await deliveries()).toEqual([])
  const [own, named] = [await startReceiver(), await startReceiver()]
  expect((await call('PUT', '', { url: own.url })).json.data).toMatchObject({ url: own.url, enabled: true })
  await make()
  await make({ callback_url: named.url })
  await until(
    () => [own.told.length, named.told.length],
    ([one, other]) => one === 1 && other === 1,
  )
  expect((await call('PUT', '', { url: null })).json.data).toMatchObject({ url: null, enabled: false })
  await customer.ended(await make())
  expect(await deliveries()).toHaveLength(2)
})

test('who never asked for a secret is told signed, and can have one that verifies', async () => {
  await start()
  const receiver = await startReceiver()
  await make({ callback_url: receiver.url })
  await until(
    () => receiver.told.length,
    (count) => count === 1,
  )
  expect(receiver.told[0]?.headers['webhook-signature']).toMatch(/^v1,[A-Za-z0-9+/]{43}=$/)
  expect((await call('GET', '')).json.data).toMatchObject({ has_secret: true })
  const secret = await newSecret()
  await make({ callback_url: receiver.url })
  await until(
    () => receiver.told.length,
    (count) => count === 2,
  )
  const [, told] = receiver.told
  if (!told) throw new Error('it was told')
  expect(() => new Webhook(secret).verify(told.body, headersOf(told))).not.toThrow()
  // The one that nobody was shown signs beside it.
  expect(told.headers['webhook-signature']).toMatch(/^v1,\S+ v1,\S+$/)
})

test('a delivery that was not taken is tried again under its id, and at once when it is asked for', async () => {
  await start()
  const receiver = await startReceiver(status(500))
  const secret = await newSecret()
  await make({ callback_url: receiver.url })
  // The schedule of this test is over; the last try comes when three days are.
  const [failed] = await until(deliveries, ([one]) => one?.attempts === 3)
  expect(failed).toMatchObject({ status: 'pending', last_status: 500, last_error: 'It answered HTTP 500.' })
  receiver.answer = status(204)
  const again = await call('POST', `/deliveries/${failed.id}/resend`)
  expect(again.json.data).toMatchObject({ id: failed.id, status: 'pending' })
  await until(deliveries, ([one]) => one.status === 'delivered')
  await call('POST', `/deliveries/${failed.id}/resend`)
  await until(
    () => receiver.told.length,
    (count) => count === 5,
  )
  expect(new Set(receiver.told.map(({ headers }) => headers['webhook-id']))).toEqual(new Set([failed.id]))
  expect(new Set(receiver.told.map(({ body }) => body)).size).toBe(1)
  for (const told of receiver.told) new Webhook(secret).verify(told.body, headersOf(told))
})

test('a restart loses nothing that was still to be told', async () => {
  await start()
  const receiver = await startReceiver((response) => void response.socket?.destroy())
  await call('PUT', '', { url: receiver.url })
  const id = await make()
  await customer.ended(id)
  await gateway.restart()
  receiver.answer = status(200)
  const [first] = await until(deliveries, ([one]) => one?.status === 'delivered' || one?.attempts >= 3)
  if (first.status !== 'delivered') await call('POST', `/deliveries/${first.id}/resend`)
  const [last] = await until(deliveries, ([one]) => one.status === 'delivered')
  expect(last.task_id).toBe(id)
})

test('a webhook leaves when its task has ended, not when a loop looks around next', async () => {
  await start({ clock: manualClock() })
  const receiver = await startReceiver()
  gateway.sandbox.script('submit', { kind: 'status', status: 400, body: { code: 1, msg: 'no', data: null } })
  const id = await make({ callback_url: receiver.url })
  const [told] = await until(
    () => receiver.told,
    ({ length }) => length === 1,
  )
  expect(JSON.parse(told?.body ?? '')).toMatchObject({ type: 'task.failed', data: { task_id: id } })
})

test('a stop does not wait for a receiver that hangs, and the next start tells it again', async () => {
  await start({ yaml: quickYaml + receiverYaml('[1h]', '1m') })
  const receiver = await startReceiver(() => undefined)
  await make({ callback_url: receiver.url })
  await until(
    () => receiver.told.length,
    (count) => count === 1,
  )
  receiver.answer = status(200)
  // The receiver would be waited for as long as webhooks.timeout, which is as long as a test may take.
  await gateway.restart()
  const told = await until(
    () => receiver.told,
    ({ length }) => length === 2,
  )
  expect(told).toHaveLength(2)
})
