// A task as a stream of events: every status in its order, to the end, and kept alive in between.
import { expect, onTestFinished, test } from 'vitest'
import { manualClock } from '../support/clock.ts'
import { startGateway, until } from '../support/gateway.ts'
import type { Customer, Gateway, GatewayOptions } from '../support/gateway.ts'
import { inspect, order } from '../tasks/order.ts'
import { failure, seen } from './expectations.ts'
import { waiters, waitersAre, watch } from './event-stream.ts'
import type { Stream } from './event-stream.ts'

const asStatus = (status: string) =>
  ({ kind: 'observe', change: (data: object) => ({ ...data, status }) }) as const

async function frozen(options: GatewayOptions = {}): Promise<{ gateway: Gateway; customer: Customer }> {
  const gateway = await startGateway(options)
  onTestFinished(() => gateway.stop())
  gateway.sandbox.freeze('all')
  return { gateway, customer: await gateway.customer() }
}

const statuses = (stream: Stream) => stream.events().map(({ data }) => data.task_status)
const shows = async (stream: Stream, status: number) =>
  await until(
    () => statuses(stream),
    (shown) => shown.at(-1) === status,
  )

test('every status is told in its order, each once, and the end ends the stream', async () => {
  const { gateway, customer } = await frozen()
  gateway.sandbox.always('query', asStatus('PENDING'))
  gateway.sandbox.script('submit', { kind: 'delay', ms: 300 })
  const created = await customer.create({ model_id: 'keevx-v', prompt: 'waves' })
  const id = created.json.data.task_id
  const stream = await watch(gateway, customer.key, id)
  expect(stream.status).toBe(200)
  expect(stream.headers.get('content-type')).toBe('text/event-stream')
  expect(stream.headers.get('cache-control')).toBe('no-store')
  expect(stream.headers.get('x-accel-buffering')).toBe('no')
  expect(stream.headers.get('x-request-id')).toMatch(/^req_/)
  // Ordered, taken, and found waiting at the upstream: a video shows as queued until it has begun.
  await until(
    async () => await inspect(gateway, id),
    (task) => task.polls_made > 0,
  )
  expect(statuses(stream)).toEqual([1])
  gateway.sandbox.always('query', asStatus('PROCESSING'))
  await shows(stream, 2)
  gateway.sandbox.always('query', null)
  gateway.sandbox.finish(gateway.sandbox.submissions[0]?.taskIds[0] ?? '', 'SUCCEEDED')
  await stream.ended
  expect(statuses(stream)).toEqual([1, 2, 3])
  const events = stream.events()
  expect(new Set(events.map(({ event }) => event))).toEqual(new Set(['task']))
  expect(events.map(({ id: shown }) => Number(shown))).toEqual(statuses(stream))
  expect(events.at(-1)?.data).toEqual(await customer.task(id))
  expect(await waiters(gateway)).toBe(0)
})

test('of a task that has ended the end is told at once, whatever was read before', async () => {
  const { gateway, customer } = await frozen()
  const [id = ''] = await order(customer)
  await until(
    () => gateway.sandbox.submissions.length,
    (count) => count === 1,
  )
  gateway.sandbox.finish(gateway.sandbox.submissions[0]?.taskIds[0] ?? '', 'FAILED')
  await customer.ended(id)
  for (const headers of [{}, { 'last-event-id': '2' }, { 'last-event-id': '4' }]) {
    const stream = await watch(gateway, customer.key, id, headers)
    await stream.ended
    expect(stream.events().map(({ data }) => data)).toEqual([await customer.task(id)])
  }
})

test('a silent stream is kept alive by a comment every fifteen seconds, and goes on where it was left', async () => {
  const clock = manualClock()
  const yaml = `
upstreams:
  keevx: { image: { poll_every: 10m, give_up_after: 20m } }
limits: { requests_per_minute: off, unauthenticated_per_minute: off, tasks_in_flight: off }
`
  const { gateway, customer } = await frozen({ clock, yaml })
  const [id = ''] = await order(customer)
  await until(
    () => customer.task(id),
    (task) => task.task_status === 2,
  )
  const [first, again] = [
    await watch(gateway, customer.key, id),
    await watch(gateway, customer.key, id, { 'last-event-id': '2' }),
  ]
  await shows(first, 2)
  await waitersAre(gateway, 2)
  const comments = () => [first, again].map((stream) => stream.text().match(/^: .*$/gm)?.length ?? 0)
  expect(comments()).toEqual([0, 0])
  for (const beats of [1, 2]) {
    for (let passed = 0; passed <= 15_000; passed += 250) {
      clock.advance(250)
      await new Promise((resolve) => setImmediate(resolve))
    }
    await until(comments, (heard) => heard.every((count) => count === beats))
  }
  expect(statuses(first)).toEqual([2])
  expect(statuses(again)).toEqual([])
})

test('what is wrong with a stream is said before it begins, as everywhere', async () => {
  const { gateway, customer } = await frozen()
  const [id = ''] = await order(customer)
  const path = `/api/v1/tasks/${id}/events`
  expect(seen(await gateway.call('GET', path))).toEqual(failure({ type: 'unauthorized', status: 401 }))
  // A key in a URL ends up in logs and histories, so none is taken from there.
  expect(seen(await gateway.call('GET', `${path}?key=${customer.key}`))).toEqual(
    failure({ type: 'unauthorized', status: 401 }),
  )
  expect(seen(await customer.get(`/tasks/${id}/events?key=x`))).toEqual(
    failure({ type: 'invalid_request', field: 'key' }),
  )
  expect((await gateway.call('HEAD', path, { key: customer.key })).status).toBe(405)
})
