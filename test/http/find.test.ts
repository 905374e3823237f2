// The operator's search over HTTP: for the operator alone, and what it is asked is checked first.
import { afterAll, beforeAll, expect, test } from 'vitest'
import { startGateway } from '../support/gateway.ts'
import type { Customer, Gateway } from '../support/gateway.ts'

let gateway: Gateway
let customer: Customer
let taskId: string
beforeAll(async () => {
  gateway = await startGateway({})
  customer = await gateway.customer(100)
  const created = await customer.create({ model_id: 'gpt-image-2', prompt: '<b>a heron</b>' })
  taskId = created.json.data.task_id
})
afterAll(async () => await gateway.stop())

const find = async (q: string) => await gateway.operator('GET', `/find?q=${encodeURIComponent(q)}`)

test('what is found is shown as it was written', async () => {
  expect((await find(taskId)).json.data.results).toMatchObject([{ type: 'task', id: taskId }])
  expect((await find('HERON</b>')).json.data.results).toMatchObject([
    { type: 'request', label: '<b>a heron</b>' },
  ])
  expect((await find('no such thing')).json.data).toEqual({ results: [] })
})

test('whatever belongs to a task says which', async () => {
  const { data } = (await gateway.operator('GET', `/tasks/${taskId}`)).json
  for (const id of [taskId, data.request_id, data.attempts[0]?.id ?? data.request_id]) {
    expect((await find(id)).json.data.results[0]).toMatchObject({ id, task_id: taskId })
  }
  expect((await find(data.account_id)).json.data.results[0]).toMatchObject({ type: 'account', task_id: null })
})

test.each([['a'], [''], ['x'.repeat(201)]])('%s is refused by name', async (q) => {
  const { status, json } = await find(q)
  expect(status).toBe(422)
  expect(json.error).toMatchObject({ type: 'invalid_request', field: 'q' })
})

test('a customer finds nothing', async () => {
  const { status } = await gateway.call('GET', `/admin/v1/find?q=${taskId}`, { key: customer.key })
  expect(status).toBe(401)
})

test('the list of tasks is filtered by prompt over HTTP too', async () => {
  const ids = async (query: string): Promise<string[]> =>
    (await gateway.operator('GET', `/tasks?${query}`)).json.data.tasks.map(
      (task: { task_id: string }) => task.task_id,
    )
  expect(await ids('text=heron')).toEqual([taskId])
  expect(await ids('text=garden')).toEqual([])
  expect(await ids('key=key_none')).toEqual([])
})
