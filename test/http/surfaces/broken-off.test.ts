// A client that lost its connection sends its order again: it is answered with the order that it has paid for.
import { request as ask } from 'node:http'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { startGateway, until } from '../../support/gateway.ts'
import type { Customer, Gateway } from '../../support/gateway.ts'

let gateway: Gateway
let customer: Customer
beforeAll(async () => {
  // Pictures that take longer than any test.
  gateway = await startGateway({ sandbox: { imageMs: 3_600_000 } })
})
afterAll(async () => await gateway.stop())

const path = '/replicate/v1/models/a/nano-banana-2/predictions'
const order = (prompt: string) => ({ input: { prompt } })
const create = async (prompt: string) =>
  await gateway.call('POST', path, { key: customer.key, body: order(prompt) })
const ordered = async () => (await customer.get('/tasks?limit=100')).json.data.tasks.length
const submissions = async (count: number) =>
  await until(
    () => gateway.sandbox.submissions.length,
    (seen) => seen >= count,
  )

/** Waits for the end on its connection, which is cut as soon as the order is stored. */
async function createAndLose(prompt: string): Promise<void> {
  const before = await ordered()
  const call = ask(`${gateway.url}${path}`, {
    method: 'POST',
    headers: {
      authorization: `Bearer ${customer.key}`,
      'content-type': 'application/json',
      prefer: 'wait',
    },
  })
  call.on('error', () => undefined).end(JSON.stringify(order(prompt)))
  await until(ordered, (count) => count > before)
  call.destroy()
  await until(
    async () => (await gateway.call('GET', '/metrics')).text,
    (text) => text.includes('tollgate_waiters 0'),
  )
}

test('an order whose connection broke is claimed by the next equal one, once', async () => {
  customer = await gateway.customer(1_000)
  const before = gateway.sandbox.submissions.length
  await createAndLose('a heron')
  expect((await create('another')).json.input.prompt).toBe('another')
  const claimed = await create('a heron')
  expect([claimed.status, await ordered()]).toEqual([201, 2])
  const { tasks } = (await customer.get('/tasks')).json.data
  expect(tasks.map(({ request_id: id }: any) => id)).toContain(claimed.json.id)
  // It has been heard of now: the next is an order of its own.
  expect((await create('a heron')).json.id).not.toBe(claimed.json.id)
  await submissions(before + 3)
  expect(gateway.sandbox.submissions).toHaveLength(before + 3)
  expect(await customer.balance()).toBe(970)
})

test('live twins stay two, and an answered order is claimed by nobody', async () => {
  customer = await gateway.customer(1_000)
  const before = gateway.sandbox.submissions.length
  const [one, two] = await Promise.all([create('twins'), create('twins')])
  expect(one.json.id).not.toBe(two.json.id)
  expect((await create('twins')).json.id).not.toBe(one.json.id)
  await submissions(before + 3)
  expect(gateway.sandbox.submissions).toHaveLength(before + 3)
})

test('another account claims nothing', async () => {
  customer = await gateway.customer(1_000)
  await createAndLose('mine')
  const other = await gateway.customer(1_000)
  await gateway.call('POST', path, { key: other.key, body: order('mine') })
  expect(await other.balance()).toBe(990)
  expect(await ordered()).toBe(1)
})

test('an order that is paid for is answered at once where nobody may wait any more', async () => {
  const full = await startGateway({ bounds: { connections: { descriptorsMax: 1 } } })
  try {
    const { key } = await full.customer()
    const answer = await full.call('POST', path, { key, body: order('a'), headers: { prefer: 'wait' } })
    expect([answer.status, answer.json.status]).toEqual([202, 'starting'])
  } finally {
    await full.stop()
  }
})
