// What the tests of tasks order, and where they look how often Keevx was asked.
import { expect } from 'vitest'
import type { Customer, Gateway } from '../support/gateway.ts'

const picture = { model_id: 'gpt-image-2', prompt: 'a zen garden' }

const submitRoute = 'POST /v1/image_generate'
const queryRoute = 'GET /v1/image_generate/:id'

export const submitsTo = ({ sandbox }: Pick<Gateway, 'sandbox'>): number =>
  sandbox.requests.get(submitRoute) ?? 0
export const queriesTo = ({ sandbox }: Pick<Gateway, 'sandbox'>): number =>
  sandbox.requests.get(queryRoute) ?? 0

/** The ids of a new request's tasks. */
export async function order(customer: Customer, count = 1, prompt = picture.prompt): Promise<string[]> {
  const created = await customer.create({ ...picture, prompt, generate_count: count })
  expect(created.json).toMatchObject({ code: 200 })
  return created.json.data.task_ids
}

/** Nothing in words for customers may say who makes the pictures, or where. */
export function expectNothingUpstream(words: unknown, { sandbox }: Pick<Gateway, 'sandbox'>): void {
  expect(words).toBeTypeOf('string')
  expect(String(words)).not.toMatch(/keevx|upstream|https?:|127\.0\.0\.1|localhost|i2is-|i2v-|bearer|key/i)
  expect(String(words)).not.toContain(new URL(sandbox.baseUrl).port)
}

export async function ledgerAddsUp(gateway: Gateway): Promise<void> {
  expect((await gateway.operator('GET', '/ledger/verify')).json.data).toMatchObject({ ok: true, drift: [] })
}

export const inspect = async (gateway: Gateway, id: string) =>
  (await gateway.operator('GET', `/tasks/${id}`)).json.data
