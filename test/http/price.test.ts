// The price that an operator asks for is what a create charges, beside what it costs.
import { afterAll, beforeAll, expect, test } from 'vitest'
import { quickYaml, startGateway } from '../support/gateway.ts'
import type { Customer, Gateway } from '../support/gateway.ts'
import { failure, seen } from './expectations.ts'

const yaml = `${quickYaml}
models:
  heron:
    name: Heron
    capability: text to image
    price: { credits: 10, times: { resolution: { 4K: 2.5 } } }
    routes: [{ upstream: keevx, operation: image_generate, params: { module: pro }, cost: { amount: 0.03, times: { resolution: { 4K: 2 } } } }]
  egret:
    name: Egret
    capability: text to image
    price: { credits: 4 }
    routes: [{ upstream: keevx, operation: image_generate, params: { module: std } }]
  seedance-2:
    name: Film
    capability: text to video
    price: { per_second: 10, times: { generate_audio: { "true": 1.5 } } }
    routes: [{ upstream: keevx, operation: image_to_video, params: { model: V } }]
plans: { vip: { price_times: { heron: 0.8 }, hide: [egret] } }
reporting: { currency: USD, credit_value: 0.01 }
`
let gateway: Gateway
let vip: Customer
beforeAll(async () => {
  gateway = await startGateway({ yaml })
  vip = await gateway.customer(1_000)
  await gateway.operator('PATCH', `/accounts/${vip.accountId}`, { plan: 'vip' })
})
afterAll(async () => await gateway.stop())

const price = async (query: string) => await gateway.operator('GET', `/price?${query}`)

test('it says what all outputs cost the customer and the operator, and what is left', async () => {
  expect((await price('model_id=heron&resolution=4K&generate_count=3')).json.data).toEqual({
    plan: null,
    outputs: 3,
    credits_each: 25,
    first_frame_credits: null,
    credits: 75,
    usual_credits: 75,
    currency: 'USD',
    cost: 0.18,
    value: 0.75,
    margin: 0.57,
  })
  expect((await price('model_id=egret')).json.data).toMatchObject({ credits: 4, cost: null, margin: null })
})

test('on a plan, and as an account sees it, it is what a create charges', async () => {
  const asked = 'model_id=heron&resolution=4K&generate_count=2'
  const onPlan = (await price(`${asked}&plan=vip`)).json.data
  expect(onPlan).toMatchObject({ plan: 'vip', credits: 40, usual_credits: 50 })
  expect((await price(`${asked}&account=${vip.accountId}`)).json.data).toEqual(onPlan)
  const order = { model_id: 'heron', prompt: 'a heron', resolution: '4K', generate_count: 2 }
  expect((await vip.create(order)).json.code).toBe(200)
  expect(await vip.balance()).toBe(1_000 - onPlan.credits)
})

test('a film with sound has its own price', async () => {
  const film = 'model_id=seedance-2&duration=4'
  expect((await price(`${film}&generate_audio=false`)).json.data.credits).toBe(40)
  expect((await price(`${film}&generate_audio=true`)).json.data.credits).toBe(60)
})

test('what could not be ordered has no price, and the refusal names the field', async () => {
  const refusals = [
    ['model_id=heron&resolution=9K', 'resolution'],
    ['model_id=egret&plan=vip', 'model_id'],
    ['model_id=heron&plan=gold', 'plan'],
    [`model_id=egret&account=${vip.accountId}`, 'model_id'],
    [`model_id=heron&plan=vip&account=${vip.accountId}`, 'plan'],
  ] as const
  for (const [query, field] of refusals) {
    expect(seen(await price(query)), query).toEqual(failure({ type: 'invalid_request', status: 409, field }))
  }
  expect(seen(await price('model_id=heron&account=acc_none'))).toEqual(
    failure({ type: 'not_found', status: 404, field: 'account' }),
  )
})
