// What the operator sees of all accounts' tasks, of the ledger, of the catalogue and of the state of things.
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { quickYaml, startGateway } from '../support/gateway.ts'
import type { Customer, Gateway } from '../support/gateway.ts'
import { failure, seen } from './expectations.ts'

let gateway: Gateway
let one: Customer
let other: Customer
const ids: string[] = []
beforeAll(async () => {
  gateway = await startGateway()
  ;[one, other] = [await gateway.customer(1_000), await gateway.customer(1_000)]
  for (const [customer, prompt, model_id] of [
    [one, 'a garden', 'gpt-image-2'],
    [other, 'to fail', 'gpt-image-2'],
    [one, 'a garden', 'nano-banana-2'],
  ] as const) {
    const { task_id } = (await customer.create({ model_id, prompt })).json.data
    await customer.ended(task_id)
    ids.push(task_id)
  }
})
afterAll(async () => await gateway.stop())

const list = async (query: string) => (await gateway.operator('GET', `/tasks?${query}`)).json.data

test('tasks of all accounts, newest first, narrowed and paged', async () => {
  const idsOf = async (query: string) => (await list(query)).tasks.map(({ task_id }: any) => task_id)
  expect(await idsOf('')).toEqual(ids.toReversed())
  expect(await idsOf(`account=${one.accountId}`)).toEqual([ids[2], ids[0]])
  expect(await idsOf('status=4')).toEqual([ids[1]])
  expect(await idsOf('model_id=nano-banana-2')).toEqual([ids[2]])
  expect(await idsOf('account=acc_none')).toEqual([])
  expect(await idsOf('refunded=true')).toEqual([ids[1]])
  expect(await idsOf('took_above=99999999')).toEqual([])
  expect(await idsOf('took_above=0')).toHaveLength(ids.length)
  const first = await list('limit=2')
  expect(await list(`limit=2&cursor=${first.next_cursor}`)).toMatchObject({
    tasks: [{ task_id: ids[0] }],
    next_cursor: null,
  })
})

test('one task with its request, its attempts, its upstream id and its entries', async () => {
  const { status, json } = await gateway.operator('GET', `/tasks/${ids[1]}`)
  expect(status).toBe(200)
  const submission = gateway.sandbox.submissions.find(({ body }) => body['prompt'] === 'to fail')
  expect(json.data).toMatchObject({
    task_id: ids[1],
    account_id: other.accountId,
    state: 'failed',
    task_status: 4,
    upstream: 'keevx',
    upstream_task_id: submission?.taskIds[0],
    request: { order: { prompt: 'to fail' } },
    attempts: [{ number: 1, state: expect.any(String) }],
    entries: [
      { kind: 'charge', amount: -15 },
      { kind: 'refund', amount: 15, balance: 1_000 },
    ],
  })
  expect(JSON.stringify(json)).not.toContain('upstream-key')
})

test('the audit and the figures agree', async () => {
  const verified = (await gateway.operator('GET', '/ledger/verify')).json.data
  expect(verified).toEqual({ ok: true, accounts: 2, entries: 6, drift: [] })
  const stats = (await gateway.operator('GET', '/stats')).json.data
  expect(stats).toMatchObject({
    accounts: 2,
    credits: { balance: 2_000 - 25, charged: 40, refunded: 15, net: 25 },
    tasks: { succeeded: 2, failed: 1 },
    queue: { waiting: 0, oldest_waiting_seconds: null },
  })
})

test('a catalogue that was changed is on offer after a reload, and a broken one leaves the old', async () => {
  const file = join(gateway.folder, 'tollgate.yaml')
  const model = `
models:
  painter:
    name: Painter <b>&</b>
    capability: text to image
    price: { credits: 3 }
    routes: [{ upstream: keevx, operation: image_generate, params: { module: std } }]
`
  writeFileSync(file, quickYaml + model)
  const reloaded = await gateway.operator('POST', '/models/reload')
  expect([reloaded.status, reloaded.json.data.models.map(({ id }: any) => id)]).toEqual([200, ['painter']])
  expect((await one.get('/models')).json.data.models).toHaveLength(1)
  const paths = (await gateway.call('GET', '/openapi.json')).json
  expect(paths.components.schemas.CreateTask.properties.model_id.examples).toEqual(['painter'])
  const page = (await gateway.call('GET', '/docs')).text
  expect(page).toContain('<code>painter</code>')
  expect(page).toContain('Painter &lt;b&gt;&amp;&lt;/b&gt;')

  writeFileSync(file, readFileSync(file, 'utf8').replace('credits: 3', 'credit: 3'))
  const refused = await gateway.operator('POST', '/models/reload')
  expect(seen(refused)).toEqual(failure({ type: 'invalid_request', status: 422 }))
  expect(refused.json.msg).toMatch(/tollgate\.yaml:\d+:\d+/)
  expect((await gateway.operator('GET', '/models')).json.data.models.map(({ id }: any) => id)).toEqual([
    'painter',
  ])
  // What was ordered by its old name can still be looked at.
  expect(await one.task(ids[0] ?? '')).toMatchObject({ model_id: 'gpt-image-2', task_status: 3 })
})

test('a task that was given back by hand is among those that were refunded', async () => {
  const refund = { reason: 'three legs', credits: 1 }
  expect((await gateway.operator('POST', `/tasks/${ids[0]}/refund`, refund)).status).toBe(200)
  const found = await list('refunded=true')
  expect(found.tasks.map(({ task_id }: any) => task_id)).toEqual([ids[1], ids[0]])
})
