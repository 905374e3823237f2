// A gateway before another that makes first frames: what that one charges for them is never hidden in an order of the first.
import { afterAll, beforeAll, expect, test } from 'vitest'
import { quickYaml, startGateway } from '../support/gateway.ts'
import type { Customer, Gateway } from '../support/gateway.ts'
import { ledgerAddsUp } from '../tasks/order.ts'

let inner: Gateway
let outer: Gateway
/** The outer gateway's account at the inner one. */
let account: Customer
let customer: Customer

const route = (model: string) => `[{ upstream: site, operation: create, params: { model_id: ${model} } }]`

beforeAll(async () => {
  inner = await startGateway()
  account = await inner.customer(10_000)
  const yaml = `${quickYaml.replace(
    'upstreams:',
    `upstreams:\n  site:
    adapter: openapi
    base_url: ${inner.url}/api/v1
    api_key: ${account.key}
    submit: { queue_for: 5m, timeout: 30s, attempts: 3, after_429: 100ms, after_5xx: 50ms, ambiguous: retry }
    image: { poll_every: 30ms, give_up_after: 5m }
    video: { poll_every: 30ms, give_up_after: 5m }`,
  )}
network: { allow_hosts: [127.0.0.1] }
models:
  painter: { name: P, price: { credits: 12 }, routes: ${route('keevx-image-std')} }
  plain: { name: L, price: { per_second: 9 }, routes: ${route('keevx-kl')} }
  composed: { name: C, price: { per_second: 9 }, routes: ${route('keevx-kl')}, compose: first_frame }
`
  outer = await startGateway({ yaml })
  customer = await outer.customer(10_000)
})
afterAll(async () => {
  for (const gateway of [outer, inner]) {
    await ledgerAddsUp(gateway)
    await gateway.stop()
  }
})

const operationsSince = (paid: number) =>
  inner.sandbox.submissions.slice(paid).map(({ operation }) => operation)

test('a text alone is refused where the price has no first frame in it, though the site would take it for more', async () => {
  const [before, spent] = [await customer.balance(), await account.balance()]
  const { json } = await customer.create({ model_id: 'plain', prompt: 'a heron' })
  expect(json).toMatchObject({ code: 0, error: { type: 'invalid_request', field: 'image_urls' } })
  expect([await customer.balance(), await account.balance()]).toEqual([before, spent])
})

test('with compose the gateway makes both steps itself: each is ordered once at the site, and paid once by everybody', async () => {
  const paid = inner.sandbox.submissions.length
  const [before, spent] = [await customer.balance(), await account.balance()]
  const { json } = await customer.create({ model_id: 'composed', prompt: 'a heron' })
  expect(json.data).toMatchObject({ credits: 57, steps: [{ model_id: 'painter' }, { model_id: 'composed' }] })
  expect(await customer.ended(json.data.task_id)).toMatchObject({ task_status: 3, credits: 57 })
  expect(before - (await customer.balance())).toBe(57)
  expect(spent - (await account.balance())).toBe(50)
  expect(operationsSince(paid)).toEqual(['image_generate', 'image_to_video'])
})

test('a first frame that fails at the site orders no video there, and all comes back to everybody', async () => {
  const paid = inner.sandbox.submissions.length
  const [before, spent] = [await customer.balance(), await account.balance()]
  const { json } = await customer.create({ model_id: 'composed', prompt: 'to fail' })
  expect(await customer.ended(json.data.task_id)).toMatchObject({ task_status: 4, credits_refunded: 57 })
  expect([await customer.balance(), await account.balance()]).toEqual([before, spent])
  expect(operationsSince(paid)).toEqual(['image_generate'])
})
