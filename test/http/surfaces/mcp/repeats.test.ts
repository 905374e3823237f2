// A call that a client repeats orders once; two that it wants order twice.
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { quickYaml, startGateway, until } from '../../../support/gateway.ts'
import type { Customer, Gateway } from '../../../support/gateway.ts'
import { callTool, rpc } from './rpc.ts'
import type { RpcOptions } from './rpc.ts'

let gateway: Gateway
let customer: Customer
beforeAll(async () => {
  gateway = await startGateway({ yaml: quickYaml, sandbox: { imageMs: 300 } })
})
beforeEach(async () => {
  customer = await gateway.customer(1_000)
})
afterAll(async () => await gateway.stop())

const heron = { model_id: 'gpt-image-2', prompt: 'a heron', wait_seconds: 0 }
const order = async (args: object, options: RpcOptions = {}) =>
  await callTool(gateway, customer, 'generate_image', args, options)
const idOf = (result: any): string => result.structuredContent.tasks[0].task_id
const ordered = async (): Promise<string[]> =>
  (await customer.get('/tasks')).json.data.tasks.map(({ task_id: id }: { task_id: string }) => id)
const spent = async () => 1_000 - (await customer.balance())

/** Whatever a client does when it has lost its answer, as soon as its order stands. */
async function loseAnswer(args: object, options: RpcOptions = {}): Promise<string> {
  const gone = new AbortController()
  const lost = order(args, { ...options, signal: gone.signal }).then(
    () => 'answered',
    () => 'lost',
  )
  const [id = ''] = await until(ordered, (ids) => ids.length > 0)
  gone.abort()
  expect(await lost).toBe('lost')
  return id
}

describe.each(['modern', 'legacy'] as const)('in the %s era', (era) => {
  test('the same request sent again gives the same order, and says so', async () => {
    const first = await order(heron, { era, id: 7 })
    const again = await order(heron, { era, id: 7 })
    expect(idOf(again)).toBe(idOf(first))
    expect([first.structuredContent.repeated, again.structuredContent.repeated]).toEqual([false, true])
    expect([await ordered(), await spent()]).toEqual([[idOf(first)], 15])
  })

  test('the same request sent twice at once makes one order', async () => {
    const args = { ...heron, wait_seconds: 50 }
    const [one, other] = await Promise.all([order(args, { era, id: 'a' }), order(args, { era, id: 'a' })])
    expect(idOf(one)).toBe(idOf(other))
    expect([await ordered(), await spent()]).toEqual([[idOf(one)], 15])
  })

  test('equal orders in requests of their own are two, one after the other and at once', async () => {
    await order(heron, { era, id: 1 })
    await order(heron, { era, id: 2 })
    await Promise.all([order(heron, { era, id: 3 }), order(heron, { era, id: 4 })])
    expect([(await ordered()).length, await spent()]).toEqual([4, 60])
  })

  test('an answer that was lost is claimed by the next equal call, whatever its id, and by one only', async () => {
    const id = await loseAnswer({ ...heron, wait_seconds: 50 }, { era, id: 1 })
    expect(idOf(await order(heron, { era, id: 900 }))).toBe(id)
    expect(await spent()).toBe(15)
    expect(idOf(await order(heron, { era, id: 901 }))).not.toBe(id)
    expect(await spent()).toBe(30)
  })

  test('a client that began anew counts its requests anew: an equal id is another order', async () => {
    await order(heron, { era, id: 1 })
    const hello = {
      modern: ['server/discover', {}],
      legacy: [
        'initialize',
        { protocolVersion: '2025-11-25', capabilities: {}, clientInfo: { name: 'x', version: '1' } },
      ],
    } as const
    const [method, params] = hello[era]
    expect((await rpc(gateway, customer, method, params, { era, id: 0 })).status).toBe(200)
    await order(heron, { era, id: 1 })
    expect([(await ordered()).length, await spent()]).toEqual([2, 30])
  })

  test('a gateway that ended meanwhile knows the order still', async () => {
    const first = await order(heron, { era, id: 5 })
    await gateway.restart()
    expect(idOf(await order(heron, { era, id: 5 }))).toBe(idOf(first))
    expect(await spent()).toBe(15)
  })
})

test('a client of the former era that gave up and said so claims its order', async () => {
  const args = { ...heron, prompt: 'slow heron', wait_seconds: 50 }
  const first = order(args, { era: 'legacy', id: 3 })
  const [id = ''] = await until(ordered, (ids) => ids.length > 0)
  await rpc(gateway, customer, 'notifications/cancelled', { requestId: 3 }, { era: 'legacy', isNotice: true })
  expect(idOf(await order({ ...args, wait_seconds: 0 }, { era: 'legacy', id: 4 }))).toBe(id)
  await first
  expect(await spent()).toBe(15)
})

test('a key of the client decides alone', async () => {
  const keyed = { ...heron, idempotency_key: 'order-1' }
  const first = await order(keyed, { id: 1 })
  expect(idOf(await order({ ...keyed, wait_seconds: 1 }, { id: 2 }))).toBe(idOf(first))
  await order({ ...heron, idempotency_key: 'order-2' }, { id: 1 })
  const other = await order({ ...keyed, prompt: 'an egret' }, { id: 3 })
  expect([other.isError, other.content[0].text]).toEqual([true, expect.stringMatching(/another body/)])
  expect([(await ordered()).length, await spent()]).toEqual([2, 30])
})

test('it is the same key as in the tasks API', async () => {
  const body = { model_id: 'gpt-image-2', prompt: 'a heron' }
  const { data } = (await customer.create(body, { 'idempotency-key': 'mine' })).json
  const result = await order({ ...body, wait_seconds: 0, idempotency_key: 'mine' })
  expect(idOf(result)).toBe(data.task_id)
})

test('other arguments, and another account, are other orders', async () => {
  await order(heron, { id: 1 })
  await order({ ...heron, prompt: 'an egret' }, { id: 1 })
  const other = await gateway.customer(1_000)
  await callTool(gateway, other, 'generate_image', heron, { id: 1 })
  expect([(await ordered()).length, await other.balance()]).toEqual([2, 985])
})
