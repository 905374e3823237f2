// What is sold, as OpenAI's clients ask for it, and a surface that is switched off.
import { afterAll, beforeAll, expect, test } from 'vitest'
import { quickYaml, startGateway } from '../../../support/gateway.ts'
import type { Customer, Gateway } from '../../../support/gateway.ts'

const models = `
models:
  painter:
    name: Painter
    aliases: [gpt-image-1]
    price: { credits: 7 }
    routes: [{ upstream: keevx, operation: image_generate, params: { module: pro } }]
`

let gateway: Gateway
let customer: Customer
beforeAll(async () => {
  gateway = await startGateway({ yaml: quickYaml + models })
  customer = await gateway.customer(100)
})
afterAll(async () => await gateway.stop())

const get = async (path: string, key: string | null = customer.key) =>
  await gateway.call('GET', path, key === null ? {} : { key })

const model = (id: string) => ({ id, object: 'model', created: 0, owned_by: 'tollgate' })

test('models and their aliases are listed, and found by either', async () => {
  const { status, json } = await get('/v1/models')
  expect([status, json]).toEqual([200, { object: 'list', data: [model('painter'), model('gpt-image-1')] }])
  expect((await get('/v1/models/gpt-image-1')).json).toEqual(model('gpt-image-1'))
})

test('an order may name an alias, and shows the id', async () => {
  const { data } = (await customer.create({ model_id: 'gpt-image-1', prompt: 'a heron' })).json
  expect(await customer.ended(data.task_id)).toMatchObject({
    model_id: 'painter',
    credits: 7,
    task_status: 3,
  })
})

test.each([
  ['a model that is not sold', '/v1/models/dall-e-9', undefined, 404, 'model_not_found', 'model'],
  ['a path that is not there', '/v1/fine-tunes', undefined, 404, 'not_found', null],
  ['a key that is wrong', '/v1/models', 'sk-wrong', 401, 'invalid_api_key', null],
  ['no key', '/v1/models', null, 401, 'invalid_api_key', null],
])('%s is refused in the form of OpenAI', async (_what, path, key, status, code, param) => {
  const answer = await get(path, key)
  const error = { message: expect.any(String), type: 'invalid_request_error', param, code }
  expect([answer.status, answer.json]).toEqual([status, { error }])
})

test('a surface that is switched off is no path at all, and not documented', async () => {
  const off = await startGateway({ yaml: `${quickYaml}surfaces: { openai: false }` })
  try {
    const { key } = await off.customer()
    const { status, json } = await off.call('GET', '/v1/models', { key })
    expect([status, json.error.type]).toEqual([404, 'not_found'])
    const documented = (await off.call('GET', '/openapi.json')).text
    expect(documented).not.toContain('"/v1/models"')
  } finally {
    await off.stop()
  }
  expect((await gateway.call('GET', '/openapi.json')).text).toContain('"/v1/models"')
})
