// Ten thousand clients wait in one process: nobody else notices, and all are answered when their tasks end.
import { monitorEventLoopDelay } from 'node:perf_hooks'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { startGateway, until } from '../support/gateway.ts'
import type { Customer, Gateway } from '../support/gateway.ts'
import { inspect, order } from '../tasks/order.ts'
import { waiters } from './event-stream.ts'

const accounts = 10
const waitersOfEach = 1_000
const all = accounts * waitersOfEach
/** Nobody else may be held up for longer, by the waiting or by the waking of all of them. */
const heldUpMaxMs = 250
const bytesOfEachMax = 50_000
const patientYaml = `
upstreams:
  keevx: { image: { poll_every: 50ms, give_up_after: 20m } }
limits: { requests_per_minute: off, unauthenticated_per_minute: off, tasks_in_flight: off }
`

let gateway: Gateway
beforeAll(async () => {
  gateway = await startGateway({ yaml: patientYaml })
})
afterAll(async () => await gateway.stop())

async function frozenTask(customer: Customer): Promise<string> {
  const [id = ''] = await order(customer)
  await until(
    () => inspect(gateway, id),
    ({ state }) => state === 'running',
  )
  return id
}

test('ten thousand wait, and are answered when their tasks end', async () => {
  gateway.sandbox.freeze('all')
  const scenes = await Promise.all(
    Array.from({ length: accounts }, async () => {
      const customer = await gateway.customer()
      return { customer, id: await frozenTask(customer) }
    }),
  )
  const heapBefore = process.memoryUsage().heapUsed
  // Without sockets, whose number the machine limits; all else is as over the wire.
  const wait = async ({ customer: { key }, id }: (typeof scenes)[number]): Promise<number> => {
    const url = `/api/v1/tasks/${id}?wait=60`
    const answer = await gateway.app.server.inject({ url, headers: { authorization: `Bearer ${key}` } })
    return answer.json().data.task_status
  }
  const answers = scenes.flatMap((scene) => Array.from({ length: waitersOfEach }, () => wait(scene)))
  await until(
    () => waiters(gateway),
    (count) => count === all,
  )
  const bytesOfEach = (process.memoryUsage().heapUsed - heapBefore) / all
  const heldUp = monitorEventLoopDelay({ resolution: 5 })
  heldUp.enable()
  for (let turn = 0; turn < 50; turn += 1) {
    const { customer, id } = scenes[turn % accounts] ?? expect.fail()
    expect(await customer.task(id)).toMatchObject({ task_status: 2 })
  }
  for (const { taskIds } of gateway.sandbox.submissions) gateway.sandbox.finish(taskIds[0] ?? '', 'SUCCEEDED')
  const statuses = await Promise.all(answers)
  heldUp.disable()
  expect(new Set(statuses)).toEqual(new Set([3]))
  expect(statuses).toHaveLength(all)
  expect(await waiters(gateway)).toBe(0)
  expect(heldUp.max / 1e6).toBeLessThan(heldUpMaxMs)
  expect(bytesOfEach).toBeLessThan(bytesOfEachMax)
})
