// The examples that customers copy to wait for a task, run against a gateway as they stand in docs/operating.md.
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { startGateway } from '../support/gateway.ts'
import type { Customer, Gateway } from '../support/gateway.ts'
import { order } from '../tasks/order.ts'
import { example, folderWith } from './examples.ts'

let gateway: Gateway
let customer: Customer
beforeAll(async () => {
  gateway = await startGateway({ sandbox: { imageMs: 300 } })
  customer = await gateway.customer()
})
afterAll(async () => await gateway.stop())

async function load(name: string): Promise<any> {
  const folder = folderWith({ [name]: example('docs/operating.md', name) })
  return await import(pathToFileURL(join(folder, name)).href)
}

test('the wait gives the task once it has ended, and says what is wrong', async () => {
  const { ended } = await load('wait.ts')
  const [id = ''] = await order(customer)
  const task = await ended(gateway.url, customer.key, id)
  expect(task.task_status).toBe(3)
  expect(task).toEqual(await customer.task(id))
  await expect(ended(gateway.url, customer.key, 'task_none')).rejects.toThrow(/no task with this id/)
})

test('the stream gives each change until the end, and says what is wrong', async () => {
  const { changes } = await load('watch.ts')
  const [id = ''] = await order(customer)
  const statuses: number[] = []
  for await (const task of changes(gateway.url, customer.key, id)) statuses.push(task.task_status)
  expect(statuses.at(-1)).toBe(3)
  expect(statuses.length).toBeGreaterThan(1)
  await expect(changes(gateway.url, 'sk-wrong', id).next()).rejects.toThrow(/unauthorized/)
})
