// What a retry finds when its account can order nothing more, beside twins, and beside attempts that were refused.
import { expect, test } from 'vitest'
import { formOf, ordered, ordersOf, png } from './pictures.ts'
import type { Part } from './pictures.ts'
import { newPrompt, patientClients } from './patient-clients.ts'

const { gateway, send, waitersAre, finish, broken } = patientClients()

test.each([
  ['spent its last credits on it', { credits: 15, inFlight: null }],
  ['may have no more tasks in flight', { credits: 100, inFlight: 1 }],
])('a picture whose account %s is taken up all the same', async (_what, { credits, inFlight }) => {
  const prompt = newPrompt()
  const { key, accountId } = await gateway().customer(credits)
  await gateway().operator('PATCH', `/accounts/${accountId}`, { limits: { tasks_in_flight: inFlight } })
  const form = (text: string) => {
    const parts: Part[] = [
      ['model', 'gpt-image-2'],
      ['prompt', text],
      ['response_format', 'url'],
      ['image', png],
    ]
    return { key, path: '/v1/images/edits', body: formOf(parts) }
  }
  await broken(prompt, form(prompt))
  const refused = await send('', form('another')).answer
  expect(refused.status, 'what it cannot order').toBe(inFlight ? 429 : 402)
  const same = send(prompt, { ...form(prompt), retry: 1 })
  await waitersAre(1)
  finish(prompt)
  expect((await same.answer).status).toBe(200)
  expect(ordersOf(gateway(), prompt)).toHaveLength(1)
})

test('answers to twins that a proxy lost are sent again, each once', async () => {
  const prompt = newPrompt()
  const twins = [send(prompt), send(prompt)]
  await ordered(gateway(), prompt, 2)
  finish(prompt)
  for (const { answer } of twins) await answer
  const retries = [send(prompt, { retry: 1 }), send(prompt, { retry: 1 })]
  const urls = await Promise.all(retries.map(async ({ answer }) => (await answer).json.data[0].url))
  expect(new Set(urls).size).toBe(2)
  expect(ordersOf(gateway(), prompt)).toHaveLength(2)
})

test('that another request of the client was refused lets no retry order twice', async () => {
  const prompt = newPrompt()
  const { key, accountId } = await gateway().customer(100)
  const limits = async (count: number | null) =>
    await gateway().operator('PATCH', `/accounts/${accountId}`, { limits: { tasks_in_flight: count } })
  await limits(1)
  const first = send(prompt, { key })
  await ordered(gateway(), prompt)
  expect((await send(`${prompt}, another`, { key }).answer).status).toBe(429)
  await limits(null)
  const retry = send(prompt, { key, retry: 1 })
  await waitersAre(2)
  finish(prompt)
  expect((await retry.answer).json).toEqual((await first.answer).json)
  expect(ordersOf(gateway(), prompt)).toHaveLength(1)
})
