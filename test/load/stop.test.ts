// A stop under load and what a restart finds: no submit in doubt, nothing lost, nothing ordered twice.
import { expect, onTestFinished, test } from 'vitest'
import { startGateway, until } from '../support/gateway.ts'
import type { Customer, Gateway, GatewayOptions } from '../support/gateway.ts'
import { ledgerAddsUp, order, queriesTo, submitsTo } from '../tasks/order.ts'

async function gatewayFor(options: GatewayOptions = {}): Promise<{ gateway: Gateway; customer: Customer }> {
  const gateway = await startGateway(options)
  onTestFinished(() => gateway.stop())
  return { gateway, customer: await gateway.customer(100_000) }
}

const statesOf = async ({ app }: Gateway, table: 'requests' | 'attempts'): Promise<string[]> => {
  const { read } = app.ctx.db
  const rows: { state: string }[] = await read.select().from(read.tables[table])
  return rows.map(({ state }) => state)
}

/** The sandbox gave every task its own order, and no order was given twice. */
function expectOneOrderEach(gateway: Gateway, tasks: number): void {
  expect(gateway.sandbox.submissions.flatMap(({ taskIds }) => taskIds)).toHaveLength(tasks)
}

const inFlight = (count: number) => `
upstreams:
  keevx:
    adapter: keevx
    submit: { timeout: 1m, in_flight: ${count} }
    image: { poll_every: 30ms, give_up_after: 5m }
limits: { requests_per_minute: off, unauthenticated_per_minute: off, tasks_in_flight: off }
`

/** Some are left to other accounts. */
const slotsForFifty = 55

test('a stop while fifty submits are under way leaves none in doubt, and loses nothing', async () => {
  const { gateway, customer } = await gatewayFor({ yaml: inFlight(slotsForFifty) })
  gateway.sandbox.always('submit', { kind: 'delay', ms: 300 })
  const ids = (await Promise.all(Array.from({ length: 60 }, () => order(customer)))).flat()
  await until(
    () => submitsTo(gateway),
    (count) => count >= 50,
  )
  await gateway.restart()

  const attempts = await statesOf(gateway, 'attempts')
  const requests = await statesOf(gateway, 'requests')
  expect(attempts.filter((state) => state === 'unknown')).toEqual([])
  expect(requests.filter((state) => state === 'unknown')).toEqual([])
  gateway.sandbox.always('submit', null)
  const ended = await Promise.all(ids.map((id) => customer.ended(id)))
  expect(ended.map((task) => task.task_status)).toEqual(Array(60).fill(3))
  expectOneOrderEach(gateway, 60)
  expect(await customer.balance()).toBe(100_000 - 60 * 15)
  await ledgerAddsUp(gateway)
})

test('a stopped gateway has written down every answer that it was waiting for', async () => {
  const { gateway, customer } = await gatewayFor({ yaml: inFlight(slotsForFifty) })
  gateway.sandbox.always('submit', { kind: 'delay', ms: 300 })
  await Promise.all(Array.from({ length: 50 }, () => order(customer)))
  await until(
    () => submitsTo(gateway),
    (count) => count === 50,
  )
  // The store is closed by a stop, so what it left is seen by the next one, which has no time to do anything.
  const sweepingStates: string[][] = []
  const { app } = gateway
  const close = app.ctx.db.close
  app.ctx.db.close = async () => {
    sweepingStates.push(await statesOf(gateway, 'requests'), await statesOf(gateway, 'attempts'))
    await close()
  }
  await gateway.restart()
  expect(new Set(sweepingStates[0])).toEqual(new Set(['accepted']))
  expect(new Set(sweepingStates[1])).toEqual(new Set(['accepted']))
})

test('a stop does not wait for orders that have not been begun', async () => {
  const { gateway, customer } = await gatewayFor({ yaml: inFlight(2) })
  gateway.sandbox.always('submit', { kind: 'delay', ms: 200 })
  const ids = (await Promise.all(Array.from({ length: 40 }, () => order(customer)))).flat()
  let submitsAtClose = 0
  const { app } = gateway
  const close = app.ctx.db.close
  app.ctx.db.close = async () => {
    submitsAtClose = submitsTo(gateway)
    gateway.sandbox.always('submit', null)
    await close()
  }
  await gateway.restart()
  expect(submitsAtClose).toBeLessThan(40)
  await Promise.all(ids.map((id) => customer.ended(id)))
  expectOneOrderEach(gateway, 40)
})

test('a stop does not wait for looks that nobody answers, and the next process looks again at once', async () => {
  const { gateway, customer } = await gatewayFor()
  gateway.sandbox.always('query', { kind: 'hang' })
  const [id = ''] = await order(customer)
  await until(
    () => queriesTo(gateway),
    (count) => count === 1,
  )
  // The look would be waited for as long as its deadline, which is longer than a test may take.
  await gateway.restart()
  gateway.sandbox.always('query', null)
  expect(await customer.ended(id)).toMatchObject({ task_status: 3 })
})

test('however many tasks run, at most two hundred are looked at together, and all of them come to their turn', async () => {
  const { gateway, customer } = await gatewayFor()
  let open = 0
  let most = 0
  const { adapter } = gateway.app.ctx.upstreams.get('keevx') ?? expect.fail()
  const look = adapter.fetch
  adapter.fetch = async (...asked) => {
    open += 1
    most = Math.max(most, open)
    const seen = await look(...asked)
    open -= 1
    return seen
  }
  gateway.sandbox.script('query', ...Array.from({ length: 200 }, () => ({ kind: 'delay', ms: 30 }) as const))
  const ids = (await Promise.all(Array.from({ length: 25 }, () => order(customer, 8)))).flat()
  const ended = await Promise.all(ids.map((id) => customer.ended(id)))
  expect(ended.every((task) => task.task_status === 3)).toBe(true)
  expect(most).toBeGreaterThan(8)
  expect(most).toBeLessThanOrEqual(200)
})

test('tasks that began together are not looked at together for ever', async () => {
  const { gateway, customer } = await gatewayFor()
  gateway.sandbox.freeze('all')
  await Promise.all(Array.from({ length: 10 }, () => order(customer, 8)))
  const { read } = gateway.app.ctx.db
  const due = await until(
    async () => (await read.select().from(read.tables.polls)).map(({ dueAt }) => dueAt),
    (times) => times.length === 80,
  )
  expect(new Set(due).size).toBeGreaterThan(3)
})
