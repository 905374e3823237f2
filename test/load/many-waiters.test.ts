// Ten thousand clients wait in one process: nobody else notices, and all are answered when their tasks end.
import { afterAll, beforeAll, expect, test } from 'vitest'
import { startGateway, until } from '../support/gateway.ts'
import type { Customer, Gateway } from '../support/gateway.ts'
import { inspect, order } from '../tasks/order.ts'
import { waiters, waitersAre } from '../http/event-stream.ts'
import { heldMemory } from '../support/memory.ts'

const accounts = 10
const waitersOfEach = 1_000
const all = accounts * waitersOfEach
/** So many are woken in one turn of the event loop; those that were read meanwhile may leave with them. */
const answersOfTurnMax = 500
/** They come as the answers of one turn come, and not all in one. */
const atOnce = 500
/** A busy machine takes its time. */
const testMaxMs = 120_000
const bytesOfEachMax = 50_000
const patientYaml = `
upstreams:
  keevx: { image: { poll_every: 50ms, give_up_after: 20m } }
limits: { requests_per_minute: off, unauthenticated_per_minute: off, tasks_in_flight: off }
`

let gateway: Gateway
beforeAll(async () => {
  // As many as there may be, whatever limit of open files this machine has.
  gateway = await startGateway({
    yaml: patientYaml,
    bounds: { connections: { descriptorsMax: 2.4 * all } },
  })
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

/** Counts what is noted in each turn of the event loop: how many times it was, in the fullest. */
function countPerTurn(): { note(): void; most(): number; stop(): void } {
  let [most, inTurn, isOn] = [0, 0, true]
  const turn = () => {
    most = Math.max(most, inTurn)
    inTurn = 0
    if (isOn) setImmediate(turn)
  }
  turn()
  return {
    note: () => void (inTurn += 1),
    most: () => Math.max(most, inTurn),
    stop: () => void (isOn = false),
  }
}

test(
  'ten thousand wait, and are answered when their tasks end',
  async () => {
    gateway.sandbox.freeze('all')
    const scenes = await Promise.all(
      Array.from({ length: accounts }, async () => {
        const customer = await gateway.customer()
        return { customer, id: await frozenTask(customer) }
      }),
    )
    const perTurn = countPerTurn()
    const heapBefore = heldMemory().heapUsed
    // Without sockets, whose number the machine limits; all else is as over the wire.
    const wait = async ({ customer: { key }, id }: (typeof scenes)[number]): Promise<number> => {
      const url = `/api/v1/tasks/${id}?wait=60`
      const answer = await gateway.app.server.inject({ url, headers: { authorization: `Bearer ${key}` } })
      perTurn.note()
      return answer.json().data.task_status
    }
    const answers: Promise<number>[] = []
    while (answers.length < all) {
      const scene = scenes[(answers.length / atOnce) % accounts] ?? expect.fail()
      answers.push(...Array.from({ length: atOnce }, () => wait(scene)))
      await waitersAre(gateway, answers.length)
    }
    const bytesOfEach = (heldMemory().heapUsed - heapBefore) / all
    for (let turn = 0; turn < 50; turn += 1) {
      const { customer, id } = scenes[turn % accounts] ?? expect.fail()
      expect(await customer.task(id)).toMatchObject({ task_status: 2 })
    }
    for (const { taskIds } of gateway.sandbox.submissions)
      gateway.sandbox.finish(taskIds[0] ?? '', 'SUCCEEDED')
    const statuses = await Promise.all(answers)
    perTurn.stop()
    expect(new Set(statuses)).toEqual(new Set([3]))
    expect(statuses).toHaveLength(all)
    expect(await waiters(gateway)).toBe(0)
    expect(perTurn.most(), 'others have their turn between').toBeLessThanOrEqual(answersOfTurnMax)
    expect(bytesOfEach).toBeLessThan(bytesOfEachMax)
  },
  testMaxMs,
)
