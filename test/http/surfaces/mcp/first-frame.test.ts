// A text alone to a model that needs an image, ordered by an agent: one order at one price, and words for both steps.
import { afterAll, beforeAll, expect, test } from 'vitest'
import { quickYaml, startGateway, until } from '../../../support/gateway.ts'
import type { Customer, Gateway } from '../../../support/gateway.ts'
import { ledgerAddsUp } from '../../../tasks/order.ts'
import { callTool } from './rpc.ts'

let gateway: Gateway
let customer: Customer
beforeAll(async () => {
  gateway = await startGateway({ yaml: quickYaml })
  customer = await gateway.customer(10_000)
})
afterAll(async () => {
  await ledgerAddsUp(gateway)
  await gateway.stop()
})

let calls = 0
const call = async (name: string, args: object) =>
  await callTool(gateway, customer, name, args, { id: (calls += 1) })
const text = { model_id: 'keevx-kl', prompt: 'a heron at dawn' }
const operationsSince = (paid: number) =>
  gateway.sandbox.submissions.slice(paid).map(({ operation }) => operation)

test('the list and a quote say what the first frame costs, and the order costs just that', async () => {
  const listed = await call('list_models', {})
  expect(listed.content[0].text).toContain('without images 10 credits more for each order')
  const kl = listed.structuredContent.models.find(({ id }: { id: string }) => id === 'keevx-kl')
  expect(kl.first_frame).toEqual({ model_id: 'keevx-image-std', credits: { min: 10, max: 10 } })
  const { structuredContent: quoted, content } = await call('quote', text)
  expect(content[0].text).toMatch(/10 of them for a first frame, because no image is given/)
  expect(quoted).toMatchObject({ credits: 50, first_frame: { model_id: 'keevx-image-std', credits: 10 } })
  const [before, paid] = [await customer.balance(), gateway.sandbox.submissions.length]
  const made = await call('generate_video', { ...text, quote_id: quoted.quote_id, wait_seconds: 50 })
  expect(made.structuredContent).toMatchObject({
    credits: 50,
    tasks: [
      {
        task_status: 3,
        steps: [
          { step: 'first_frame', status: 3, model_id: 'keevx-image-std' },
          { step: 'video', status: 3, model_id: 'keevx-kl' },
        ],
      },
    ],
  })
  expect(made.content.filter(({ type }: { type: string }) => type === 'resource_link')).toMatchObject([
    { uri: expect.stringMatching(/\.mp4$/), mimeType: 'video/mp4' },
  ])
  expect(await customer.balance()).toBe(before - 50)
  expect(operationsSince(paid)).toEqual(['image_generate', 'image_to_video'])
})

test('a call that is repeated orders neither step again', async () => {
  const [before, paid] = [await customer.balance(), gateway.sandbox.submissions.length]
  const args = { ...text, prompt: 'twice', wait_seconds: 50, idempotency_key: 'twice' }
  const [first, second] = [await call('generate_video', args), await call('generate_video', args)]
  expect(second.structuredContent).toMatchObject({
    repeated: true,
    request_id: first.structuredContent.request_id,
  })
  expect(await customer.balance()).toBe(before - 50)
  expect(operationsSince(paid)).toEqual(['image_generate', 'image_to_video'])
})

test('lists of tasks hold the video alone, and a first frame that failed is told as such', async () => {
  const before = await customer.balance()
  const failed = await call('generate_video', { ...text, prompt: 'to fail', wait_seconds: 50 })
  expect(failed.isError).toBe(true)
  expect(failed.content[0].text).toMatch(/50 credits were returned\. The first frame could not be made/)
  expect(await customer.balance()).toBe(before)
  const [{ task_id: id }] = failed.structuredContent.tasks
  const { tasks } = (await call('list_tasks', { limit: 1 })).structuredContent
  expect(tasks).toMatchObject([{ task_id: id, task_type: 'video' }])
  const images = await call('list_tasks', { model_id: 'keevx-image-std' })
  expect(images.structuredContent.tasks).toEqual([])
})

test('while its first frame is made, an agent reads that, and not that the order waits in a queue', async () => {
  gateway.sandbox.freeze('all')
  const ordered = await call('generate_video', { ...text, prompt: 'frozen', wait_seconds: 0 })
  const [{ task_id: id }] = ordered.structuredContent.tasks
  const seen = await until(
    async () => await call('get_task', { task_id: id, wait_seconds: 0 }),
    ({ structuredContent }) => structuredContent.steps[0].status === 2,
  )
  expect(seen.content[0].text).toMatch(/its first frame is being made/)
})
