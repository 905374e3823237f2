// The main job, from an order to a picture or a refund.
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { startGateway } from '../support/gateway.ts'
import type { Gateway } from '../support/gateway.ts'

describe('the main job', () => {
  let gateway: Gateway
  beforeAll(async () => {
    gateway = await startGateway()
  })
  afterAll(async () => await gateway.stop())

  test('a picture is ordered, charged, made, and can be opened', async () => {
    const customer = await gateway.customer(100)
    const created = await customer.create({
      model_id: 'gpt-image-2',
      prompt: 'a zen garden',
      aspect_ratio: '16:9',
    })
    expect(created.status).toBe(200)
    expect(created.json).toMatchObject({ code: 200, msg: '提交成功,等待生成', data: { credits: 15 } })
    expect(await customer.balance()).toBe(85)

    const task = await customer.ended(created.json.data.task_id)
    expect(task).toMatchObject({ task_status: 3, task_type: 'image', credits: 15, credits_refunded: 0 })
    const picture = await fetch(task.image_url)
    expect(picture.headers.get('content-type')).toBe('image/png')
    expect(await customer.balance()).toBe(85)
  })

  test('a task that fails gives back exactly what it took', async () => {
    const customer = await gateway.customer(100)
    const created = await customer.create({ model_id: 'gpt-image-2', prompt: 'this shall fail' })
    const task = await customer.ended(created.json.data.task_id)
    expect(task).toMatchObject({ task_status: 4, credits: 15, credits_refunded: 15, image_url: null })
    expect(task.error_message).toBeTruthy()
    expect(await customer.balance()).toBe(100)
    expect((await gateway.operator('GET', '/ledger/verify')).json.data).toMatchObject({ ok: true, drift: [] })
  })

  test('what is in flight is told apart from what may still be spent', async () => {
    const customer = await gateway.customer(100)
    gateway.sandbox.freeze('all')
    await customer.create({ model_id: 'gpt-image-2', prompt: 'slow', generate_count: 2 })
    expect((await customer.get('/credits')).json.data).toEqual({ balance: 70, in_flight: 30 })
  })
})
