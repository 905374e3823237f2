// A customer cancels what still waits, and reads where it stands in the queue.
import { afterAll, beforeAll, expect, test } from 'vitest'
import { startGateway, quickYaml, until } from '../support/gateway.ts'
import type { Answer, Customer, Gateway } from '../support/gateway.ts'
import { receiverYaml, startReceiver } from '../support/receiver.ts'
import { ledgerAddsUp, order, submitsTo } from '../tasks/order.ts'
import { failure, seen } from './expectations.ts'

let gateway: Gateway
let customer: Customer
beforeAll(async () => {
  gateway = await startGateway({ yaml: quickYaml + receiverYaml() })
})
afterAll(async () => await gateway.stop())

const cancel = (id: string, headers?: Record<string, string>): Promise<Answer> =>
  gateway.call('DELETE', `/api/v1/tasks/${id}`, { key: customer.key, ...(headers && { headers }) })

/** Keevx has said that we ask too much, so what is ordered now waits for as long as a test lasts. */
async function closeTheDoor(): Promise<string> {
  const before = submitsTo(gateway)
  gateway.sandbox.script('submit', {
    kind: 'status',
    status: 429,
    body: { code: 429 },
    headers: { 'retry-after': '3600' },
  })
  const [id = ''] = await order(customer)
  await until(
    async () => (await gateway.call('GET', '/readyz')).json.upstreams.keevx[0].state,
    (state) => state === 'paused',
  )
  expect(submitsTo(gateway)).toBe(before + 1)
  return id
}

test('what waits shows its place, is cancelled once, and its webhook says why; what is left is ordered', async () => {
  customer = await gateway.customer(1_000)
  const receiver = await startReceiver()
  const first = await closeTheDoor()
  const body = { model_id: 'gpt-image-2', prompt: 'a heron', generate_count: 4, callback_url: receiver.url }
  const ids: string[] = (await customer.create(body)).json.data.task_ids
  const [kept = '', cancelled = '', ...others] = ids

  expect(await customer.task(first)).toMatchObject({ task_status: 1, queue_position: 1 })
  expect(await customer.task(kept)).toMatchObject({ task_status: 1, queue_position: 2 })
  const { tasks } = (await customer.get('/tasks')).json.data
  expect(tasks.map((task: { queue_position: unknown }) => task.queue_position)).toEqual([2, 2, 2, 2, 1])

  const answer = { task_id: cancelled, cancelled: true, credits_refunded: 15 }
  expect((await cancel(cancelled)).json).toEqual({ code: 200, msg: 'ok', data: answer })
  expect((await cancel(cancelled)).json).toEqual({ code: 200, msg: 'ok', data: answer })
  expect(await customer.balance()).toBe(1_000 - 4 * 15)
  expect(await customer.task(cancelled)).toMatchObject({
    task_status: 4,
    credits_refunded: 15,
    error_message: 'Cancelled by you before it was ordered. Your credits were returned.',
  })
  expect(await customer.task(cancelled)).not.toHaveProperty('queue_position')
  await until(
    () => receiver.told.length,
    (count) => count === 1,
  )
  const told = JSON.parse(receiver.told[0]?.body ?? '')
  expect(told).toMatchObject({ type: 'task.failed', data: await customer.task(cancelled) })

  // A process that has just begun knows of no pause.
  await gateway.restart()
  for (const id of [first, kept, ...others])
    expect(await customer.ended(id)).toMatchObject({ task_status: 3 })
  expect(gateway.sandbox.submissions.map(({ taskIds }) => taskIds.length)).toEqual([1, 3])
  expect(await customer.balance()).toBe(1_000 - 4 * 15)
  await ledgerAddsUp(gateway)
  await receiver.close()
})

test('what was ordered, or has ended, is too late to cancel, and the answer says what becomes of the credits', async () => {
  customer = await gateway.customer(1_000)
  const [id = ''] = await order(customer)
  await customer.ended(id)
  const late = await cancel(id)
  expect(seen(late)).toEqual(failure({ type: 'too_late' }))
  expect(late.json.msg).toContain('already succeeded')
  expect((await cancel(id, { 'accept-language': 'zh-CN' })).json.msg).toContain('已成功完成')
  gateway.sandbox.freeze('all')
  const before = submitsTo(gateway)
  const [running = ''] = await order(customer)
  await until(
    () => submitsTo(gateway),
    (submits) => submits > before,
  )
  expect(seen(await cancel(running))).toEqual(failure({ type: 'too_late' }))
  expect(await customer.balance()).toBe(1_000 - 2 * 15)
  await ledgerAddsUp(gateway)
})
