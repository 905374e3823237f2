// Money when everybody wants it at once: what is there is spent once, and never more than is there.
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { noLimits } from '../../src/accounts/limits.ts'
import { startGateway, until } from '../support/gateway.ts'
import type { Gateway } from '../support/gateway.ts'
import { failure, seen } from './expectations.ts'
import { create } from '../support/domain-harness.ts'

let gateway: Gateway
beforeAll(async () => {
  gateway = await startGateway()
})
afterAll(async () => await gateway.stop())

const picture = { model_id: 'gpt-image-2', prompt: 'a garden' }

test('exactly enough is enough', async () => {
  const customer = await gateway.customer(15)
  expect((await customer.create(picture)).json.data.credits).toBe(15)
  expect(await customer.balance()).toBe(0)
})

test.each([0, 1, 14])('%i credits are not enough for 15, and stay', async (credits) => {
  const customer = await gateway.customer(credits)
  const refused = await customer.create(picture)
  expect(seen(refused)).toEqual(failure({ type: 'insufficient_credits' }))
  expect(refused.json.msg).toContain('15')
  expect((await customer.get('/credits')).json.data).toEqual({ balance: credits, in_flight: 0 })
  expect((await customer.get('/tasks')).json.data.tasks).toEqual([])
})

test('an order for more than there is takes nothing, not even a part', async () => {
  const customer = await gateway.customer(44)
  expect(seen(await customer.create({ ...picture, generate_count: 3 }))).toEqual(
    failure({ type: 'insufficient_credits' }),
  )
  expect(await customer.balance()).toBe(44)
})

test('of a hundred creates for the last 15 credits exactly one has them', async () => {
  const customer = await gateway.customer(15)
  const before = gateway.sandbox.submissions.length
  const answers = await Promise.all(Array.from({ length: 100 }, () => customer.create(picture)))
  const won = answers.filter(({ json }) => json.code === 200)
  expect(won).toHaveLength(1)
  for (const answer of answers)
    if (answer !== won[0]) expect(seen(answer)).toEqual(failure({ type: 'insufficient_credits' }))
  expect(await customer.balance()).toBe(0)
  expect(await customer.ended(won[0]?.json.data.task_id)).toMatchObject({ task_status: 3 })
  expect(gateway.sandbox.submissions).toHaveLength(before + 1)
})

test('of many orders of different sizes no more is spent than was there', async () => {
  const customer = await gateway.customer(200)
  const counts = Array.from({ length: 40 }, (_, index) => (index % 8) + 1)
  const answers = await Promise.all(
    counts.map((generate_count) => customer.create({ ...picture, generate_count })),
  )
  const spent = answers.reduce((sum, { json }) => sum + (json.data?.credits ?? 0), 0)
  expect(await customer.balance()).toBe(200 - spent)
  expect(spent).toBeGreaterThan(200 - 120)
})

test('granting, taking away and spending at once lose nothing', async () => {
  const customer = await gateway.customer(100)
  const credit = (amount: number) =>
    gateway.operator('POST', `/accounts/${customer.accountId}/credits`, { amount, note: 'race' })
  const [granted, taken, created] = await Promise.all([
    Promise.all(Array.from({ length: 20 }, () => credit(7))),
    Promise.all(Array.from({ length: 20 }, () => credit(-9))),
    Promise.all(Array.from({ length: 20 }, () => customer.create(picture))),
  ])
  const done = (answers: typeof granted) => answers.filter(({ json }) => json.code === 200).length
  expect(done(granted)).toBe(20)
  expect(await customer.balance()).toBe(100 + 20 * 7 - done(taken) * 9 - done(created) * 15)
})

describe('tasks in flight', () => {
  test('are counted in outputs, and freed when they end', async () => {
    const customer = await gateway.customer(1_000)
    await gateway.operator('PATCH', `/accounts/${customer.accountId}`, { limits: { tasks_in_flight: 3 } })
    expect(seen(await customer.create({ ...picture, generate_count: 4 }))).toEqual(
      failure({ type: 'too_many_tasks' }),
    )
    const { task_ids } = (await customer.create({ ...picture, generate_count: 3 })).json.data
    expect(task_ids).toHaveLength(3)
    for (const id of task_ids) await customer.ended(id)
    const [next] = (await customer.create({ ...picture, generate_count: 3 })).json.data.task_ids
    expect(next).toBeTruthy()
  })

  test('a hundred at once start as many as may be', async () => {
    const customer = await gateway.customer(10_000)
    await gateway.operator('PATCH', `/accounts/${customer.accountId}`, { limits: { tasks_in_flight: 5 } })
    gateway.sandbox.freeze('all')
    const answers = await Promise.all(Array.from({ length: 100 }, () => customer.create(picture)))
    expect(answers.filter(({ json }) => json.code === 200)).toHaveLength(5)
    expect(await customer.balance()).toBe(10_000 - 75)
    expect((await customer.get('/credits')).json.data.in_flight).toBe(75)
    const shown = (await gateway.operator('GET', `/accounts/${customer.accountId}`)).json.data
    expect(shown.tasks_in_flight).toBe(5)
    const upstreamIds = await until(
      () => gateway.sandbox.submissions.slice(-5).flatMap(({ taskIds }) => taskIds),
      (ids) => ids.length === 5,
    )
    for (const id of upstreamIds) gateway.sandbox.finish(id, 'FAILED')
  })
})

test('a suspended account can look and not order, from the next request on', async () => {
  const customer = await gateway.customer(100)
  const { task_id } = (await customer.create(picture)).json.data
  await gateway.operator('PATCH', `/accounts/${customer.accountId}`, { status: 'suspended' })
  const balance = await customer.balance()
  expect(seen(await customer.create(picture))).toEqual(failure({ type: 'account_suspended' }))
  expect(await customer.task(task_id)).toMatchObject({ task_id })
  for (const path of ['/tasks', '/models', '/credits', '/ledger'])
    expect((await customer.get(path)).json.code).toBe(200)
  expect(await customer.balance()).toBe(balance)
  await gateway.operator('PATCH', `/accounts/${customer.accountId}`, { status: 'active' })
  expect((await customer.create(picture)).json.code).toBe(200)
})

test('an account that is suspended between the door and the till is charged nothing', async () => {
  const customer = await gateway.customer(100)
  await gateway.operator('PATCH', `/accounts/${customer.accountId}`, { status: 'suspended' })
  const key = (await gateway.operator('GET', `/accounts/${customer.accountId}/keys`)).json.data.keys[0]
  const unlimited = {
    expiresAt: null,
    keyCreatedAt: 0,
    rights: 0,
    ...noLimits,
    plan: null,
    ofKey: null,
  }
  const asItWas = { accountId: customer.accountId, keyId: key.id, status: 'active', ...unlimited } as const
  const { ctx } = gateway.app
  await expect(create(ctx, asItWas, picture)).rejects.toMatchObject({
    type: 'account_suspended',
  })
  expect(await customer.balance()).toBe(100)
  expect((await customer.get('/tasks')).json.data.tasks).toEqual([])
})

test('after all of it the ledger adds up', async () => {
  expect((await gateway.operator('GET', '/ledger/verify')).json.data).toMatchObject({ ok: true, drift: [] })
})
