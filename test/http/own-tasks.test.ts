// What customers ask of their own tasks besides their state: filters, what was ordered, and all about one.
import { afterAll, beforeAll, expect, test } from 'vitest'
import { startGateway } from '../support/gateway.ts'
import type { Customer, Gateway } from '../support/gateway.ts'
import { failure, seen } from './expectations.ts'

let gateway: Gateway
let customer: Customer
let heron: string
let failed: string
beforeAll(async () => {
  gateway = await startGateway()
  customer = await gateway.customer(1_000)
  const order = { model_id: 'gpt-image-2', aspect_ratio: '16:9' }
  heron = (await customer.create({ ...order, prompt: '<b>A heron</b>', generate_count: 2 })).json.data.task_id
  failed = (await customer.create({ ...order, prompt: 'this will fail' })).json.data.task_id
  for (const id of [heron, failed]) await customer.ended(id)
})
afterAll(async () => await gateway.stop())

const ids = async (query: string): Promise<string[]> =>
  (await customer.get(`/tasks?${query}`)).json.data.tasks.map(({ task_id: id }: { task_id: string }) => id)
const detail = async (id: string, by = customer) => (await by.get(`/tasks/${id}/details`)).json

test('the list is narrowed by a text of the prompt, by key and by days', async () => {
  const both = await ids('text=HERON')
  expect(both).toHaveLength(2)
  expect(both).toContain(heron)
  expect(await ids('text=garden')).toEqual([])
  const { id: key } = (await detail(heron)).data.key
  expect(await ids(`key=${key}`)).toHaveLength(3)
  expect(await ids('key=key_none')).toEqual([])
  expect(await ids('from=2026-01-01&to=2099-12-31')).toHaveLength(3)
  expect(await ids('from=2099-01-01')).toEqual([])
})

test('and says what was ordered where that is asked for, as it was taken', async () => {
  const { tasks } = (await customer.get('/tasks?include=input&text=heron')).json.data
  const input = { prompt: '<b>A heron</b>', aspect_ratio: '16:9', resolution: '2K', generate_count: 2 }
  expect(tasks).toMatchObject([{ input }, { input }])
  expect((await customer.get('/tasks')).json.data.tasks[0]).not.toHaveProperty('input')
})

test('all about one task: what was ordered, when what happened, what it cost', async () => {
  const { data } = await detail(failed)
  expect(data).toMatchObject({
    task: { task_id: failed, task_status: 4, credits_refunded: 15 },
    input: { prompt: 'this will fail', aspect_ratio: '16:9' },
    entries: [
      { kind: 'charge', amount: -15 },
      { kind: 'refund', amount: 15 },
    ],
    deliveries: [],
  })
  const events = data.timeline.map(({ event }: { event: string }) => event)
  expect(events).toEqual(['created', 'submitted', 'finished'])
  const times = data.timeline.map(({ at }: { at: number }) => at)
  expect(times).toEqual(times.toSorted((one: number, other: number) => one - other))
})

test('with the webhook that told of it', async () => {
  const told = await gateway.customer(100)
  const url = 'https://shop.example/hook'
  const order = { model_id: 'gpt-image-2', prompt: 'a heron', callback_url: url }
  const { task_id: id } = (await told.create(order)).json.data
  await told.ended(id)
  expect((await detail(id, told)).data.deliveries).toMatchObject([
    { task_id: id, type: 'task.succeeded', url },
  ])
})

test("another's task and one that never was are told apart by nothing", async () => {
  const other = await gateway.customer(0)
  const refusal = async (by: Customer, id: string) => seen(await by.get(`/tasks/${id}/details`))
  const words = failure({ type: 'not_found', field: 'task_id' })
  expect(await refusal(other, heron)).toEqual(words)
  expect(await refusal(customer, 'task_none')).toEqual(words)
})
