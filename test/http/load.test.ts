// Requests are refused when too many wait in this process, creates before queries, and not because a machine is busy.
import { afterAll, beforeAll, expect, test } from 'vitest'
import { startGateway, until } from '../support/gateway.ts'
import type { Answer, Customer, Gateway } from '../support/gateway.ts'
import { metric } from './connections/sockets.ts'
import { failure, seen } from './expectations.ts'

let gateway: Gateway
let customer: Customer
beforeAll(async () => {
  gateway = await startGateway({
    bounds: { load: { writesMax: 8, queriesMax: 16, worksMax: 200, workAgeMaxMs: 50, lateWorksMin: 100 } },
  })
  customer = await gateway.customer(100_000)
})
afterAll(async () => await gateway.stop())

const order = { model_id: 'gpt-image-2', prompt: 'a garden' }
const shed = async (kind: string, reason: string) =>
  await metric(gateway, `requests_shed_total{kind="${kind}",reason="${reason}"}`)
const overloaded = (answer: Answer) => {
  expect(seen(answer)).toEqual(failure({ type: 'unavailable', status: 503 }))
  expect(answer.headers.get('retry-after')).toBe('2')
  expect(answer.json.msg).toContain('Nothing was charged')
}

/** Resolves when the writer is at a work that does not end until the function is called. */
async function holdWriter(): Promise<() => Promise<void>> {
  const [held, begun] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()]
  const work = gateway.app.ctx.db.transaction(async () => {
    begun.resolve()
    await held.promise
  })
  await begun.promise
  return async () => {
    held.resolve()
    await work
  }
}

test('creates beyond the bound are refused and cost nothing, while queries and health are answered', async () => {
  const before = await customer.balance()
  const letGo = await holdWriter()
  const other = Array.from({ length: 4 }, () => customer.create(order))
  // One account has half of all places; what is more of it is refused at once.
  await until(
    () => metric(gateway, 'requests_in_process{kind="write"}'),
    (count) => count === 4,
  )
  overloaded(await customer.create(order))
  expect(await shed('write', 'account')).toBe(1)
  expect((await customer.get('/credits')).status).toBe(200)
  expect((await gateway.call('GET', '/healthz')).status).toBe(200)
  expect((await gateway.call('GET', '/readyz')).status).toBe(200)
  await letGo()
  for (const answer of await Promise.all(other)) expect(answer.json.code).toBe(200)
  expect(before - (await customer.balance())).toBe(4 * 15)
  // The places are free again.
  expect((await customer.create(order)).json.code).toBe(200)
})

test('another account finds a place where one has taken its share', async () => {
  const newcomer = await gateway.customer(100)
  const letGo = await holdWriter()
  const hog = Array.from({ length: 4 }, () => customer.create(order))
  await until(
    () => metric(gateway, 'requests_in_process{kind="write"}'),
    (count) => count === 4,
  )
  const served = newcomer.create(order)
  await until(
    () => metric(gateway, 'requests_in_process{kind="write"}'),
    (count) => count === 5,
  )
  await letGo()
  expect((await served).json.code).toBe(200)
  for (const answer of await Promise.all(hog)) expect(answer.json.code).toBe(200)
})

test.each([
  ['is long', 200, 'writer_queue'],
  ['is old', 100, 'writer_age'],
])(
  'creates are refused when the queue of the writer %s, and queries are not',
  async (_what, length, reason) => {
    const { db } = gateway.app.ctx
    const letGo = await holdWriter()
    const works = Array.from({ length }, () => db.transaction(async () => undefined))
    await until(
      () => db.backlog(),
      ({ works: count, oldestMs }) => count >= length && oldestMs >= 50,
    )
    overloaded(await customer.create(order))
    expect(await shed('write', reason)).toBe(1)
    expect((await customer.get('/tasks')).status).toBe(200)
    await letGo()
    await Promise.all(works)
    expect((await customer.create(order)).json.code).toBe(200)
  },
)

test('a loop that was held up by a busy machine for longer than works may wait refuses nobody', async () => {
  const asked = customer.create(order)
  const resumedAt = performance.now() + 300
  while (performance.now() < resumedAt);
  const answers = await Promise.all([asked, customer.create(order), customer.get('/credits')])
  expect(answers.map(({ status }) => status)).toEqual([200, 200, 200])
  expect((await gateway.call('GET', '/readyz')).status).toBe(200)
})

test('one metric that cannot be read is counted, and all others are shown', async () => {
  const { metrics } = gateway.app.ctx
  metrics.gauge('broken', 'Cannot be read.', async () => await Promise.reject(new Error('EMFILE')))
  const { status, text } = await gateway.call('GET', '/metrics')
  expect(status).toBe(200)
  expect(text).toContain('tollgate_metric_errors_total{metric="tollgate_broken"} 1')
  expect(text).toContain('tollgate_connections ')
  expect(text).toContain('process_cpu_seconds_total')
  metrics.registry.removeSingleMetric('tollgate_broken')
})
