// An order that cannot be waited for is answered as it is: it is paid for, and a refusal would have it ordered again.
import { expect, onTestFinished, test } from 'vitest'
import { quickYaml, startGateway, until } from '../../../support/gateway.ts'
import { callTool } from './rpc.ts'

/** A quarter of half of these may wait for one account. */
const descriptorsMax = 64

test('where too many wait, a picture is ordered once and handed back at once', async () => {
  const gateway = await startGateway({
    yaml: quickYaml,
    sandbox: { imageMs: 120_000 },
    bounds: { connections: { descriptorsMax } },
  })
  onTestFinished(async () => await gateway.stop())
  const customer = await gateway.customer(1_000)
  const { task_id: id } = (await customer.create({ model_id: 'gpt-image-2', prompt: 'a heron' })).json.data
  const places = descriptorsMax / 8
  const waiting = Array.from({ length: places }, () => customer.get(`/tasks/${id}?wait=55`).catch(() => null))
  await until(
    async () => (await gateway.call('GET', '/metrics')).text,
    (text) => new RegExp(`^tollgate_waiters ${places}$`, 'm').test(text),
  )
  const result = await callTool(gateway, customer, 'generate_image', {
    model_id: 'gpt-image-2',
    prompt: 'one more heron',
    wait_seconds: 50,
  })
  expect(result).toMatchObject({ structuredContent: { credits: 15, repeated: false } })
  expect(result.isError ?? false).toBe(false)
  expect(result.structuredContent.tasks[0].task_status).toBeLessThan(3)
  expect(await customer.balance()).toBe(1_000 - 30)
  await gateway.app.stop()
  await Promise.all(waiting)
})
