// A client that lost its connection and tries again takes up what it ordered; wanted twins stay two orders.
import { randomUUID } from 'node:crypto'
import { expect, test } from 'vitest'
import { until } from '../../../support/gateway.ts'
import { formOf, ordered, ordersOf, png, gif } from './pictures.ts'
import type { Part } from './pictures.ts'
import { newPrompt, patientClients } from './patient-clients.ts'
import type { Ask } from './patient-clients.ts'

const { gateway, customer, send, waitersAre, finish, broken } = patientClients()

const creditsOf = async (work: () => Promise<void>): Promise<number> => {
  const before = await customer().balance()
  await work()
  return before - (await customer().balance())
}

test.each([
  ['that says so', { retry: 1 }],
  ['that does not say so', {}],
  ['that has tried often', { retry: 7 }],
])('a client %s takes up the order of its broken connection, and pays once', async (_how, ask) => {
  const prompt = newPrompt()
  const credits = await creditsOf(async () => {
    await broken(prompt)
    const second = send(prompt, ask)
    await waitersAre(1)
    finish(prompt)
    const { status, json, headers } = await second.answer
    expect([status, json.data.length, headers.get('idempotency-replayed')]).toEqual([200, 1, 'true'])
  })
  expect([ordersOf(gateway(), prompt).length, credits]).toEqual([1, 15])
})

test('what was made while nobody waited is there at once', async () => {
  const prompt = newPrompt()
  await broken(prompt)
  finish(prompt)
  await until(
    async () => (await customer().get('/tasks?limit=1')).json.data.tasks[0].task_status,
    (status) => status === 3,
  )
  expect((await send(prompt).answer).status).toBe(200)
  expect(ordersOf(gateway(), prompt)).toHaveLength(1)
})

test('equal requests that wait at the same time are two orders', async () => {
  const prompt = newPrompt()
  const [one, other] = [send(prompt), send(prompt)]
  await ordered(gateway(), prompt, 2)
  finish(prompt)
  const urls = (await Promise.all([one.answer, other.answer])).map(({ json }) => json.data[0].url)
  expect(new Set(urls).size).toBe(2)
})

test('of twins whose connections both broke each takes up one, and a third orders', async () => {
  const prompt = newPrompt()
  await broken(prompt)
  const [twin, other] = [send(prompt), send(prompt)]
  await ordered(gateway(), prompt, 2)
  await waitersAre(2)
  await twin.cut()
  await other.cut()
  const retries = [send(prompt, { retry: 1 }), send(prompt, { retry: 1 })]
  await waitersAre(2)
  expect(ordersOf(gateway(), prompt)).toHaveLength(2)
  const third = send(prompt)
  await ordered(gateway(), prompt, 3)
  finish(prompt)
  const urls = await Promise.all(
    [...retries, third].map(async ({ answer }) => (await answer).json.data[0].url),
  )
  expect(new Set(urls).size).toBe(3)
})

test('what was answered is not taken up again: the next equal request orders', async () => {
  const prompt = newPrompt()
  const first = send(prompt)
  await ordered(gateway(), prompt)
  finish(prompt)
  await first.answer
  const next = send(prompt)
  await ordered(gateway(), prompt, 2)
  finish(prompt)
  expect((await next.answer).json).not.toEqual((await first.answer).json)
})

test('an answer that a proxy lost is sent again to the retry of that attempt, and to no other request', async () => {
  const prompt = newPrompt()
  const first = send(prompt)
  await ordered(gateway(), prompt)
  finish(prompt)
  const { json } = await first.answer
  expect((await send(prompt, { retry: 1 }).answer).json).toEqual(json)
  expect((await send(prompt, { retry: 2 }).answer).json).toEqual(json)
  expect(ordersOf(gateway(), prompt)).toHaveLength(1)
  const another = send(prompt, { retry: 1 })
  await ordered(gateway(), prompt, 2)
  finish(prompt)
  expect((await another.answer).json).not.toEqual(json)
})

test('a retry takes over what its first attempt seems to wait for still, behind a proxy that says nothing', async () => {
  const prompt = newPrompt()
  const first = send(prompt)
  await ordered(gateway(), prompt)
  const retry = send(prompt, { retry: 1 })
  await waitersAre(2)
  finish(prompt)
  expect((await retry.answer).json).toEqual((await first.answer).json)
  expect(ordersOf(gateway(), prompt)).toHaveLength(1)
})

test('a twin that was refused and comes again does not get the picture of the other', async () => {
  const prompt = newPrompt()
  await gateway().operator('PATCH', `/accounts/${customer().accountId}`, { limits: { tasks_in_flight: 1 } })
  const twin = send(prompt)
  await ordered(gateway(), prompt)
  const refused = await send(prompt).answer
  expect([refused.status, refused.headers.get('x-should-retry')]).toEqual([429, 'true'])
  finish(prompt)
  await twin.answer
  const retry = send(prompt, { retry: 1 })
  await ordered(gateway(), prompt, 2)
  finish(prompt)
  expect((await retry.answer).json).not.toEqual((await twin.answer).json)
  await gateway().operator('PATCH', `/accounts/${customer().accountId}`, {
    limits: { tasks_in_flight: null },
  })
})

test.each<[string, Ask]>([
  ['other fields', { body: { model: 'gpt-image-2', prompt: 'other', n: 2, response_format: 'url' } }],
  ['another path', { path: '/v1/images/edits' }],
])('a request of %s takes up nothing', async (_what, ask) => {
  const prompt = newPrompt()
  await broken(prompt)
  const body = { model: 'gpt-image-2', prompt, response_format: 'url', ...(ask.body && { n: 2 }) }
  const images = ask.path ? { image: 'https://example.com/a.png' } : {}
  const other = send(prompt, { ...ask, body: { ...body, ...images }, retry: 1 })
  await ordered(gateway(), prompt, 2)
  finish(prompt)
  expect((await other.answer).status).toBe(200)
})

test('nobody takes up the order of another account', async () => {
  const prompt = newPrompt()
  await broken(prompt)
  const stranger = await gateway().customer(100)
  const theirs = send(prompt, { key: stranger.key, retry: 1 })
  await ordered(gateway(), prompt, 2)
  finish(prompt)
  await theirs.answer
  expect(await stranger.balance()).toBe(85)
})

test('files count by their bytes, whatever the boundary of the form is', async () => {
  const prompt = newPrompt()
  const form = (file: Buffer) => {
    const parts: Part[] = [
      ['model', 'gpt-image-2'],
      ['prompt', prompt],
      ['response_format', 'url'],
      ['image', file],
    ]
    return { path: '/v1/images/edits', body: formOf(parts) }
  }
  await broken(prompt, form(png))
  const other = send(prompt, form(gif))
  await ordered(gateway(), prompt, 2)
  const same = send(prompt, form(png))
  await waitersAre(2)
  finish(prompt)
  expect([(await same.answer).status, (await other.answer).status]).toEqual([200, 200])
  expect(ordersOf(gateway(), prompt)).toHaveLength(2)
})

test('an order that failed while nobody waited is told once, and the next request orders', async () => {
  const prompt = newPrompt()
  await broken(prompt)
  finish(prompt, 'FAILED')
  const { status, json, headers } = await send(prompt, { retry: 1 }).answer
  expect([status, json.error.type]).toEqual([400, 'image_generation_user_error'])
  expect(headers.get('x-should-retry')).toBe('false')
  const next = send(prompt)
  await ordered(gateway(), prompt, 2)
  finish(prompt)
  expect((await next.answer).status).toBe(200)
})

test('with an Idempotency-Key requests are told by it, twins too', async () => {
  const prompt = newPrompt()
  const headers = { 'idempotency-key': randomUUID() }
  const both = [send(prompt, { headers }), send(prompt, { headers })]
  await ordered(gateway(), prompt)
  await waitersAre(2)
  finish(prompt)
  const [one, other] = await Promise.all(both.map(async ({ answer }) => await answer))
  expect(one?.json).toEqual(other?.json)
  expect(ordersOf(gateway(), prompt)).toHaveLength(1)
  const body = { model: 'gpt-image-2', prompt: newPrompt() }
  const { status, json } = await send('', { headers, body }).answer
  expect([status, json.error.code]).toEqual([422, 'idempotency_mismatch'])
})

test('an order outlives the gateway that made it, and is taken up from the next one', async () => {
  const prompt = newPrompt()
  const first = send(prompt)
  await ordered(gateway(), prompt)
  await waitersAre(1)
  await gateway().restart()
  const { status, headers } = await first.answer
  expect([status, headers.get('x-should-retry'), headers.get('retry-after')]).toEqual([503, 'true', '2'])
  const retry = send(prompt, { retry: 1 })
  await waitersAre(1)
  finish(prompt)
  expect((await retry.answer).status).toBe(200)
  expect(ordersOf(gateway(), prompt)).toHaveLength(1)
})
