// Models that are not sold any more: their tasks in flight go on, and the operator is told which they are.
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { modelsGone } from '../../src/tasks/unreachable/models-gone.ts'
import { quickYaml, startGateway } from '../support/gateway.ts'
import type { Customer, Gateway } from '../support/gateway.ts'

let gateway: Gateway
let customer: Customer
beforeAll(async () => {
  gateway = await startGateway({ sandbox: { imageMs: 200, videoMs: 300 } })
  customer = await gateway.customer(1_000)
})
afterAll(async () => await gateway.stop())

const told = async () => await modelsGone(gateway.app.ctx.db.read, gateway.app.ctx.catalog.current)

test('open tasks of models that a reload takes away end as ever; new orders are refused', async () => {
  expect(await told()).toBeNull()
  // Posted, not posted yet, and one whose first frame is being made.
  const bodies = [
    { model_id: 'keevx-v', prompt: 'a heron' },
    { model_id: 'keevx-kl', prompt: 'a heron' },
    { model_id: 'keevx-image-std', prompt: 'a heron', generate_count: 2 },
  ]
  const orders = await Promise.all(bodies.map((body) => customer.create(body)))
  const ids = orders.flatMap(({ json }) => json.data.task_ids as string[])
  writeFileSync(
    join(gateway.folder, 'tollgate.yaml'),
    quickYaml.replace('catalog: keevx', 'catalog: open-api'),
  )
  expect((await gateway.operator('POST', '/models/reload')).json.data).toMatchObject({ ignored: [] })
  for (const body of bodies)
    expect((await customer.create(body)).json).toMatchObject({ code: 0, error: { type: 'unknown_model' } })
  const ended = await Promise.all(ids.map((id) => customer.ended(id)))
  expect(ended.map(({ task_status, model_id }) => [task_status, model_id])).toEqual([
    [3, 'keevx-v'],
    [3, 'keevx-kl'],
    [3, 'keevx-image-std'],
    [3, 'keevx-image-std'],
  ])
  expect(await told()).toMatch(/^keevx-image-std, keevx-v, keevx-kl: .*catalog: keevx$/)
})

test('so do permissions of keys, and nothing is said once the models are back', async () => {
  await gateway.store.write(`UPDATE keys SET models_json = '["keevx-s"]'`)
  expect(await told()).toMatch(/^keevx-image-std, keevx-v, keevx-kl, keevx-s: /)
  writeFileSync(join(gateway.folder, 'tollgate.yaml'), quickYaml)
  await gateway.operator('POST', '/models/reload')
  expect(await told()).toBeNull()
})
