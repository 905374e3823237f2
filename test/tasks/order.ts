// What the tests of tasks order, and where they look how often Keevx was asked.
import { expect } from 'vitest'
import { neverLate, verifyLedger } from '../../src/ledger/verify.ts'
import { storeAt } from '../../src/db/store-at.ts'
import { admitted, until } from '../support/gateway.ts'
import type { Answer, Customer, Gateway } from '../support/gateway.ts'

const picture = { model_id: 'gpt-image-2', prompt: 'a zen garden' }

const submitRoute = 'POST /v1/image_generate'
const queryRoute = 'GET /v1/image_generate/:id'

export const submitsTo = ({ sandbox }: Pick<Gateway, 'sandbox'>): number =>
  sandbox.requests.get(submitRoute) ?? 0
export const queriesTo = ({ sandbox }: Pick<Gateway, 'sandbox'>): number =>
  sandbox.requests.get(queryRoute) ?? 0

/** The ids of a new request's tasks. */
export async function order(customer: Customer, count = 1, prompt = picture.prompt): Promise<string[]> {
  const body = { ...picture, prompt, generate_count: count }
  // A gateway that sheds load took nothing, and is asked again.
  const created = await until(
    () => customer.create(body),
    ({ status }) => status !== 503,
  )
  expect(created.json).toMatchObject({ code: 200 })
  return created.json.data.task_ids
}

/** Nothing in words for customers may say who makes the pictures, or where. */
export function expectNothingUpstream(words: unknown, { sandbox }: Pick<Gateway, 'sandbox'>): void {
  expect(words).toBeTypeOf('string')
  expect(String(words)).not.toMatch(/keevx|upstream|https?:|127\.0\.0\.1|localhost|i2is-|i2v-|bearer|key/i)
  expect(String(words)).not.toContain(new URL(sandbox.baseUrl).port)
}

/** Asked of the store itself, without the thread that a gateway starts for it: that costs more than most tests. */
export async function ledgerAddsUp({ app }: Gateway): Promise<void> {
  const { config, clock } = app.ctx
  const found = await verifyLedger(storeAt(config.databaseUrl).lookAt(), clock.now(), neverLate)
  expect(found).toMatchObject({ ok: true, drift: [] })
}

export const inspect = (gateway: Gateway, id: string): Promise<Answer['json']> =>
  admitted(() => gateway.operator('GET', `/tasks/${id}`))
