// A query that waits: answered when the task ends or the time is over, and never in anybody's way.
import { expect, onTestFinished, test } from 'vitest'
import { manualClock } from '../support/clock.ts'
import type { ManualClock } from '../support/clock.ts'
import { startGateway, until } from '../support/gateway.ts'
import type { Answer, Customer, Gateway, GatewayOptions } from '../support/gateway.ts'
import { inspect, order } from '../tasks/order.ts'
import { waitQuery } from '../../src/http/v1/wait.ts'
import { failure, seen, withLimits } from './expectations.ts'
import { waiters, waitersAre, watch } from './event-stream.ts'

/** Well before the minute that the client would wait is over; how busy the machine is does not matter. */
const atOnceMs = 30_000

interface Scene {
  readonly gateway: Gateway
  readonly customer: Customer
  /** A task that runs and never ends by itself. */
  readonly id: string
  finish(): void
}

async function scene(options: GatewayOptions = {}): Promise<Scene> {
  const gateway = await startGateway(options)
  onTestFinished(() => gateway.stop())
  gateway.sandbox.freeze('all')
  const customer = await gateway.customer()
  const [id = ''] = await order(customer)
  await until(
    () => inspect(gateway, id),
    ({ state }) => state === 'running',
  )
  const finish = () => gateway.sandbox.finish(gateway.sandbox.submissions[0]?.taskIds[0] ?? '', 'SUCCEEDED')
  return { gateway, customer, id, finish }
}

const patientYaml = `
upstreams:
  keevx:
    adapter: keevx
    image: { poll_every: 10m, give_up_after: 20m }
limits: { requests_per_minute: off, unauthenticated_per_minute: off, tasks_in_flight: off }
`

/** Time stands still, so that nothing happens but what the test makes happen. */
async function stillScene(): Promise<Scene & { readonly clock: ManualClock }> {
  const clock = manualClock()
  return { ...(await scene({ clock, yaml: patientYaml })), clock }
}

/** Turns the clock in small steps, so that whoever sleeps in between sleeps again. */
async function pass(clock: ManualClock, ms: number): Promise<void> {
  for (let passed = 0; passed < ms; passed += 250) {
    clock.advance(250)
    await new Promise((resolve) => setImmediate(resolve))
  }
}

/** Goes on turning the clock: whoever was reading the store when it was turned set a timer only afterwards. */
async function outlast<Result>(clock: ManualClock, answer: Promise<Result>): Promise<Result> {
  let isOver = false
  void answer.then(() => (isOver = true))
  await until(
    async () => {
      await pass(clock, 250)
      return isOver
    },
    (is) => is,
  )
  return await answer
}

test('it is answered when the task ends, long before the seconds are over, with what a plain query says', async () => {
  const { gateway, customer, id, finish } = await scene()
  const answer = customer.get(`/tasks/${id}?wait=60`)
  await waitersAre(gateway, 1)
  const finishedAt = performance.now()
  finish()
  const { status, json, headers } = await answer
  expect(performance.now() - finishedAt).toBeLessThan(atOnceMs)
  expect(status).toBe(200)
  expect(headers.get('x-request-id')).toMatch(/^req_/)
  expect(json.data.task_status).toBe(3)
  expect(json).toEqual((await customer.get(`/tasks/${id}`)).json)
  expect(await waiters(gateway)).toBe(0)
  // Nor does it count among answers that take long by themselves.
  const { text } = await gateway.call('GET', '/metrics')
  const waited = /^tollgate_http_request_seconds_count\{.*route="\/api\/v1\/tasks\/:task_id\?wait".*\} 1$/m
  expect(text).toMatch(waited)
})

test('a task that failed ends the wait as well, with its refund', async () => {
  const { gateway, customer, id } = await scene()
  const answer = customer.get(`/tasks/${id}?wait=60`)
  await waitersAre(gateway, 1)
  gateway.sandbox.finish(gateway.sandbox.submissions[0]?.taskIds[0] ?? '', 'FAILED')
  expect((await answer).json.data).toMatchObject({ task_status: 4, credits_refunded: 15 })
})

test('it is answered at its time with what the task is then, and not before', async () => {
  const { gateway, customer, id, clock } = await stillScene()
  let answered: Answer | null = null
  const answer = customer.get(`/tasks/${id}?wait=30`).then((given) => (answered = given))
  await waitersAre(gateway, 1)
  await pass(clock, 29_500)
  expect(await waiters(gateway)).toBe(1)
  expect(answered).toBeNull()
  await pass(clock, 1_000)
  expect((await outlast(clock, answer)).json).toMatchObject({
    code: 200,
    data: { task_id: id, task_status: 2 },
  })
})

test('a change that is no end is not answered', async () => {
  const { gateway, customer } = await scene()
  const pending = { kind: 'observe', change: (data: object) => ({ ...data, status: 'PENDING' }) } as const
  gateway.sandbox.always('query', pending)
  const { json } = await customer.create({ model_id: 'keevx-v', prompt: 'waves' })
  const id = json.data.task_id
  const answer = customer.get(`/tasks/${id}?wait=60`)
  await waitersAre(gateway, 1)
  gateway.sandbox.always('query', null)
  await until(
    () => customer.task(id),
    (task) => task.task_status === 2,
  )
  expect(await waiters(gateway)).toBe(1)
  for (const { taskIds } of gateway.sandbox.submissions) gateway.sandbox.finish(taskIds[0] ?? '', 'SUCCEEDED')
  expect((await answer).json.data.task_status).toBe(3)
})

test('without seconds, with none, and for a task that has ended it does not wait', async () => {
  const { customer, id, finish } = await scene()
  for (const query of ['', '?wait=', '?wait=0']) {
    expect((await customer.get(`/tasks/${id}${query}`)).json.data.task_status).toBe(2)
  }
  finish()
  await customer.ended(id)
  expect((await customer.get(`/tasks/${id}?wait=60`)).json.data.task_status).toBe(3)
})

test('seconds that cannot be are refused by name', async () => {
  const { customer, id } = await stillScene()
  for (const wait of ['-1', '1.5', '1e1', '0x10', '30s', '%2030', 'x', `-${'9'.repeat(20)}`, '1&wait=2']) {
    const answer = await customer.get(`/tasks/${id}?wait=${wait}`)
    expect(seen(answer), wait).toEqual(failure({ type: 'invalid_request', field: 'wait' }))
  }
})

test('more seconds than the most mean the most', async () => {
  for (const wait of ['56', '60', '999', '9'.repeat(20), '9'.repeat(400)]) {
    expect(waitQuery.wait.parse(wait)).toBe(55)
  }
  expect(waitQuery.wait.parse('54')).toBe(54)
  const { customer, id, finish } = await scene()
  const answer = customer.get(`/tasks/${id}?wait=999`)
  finish()
  expect((await answer).json.data.task_status).toBe(3)
})

test("nobody waits for another's task, or for one that never was", async () => {
  const { gateway, id } = await stillScene()
  const stranger = await gateway.customer(0)
  for (const asked of [id, `task_${'0'.repeat(27)}`, 'x']) {
    expect(seen(await stranger.get(`/tasks/${asked}?wait=60`))).toEqual(
      failure({ type: 'not_found', field: 'task_id' }),
    )
    expect(seen(await stranger.get(`/tasks/${asked}/events`))).toEqual(
      failure({ type: 'not_found', field: 'task_id' }),
    )
  }
  expect(await waiters(gateway)).toBe(0)
})

test('whoever goes away leaves his place at once', async () => {
  const { gateway, customer, id } = await stillScene()
  const going = new AbortController()
  const asked = fetch(`${gateway.url}/api/v1/tasks/${id}?wait=60`, {
    headers: { authorization: `Bearer ${customer.key}` },
    signal: going.signal,
  })
  await waitersAre(gateway, 1)
  const stream = await watch(gateway, customer.key, id)
  await waitersAre(gateway, 2)
  going.abort()
  await expect(asked).rejects.toThrow(/abort/)
  await waitersAre(gateway, 1)
  stream.leave()
  await waitersAre(gateway, 0)
  expect((await customer.get(`/tasks/${id}`)).status).toBe(200)
})

test('waiting asks the upstream nothing', async () => {
  const { gateway, customer, id, clock } = await stillScene()
  const before = [...gateway.sandbox.requests]
  const answers = Array.from({ length: 20 }, () => customer.get(`/tasks/${id}?wait=10`))
  await Promise.all(Array.from({ length: 10 }, () => watch(gateway, customer.key, id)))
  await waitersAre(gateway, 30)
  await pass(clock, 11_000)
  for (const answer of await outlast(clock, Promise.all(answers)))
    expect(answer.json.data.task_status).toBe(2)
  expect([...gateway.sandbox.requests]).toEqual(before)
})

test('a wait and a stream count as one request each', async () => {
  const yaml = withLimits('requests_per_minute: 4, unauthenticated_per_minute: off, tasks_in_flight: off')
  const { gateway, customer, id, finish } = await scene({ yaml })
  const answer = customer.get(`/tasks/${id}?wait=60`)
  const stream = await watch(gateway, customer.key, id)
  await waitersAre(gateway, 2)
  finish()
  expect((await answer).json.data.task_status).toBe(3)
  await stream.ended
  expect((await customer.get('/credits')).status).toBe(200)
  expect((await customer.get('/credits')).status).toBe(429)
})

test('a stop answers all who wait at once with what there is, and ends their streams whole', async () => {
  const { gateway, customer, id } = await stillScene()
  const answers = Array.from({ length: 3 }, () => customer.get(`/tasks/${id}?wait=60`))
  const stream = await watch(gateway, customer.key, id)
  await waitersAre(gateway, 4)
  const stoppingAt = performance.now()
  const stopped = gateway.app.stop()
  for (const answer of answers) expect((await answer).json.data.task_status).toBe(2)
  await stream.ended
  expect(stream.events().map(({ id: shown }) => shown)).toEqual(['2'])
  await stopped
  expect(performance.now() - stoppingAt).toBeLessThan(atOnceMs)
})

test('a store that has failed answers nobody who waits with what was before', async () => {
  const { gateway, customer, id } = await stillScene()
  const answer = customer.get(`/tasks/${id}?wait=60`)
  const stream = await watch(gateway, customer.key, id)
  await waitersAre(gateway, 2)
  await gateway.app.abandon()
  expect(seen(await answer)).toEqual(failure({ type: 'unavailable', status: 503 }))
  await stream.ended
  expect(stream.events()).toHaveLength(1)
})
