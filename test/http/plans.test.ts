// Plans over HTTP: a price is quoted as it is charged, and a hidden model is on no surface.
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { quickYaml, startGateway } from '../support/gateway.ts'
import type { Customer, Gateway } from '../support/gateway.ts'
import { failure, seen } from './expectations.ts'
import { callTool, rpc } from './surfaces/mcp/rpc.ts'

const withPlans = (plans: string) => `${quickYaml}\nplans: { ${plans} }\n`
const vip = 'vip: { price_times: { "*": 0.9, gpt-image-2: 0.5 }, hide: [keevx-s, nano-banana-2] }'

let gateway: Gateway
let usual: Customer
let onPlan: Customer
let limited: Pick<Customer, 'key' | 'accountId'>
const setPlan = async ({ accountId }: Pick<Customer, 'accountId'>, plan: string | null) =>
  await gateway.operator('PATCH', `/accounts/${accountId}`, { plan })
beforeAll(async () => {
  gateway = await startGateway({ yaml: withPlans(`${vip}, other: {}`) })
  usual = await gateway.customer(10_000)
  onPlan = await gateway.customer(10_000)
  await setPlan(onPlan, 'vip')
  const body = { name: 'images', limits: { models: ['gpt-image-2', 'seedance-2', 'keevx-v'] } }
  const made = await gateway.operator('POST', `/accounts/${usual.accountId}/keys`, body)
  limited = { accountId: usual.accountId, key: made.json.data.key }
})
afterAll(async () => await gateway.stop())

const picture = { model_id: 'gpt-image-2', prompt: 'a heron' }
const post = async (key: string, path: string, body: object, headers: Record<string, string> = {}) =>
  await gateway.call('POST', path, { key, body, headers })

test('what is quoted is what is charged, and both are the price that models shows', async () => {
  for (const [customer, credits] of [
    [usual, 15],
    [onPlan, 8],
  ] as const) {
    const before = await customer.balance()
    expect((await post(customer.key, '/api/v1/quote', picture)).json.data.credits).toBe(credits)
    expect((await customer.create(picture)).json.data.credits).toBe(credits)
    expect(await customer.balance()).toBe(before - credits)
  }
  const { models } = (await onPlan.get('/models')).json.data
  const price = models.find(({ id }: { id: string }) => id === 'gpt-image-2').price
  expect(price).toMatchObject({ credits: 15, plan_times: 0.5 })
  expect(price.text.en).toContain('×0.5 for this account')
})

test('price and plan are frozen with the order', async () => {
  const created = (await onPlan.create(picture)).json.data
  await setPlan(onPlan, null)
  const task = (await gateway.operator('GET', `/tasks/${created.task_id}`)).json.data
  expect(task).toMatchObject({ credits: 8, request: { plan: 'vip' } })
  const later = (await onPlan.create(picture)).json.data
  expect(later.credits).toBe(15)
  const other = (await gateway.operator('GET', `/tasks/${later.task_id}`)).json.data
  expect(other.request.plan).toBeNull()
  await setPlan(onPlan, 'vip')
})

test('a plan that is not there is refused, and nothing is changed', async () => {
  const refused = await setPlan(onPlan, 'vipp')
  expect(seen(refused)).toEqual(failure({ type: 'invalid_request', status: 409, field: 'plan' }))
  expect(refused.json.error.message).toContain('Plans: vip, other.')
  expect((await gateway.operator('GET', `/accounts/${onPlan.accountId}`)).json.data.plan).toBe('vip')
})

describe.each(['an account’s plan', 'a key’s models'])('a model that is hidden by %s', (by) => {
  const hidden = 'nano-banana-2'
  // As long, so that bodies differ in the name alone.
  const unknown = 'nano-peachy-2'
  const keyOf = () => (by.startsWith('a key') ? limited.key : onPlan.key)
  /** Without what a request has of its own: its id, the name that it asks for, and what that may have meant. */
  const bytesOf = ({ status, text }: { status: number; text: string }, id: string) => {
    const own = [
      /req_[0-9a-z]{27}/g,
      new RegExp(id, 'g'),
      /"instance":"[^"]*"/g,
      /; did you mean [\w-]+\?|\./g,
    ]
    return own.reduce((bytes, each) => bytes.replaceAll(each, '…'), `${status} ${text}`).replaceAll('…', '')
  }

  test.each([
    ['create', (id: string) => post(keyOf(), '/api/v1/tasks/create', { model_id: id, prompt: 'a' })],
    ['a quote', (id: string) => post(keyOf(), '/api/v1/quote', { model_id: id, prompt: 'a' })],
    ['OpenAI’s models', (id: string) => gateway.call('GET', `/v1/models/${id}`, { key: keyOf() })],
    ['OpenAI’s images', (id: string) => post(keyOf(), '/v1/images/generations', { model: id, prompt: 'a' })],
    ['OpenAI’s videos', (id: string) => post(keyOf(), '/v1/videos', { model: id, prompt: 'a' })],
    [
      'Replicate',
      (id: string) => post(keyOf(), `/replicate/v1/models/x/${id}/predictions`, { input: { prompt: 'a' } }),
    ],
    [
      'Replicate by version',
      (id: string) => post(keyOf(), '/replicate/v1/predictions', { version: id, input: { prompt: 'a' } }),
    ],
    ['kie', (id: string) => post(keyOf(), '/api/v1/jobs/createTask', { model: id, input: { prompt: 'a' } })],
  ])('is as unknown to %s as one that never was, byte by byte', async (_what, ask) => {
    const answer = await ask(hidden)
    const other = await ask(unknown)
    expect(answer.text).toContain('model')
    expect(bytesOf(answer, hidden)).toBe(bytesOf(other, unknown))
    expect(answer.text.replaceAll(hidden, '')).not.toContain('nano-banana')
  })

  test('is in no list, and made by no other name', async () => {
    const lists = [
      await gateway.call('GET', '/api/v1/models', { key: keyOf() }),
      await gateway.call('GET', '/v1/models', { key: keyOf() }),
    ]
    for (const { text } of lists) expect(text).not.toContain(hidden)
    const customer = { key: keyOf() }
    expect(JSON.stringify(await callTool(gateway, customer, 'list_models'))).not.toContain(hidden)
    const tools = await rpc(gateway, customer, 'tools/list', {})
    expect(JSON.stringify(tools.result.tools)).not.toContain(hidden)
    const args = { model_id: hidden, prompt: 'a' }
    const tool = await callTool(gateway, customer, 'generate_image', args)
    expect(tool).toMatchObject({ isError: true })
    const known = JSON.stringify(
      await callTool(gateway, customer, 'generate_image', { ...args, model_id: unknown }),
    )
    expect(JSON.stringify(tool).replaceAll(hidden, unknown).length).toBe(known.length)
    const keevx = { prompt: 'a', module: 'std' }
    if (by.startsWith('a key'))
      expect((await post(customer.key, '/keevx/v1/image_generate', keevx)).status).toBe(400)
  })
})

test('test keys have the plan and the models of their account and key', async () => {
  const path = `/accounts/${onPlan.accountId}/keys`
  const { key } = (await gateway.operator('POST', path, { name: 'try', test: true })).json.data
  expect((await post(key, '/api/v1/quote', picture)).json.data.credits).toBe(8)
  const hidden = await post(key, '/api/v1/tasks/create', { model_id: 'keevx-s', prompt: 'a' })
  expect(seen(hidden)).toEqual(failure({ type: 'unknown_model', field: 'model_id' }))
})

test('a reload changes prices of plans at once, and refuses to take away a plan that accounts are on', async () => {
  const file = join(gateway.folder, 'tollgate.yaml')
  const reload = async (plans: string, query = '') => {
    writeFileSync(file, withPlans(plans))
    return await gateway.operator('POST', `/models/reload${query}`)
  }
  const halved = await reload('vip: { price_times: { "*": 0.1 } }')
  expect(halved.json.data).toMatchObject({ ignored: [], problems: [] })
  expect((await post(onPlan.key, '/api/v1/quote', picture)).json.data.credits).toBe(2)
  const wrong = await reload('vip: { hide: [keevx-t] }')
  expect(wrong.json.error.message).toMatch(
    /tollgate\.yaml:\d+:\d+ plans\.vip\.hide\[0\]: no model is called keevx-t; did you mean keevx-[a-z]+\?/,
  )
  const gone = await reload('other: {}')
  expect(gone.status).toBe(422)
  expect(gone.json.error.message).toContain('1 account is on "vip"')
  expect((await post(onPlan.key, '/api/v1/quote', picture)).json.data.credits).toBe(2)
  // Forced all the same: its prices are not known, so it orders nothing, and still sees what it has.
  expect((await reload('other: {}', '?orphan=true')).status).toBe(200)
  const balance = await onPlan.balance()
  expect(seen(await onPlan.create(picture))).toEqual(failure({ type: 'unavailable', status: 503 }))
  expect((await onPlan.get('/models')).status).toBe(503)
  expect((await onPlan.get('/tasks')).status).toBe(200)
  expect(await onPlan.balance()).toBe(balance)
  expect((await usual.create(picture)).json.code).toBe(200)
})
