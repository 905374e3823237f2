// An order that bears an Idempotency-Key is made and charged once, however often, wherever and whenever it is sent.
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { manualClock } from '../support/clock.ts'
import { quickYaml, startGateway, until } from '../support/gateway.ts'
import type { Answer, Customer, Gateway } from '../support/gateway.ts'
import { failure, seen } from './expectations.ts'

let gateway: Gateway
beforeAll(async () => {
  gateway = await startGateway()
})
afterAll(async () => await gateway.stop())

const picture = { model_id: 'gpt-image-2', prompt: 'a zen garden' }
const keyed = (key: string) => ({ 'idempotency-key': key })
const replayed = ({ headers }: Answer) => headers.get('idempotency-replayed')
const mismatch = failure({ type: 'idempotency_mismatch', field: 'Idempotency-Key' })

/** How often the account has been charged, and for how many tasks. */
async function ordersOf(customer: Customer): Promise<{ charges: number; tasks: number }> {
  const { entries } = (await customer.get('/ledger')).json.data
  const { tasks } = (await customer.get('/tasks')).json.data
  return { charges: entries.filter(({ kind }: any) => kind === 'charge').length, tasks: tasks.length }
}

describe('the same key and body', () => {
  test('are answered as the first time, and the answer says that it is a replay', async () => {
    const customer = await gateway.customer(100)
    const order = { ...picture, generate_count: 3 }
    const first = await customer.create(order, keyed('order-1'))
    expect(first.json).toMatchObject({ code: 200, msg: '提交成功,等待生成', data: { credits: 45 } })
    expect(first.headers.has('idempotency-replayed')).toBe(false)
    expect(first.headers.get('x-request-id')).toBe(first.json.data.request_id)

    const again = await customer.create(order, keyed('order-1'))
    expect([again.status, again.text, replayed(again)]).toEqual([200, first.text, 'true'])
    // A request of its own, in the log and in its header; the order is the first one's.
    expect(again.headers.get('x-request-id')).toMatch(/^req_/)
    expect(again.headers.get('x-request-id')).not.toBe(first.json.data.request_id)
    expect(await customer.balance()).toBe(55)
    expect(await ordersOf(customer)).toEqual({ charges: 3, tasks: 3 })
  })

  test('reach the upstream once', async () => {
    const customer = await gateway.customer(100)
    const prompt = 'asked for once'
    for (let sent = 0; sent < 5; sent += 1) await customer.create({ ...picture, prompt }, keyed('k'))
    const { task_id } = (await customer.create({ ...picture, prompt }, keyed('k'))).json.data
    await customer.ended(task_id)
    // Whatever had been asked for besides would have been asked for before this one.
    await customer.ended((await customer.create(picture)).json.data.task_id)
    const sent = gateway.sandbox.submissions.filter(({ body }) => body['prompt'] === prompt)
    expect(sent).toHaveLength(1)
  })

  test('fifty times at once make one order, whose answer all of them have', async () => {
    const customer = await gateway.customer(10_000)
    const twins = await Promise.all(
      Array.from({ length: 50 }, () => customer.create({ ...picture, prompt: 'twins' }, keyed('twins'))),
    )
    const [answer] = twins
    expect(answer?.json.code).toBe(200)
    for (const { status, text } of twins) expect([status, text]).toEqual([200, answer?.text])
    expect(twins.filter((twin) => replayed(twin) === null)).toHaveLength(1)
    expect(twins.filter((twin) => replayed(twin) === 'true')).toHaveLength(49)
    expect(await customer.balance()).toBe(10_000 - 15)
    expect(await ordersOf(customer)).toEqual({ charges: 1, tasks: 1 })
    await customer.ended(answer?.json.data.task_id)
    await customer.ended((await customer.create(picture)).json.data.task_id)
    expect(gateway.sandbox.submissions.filter(({ body }) => body['prompt'] === 'twins')).toHaveLength(1)
  })

  test('fifty times at once for the last credits are one order and no refusal', async () => {
    const customer = await gateway.customer(15)
    const twins = await Promise.all(Array.from({ length: 50 }, () => customer.create(picture, keyed('last'))))
    expect(new Set(twins.map(({ text }) => text)).size).toBe(1)
    expect(twins[0]?.json.data.credits).toBe(15)
    expect(await customer.balance()).toBe(0)
  })

  test('are the same whatever key of the account opens the door', async () => {
    const customer = await gateway.customer(100)
    const { key } = (
      await gateway.operator('POST', `/accounts/${customer.accountId}/keys`, { name: 'another' })
    ).json.data
    const first = await customer.create(picture, keyed('k'))
    const again = await gateway.call('POST', '/api/v1/tasks/create', {
      key,
      body: picture,
      headers: keyed('k'),
    })
    expect([again.text, replayed(again)]).toEqual([first.text, 'true'])
    expect(await customer.balance()).toBe(85)
  })

  test("of another account are that account's own order", async () => {
    const [one, other] = [await gateway.customer(100), await gateway.customer(100)]
    const first = await one.create(picture, keyed('order-1'))
    const second = await other.create(picture, keyed('order-1'))
    expect(replayed(second)).toBeNull()
    expect(second.json.data.request_id).not.toBe(first.json.data.request_id)
    expect([await one.balance(), await other.balance()]).toEqual([85, 85])
  })
})

describe('the first answer stands, though now the order would be refused because', () => {
  let shop: Gateway
  const priced = (id: string, credits: number) =>
    `${quickYaml}models:\n  ${id}:\n    name: Other\n    capability: image\n    price: { credits: ${credits} }\n    routes: [{ upstream: keevx, operation: image_generate, params: { module: pro } }]\n`
  // A reload never goes back to the built-in catalogue.
  const usual = priced('gpt-image-2', 15)
  beforeAll(async () => {
    shop = await startGateway({ yaml: usual })
    // What is ordered here stays in flight.
    shop.sandbox.freeze('all')
  })
  afterAll(async () => await shop.stop())

  const patch = async ({ accountId }: Customer, body: unknown) =>
    await shop.operator('PATCH', `/accounts/${accountId}`, body)
  const offer = async (yaml: string) => {
    writeFileSync(join(shop.folder, 'tollgate.yaml'), yaml)
    expect((await shop.operator('POST', '/models/reload')).json.code).toBe(200)
  }
  const changes: readonly (readonly [
    what: string,
    change: (customer: Customer, taskId: string) => Promise<unknown>,
    now: string | number,
  ])[] = [
    ['the model is on offer no more', () => offer(priced('other-model', 15)), 'unknown_model'],
    ['it costs more', () => offer(priced('gpt-image-2', 16)), 'insufficient_credits'],
    [
      'no credits are left',
      ({ accountId }) =>
        shop.operator('POST', `/accounts/${accountId}/credits`, { amount: -15, note: 'taken' }),
      'insufficient_credits',
    ],
    [
      'too many tasks are in flight',
      (customer) => patch(customer, { limits: { tasks_in_flight: 1 } }),
      'too_many_tasks',
    ],
    ['the account is suspended', (customer) => patch(customer, { status: 'suspended' }), 'account_suspended'],
  ]
  test.each(changes)('%s', async (_what, change, now) => {
    const customer = await shop.customer(30)
    const first = await customer.create(picture, keyed('k'))
    expect(first.json.code).toBe(200)
    await change(customer, first.json.data.task_id)
    try {
      const balance = await customer.balance()
      expect((await customer.create(picture)).json.error.type).toBe(now)
      const again = await customer.create(picture, keyed('k'))
      expect([again.status, again.text, replayed(again)]).toEqual([200, first.text, 'true'])
      expect(seen(await customer.create({ ...picture, prompt: 'another' }, keyed('k')))).toEqual(mismatch)
      expect(await customer.balance()).toBe(balance)
    } finally {
      await offer(usual)
    }
  })
})

describe('the first answer stands', () => {
  test.each([
    ['succeeded', 'a zen garden', 3],
    ['failed, and was paid back', 'to fail', 4],
  ])('when the task has %s', async (_how, prompt, status) => {
    const customer = await gateway.customer(100)
    const first = await customer.create({ ...picture, prompt }, keyed('k'))
    expect(await customer.ended(first.json.data.task_id)).toMatchObject({ task_status: status })
    const balance = await customer.balance()
    const again = await customer.create({ ...picture, prompt }, keyed('k'))
    expect([again.text, replayed(again)]).toEqual([first.text, 'true'])
    expect(await customer.balance()).toBe(balance)
  })

  test('when the gateway was restarted in between', async () => {
    const customer = await gateway.customer(15)
    const first = await customer.create(picture, keyed('k'))
    await gateway.restart()
    const again = await customer.create(picture, keyed('k'))
    expect([again.text, replayed(again)]).toEqual([first.text, 'true'])
  })
})

test('a key is kept for a day and an hour; then it is forgotten, and free', async () => {
  const clock = manualClock()
  const dayLong = await startGateway({ clock })
  try {
    const hourMs = 3_600_000
    const customer = await dayLong.customer(100)
    const first = await customer.create(picture, keyed('k'))
    clock.advance(24 * hourMs + 59 * 60_000)
    const again = await customer.create(picture, keyed('k'))
    expect([again.text, replayed(again)]).toEqual([first.text, 'true'])
    clock.advance(60_000)
    const { read } = dayLong.app.ctx.db
    await until(
      async () => {
        // A loop that looked a moment too early looks again.
        clock.advance(1_000)
        return await read.select().from(read.tables.idempotency)
      },
      (rows) => rows.length === 0,
    )
    const next = await customer.create({ ...picture, prompt: 'another' }, keyed('k'))
    expect(next.json).toMatchObject({ code: 200, data: { credits: 15 } })
    expect(replayed(next)).toBeNull()
    expect(next.json.data.task_id).not.toBe(first.json.data.task_id)
  } finally {
    await dayLong.stop()
  }
})

test('the document names the key and the header of a replay', async () => {
  const { json } = await gateway.call('GET', '/openapi.json')
  const { parameters, responses } = json.paths['/api/v1/tasks/create'].post
  expect(parameters).toMatchObject([
    { in: 'header', name: 'Idempotency-Key', schema: { type: 'string', minLength: 1, maxLength: 255 } },
  ])
  expect(parameters[0].required ?? false).toBe(false)
  expect(Object.keys(responses[200].headers)).toEqual(['Idempotency-Replayed'])
  expect((await gateway.call('GET', '/docs')).text).toContain('Idempotency-Key')
})

test('after all of it the ledger adds up', async () => {
  expect((await gateway.operator('GET', '/ledger/verify')).json.data).toMatchObject({ ok: true, drift: [] })
})
