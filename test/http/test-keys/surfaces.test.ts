// Test keys open every API that real keys open.
import { openAsBlob } from 'node:fs'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { quickYaml, startGateway, until } from '../../support/gateway.ts'
import type { Answer, Gateway } from '../../support/gateway.ts'
import { receiverYaml, startReceiver } from '../../support/receiver.ts'
import { testCustomer } from './test-customer.ts'
import type { TestCustomer } from './test-customer.ts'

let gateway: Gateway
let play: TestCustomer
beforeAll(async () => {
  gateway = await startGateway({ yaml: quickYaml + receiverYaml() })
  const { accountId } = await gateway.customer(0)
  play = await testCustomer(gateway, accountId)
})
afterAll(async () => await gateway.stop())

const call = async (method: string, path: string, body?: unknown, headers?: Record<string, string>) => {
  const options = { key: play.key, ...(body !== undefined && { body }), ...(headers && { headers }) }
  return await gateway.call(method, path, options)
}
const ok = (answer: Answer, status = 200) => {
  expect([answer.status, answer.headers.get('x-tollgate-sandbox')], answer.text).toEqual([status, 'true'])
  return answer.json
}
const opens = async (url: string, type: string) => {
  expect(url).toMatch(new RegExp(`^${gateway.url}/test/media/`))
  const answer = await fetch(url)
  expect([answer.status, answer.headers.get('content-type')]).toEqual([200, type])
}
const png = async () => await openAsBlob('docs/images/sandbox-result.png', { type: 'image/png' })
const send = async (path: string, form: FormData) => {
  const headers = { authorization: `Bearer ${play.key}` }
  const answer = await fetch(`${gateway.url}${path}`, { method: 'POST', headers, body: form })
  const text = await answer.text()
  return { status: answer.status, headers: answer.headers, text, json: JSON.parse(text) }
}

test('the tasks API: models, a quote, an order, a wait for its end', async () => {
  expect(ok(await call('GET', '/api/v1/models')).data.models.length).toBeGreaterThan(2)
  const order = { model_id: 'seedance-2', prompt: 'waves', duration: 4 }
  const { credits } = ok(await call('POST', '/api/v1/quote', order)).data
  const created = ok(await call('POST', '/api/v1/tasks/create', order)).data
  expect(created.credits).toBe(credits)
  const task = ok(await call('GET', `/api/v1/tasks/${created.task_id}?wait=30`)).data
  expect(task.task_status).toBe(3)
  await opens(task.video_url, 'video/mp4')
})

test('a stream of events', async () => {
  const { task_id: id } = (await play.create({ model_id: 'gpt-image-2', prompt: 'a heron' })).json.data
  const answer = await call('GET', `/api/v1/tasks/${id}/events`)
  expect([answer.status, answer.headers.get('content-type')]).toEqual([200, 'text/event-stream'])
  expect(answer.headers.get('x-tollgate-sandbox')).toBe('true')
  expect(answer.text).toMatch(/"task_status":3[^]*"image_url":"[^"]+\/test\/media\//)
})

test('an upload, and an order with it', async () => {
  const form = new FormData()
  form.set('file', await png(), 'a.png')
  const { url } = ok(await send('/api/v1/files', form)).data
  expect((await fetch(url)).status).toBe(200)
  const order = { model_id: 'gpt-image-2', prompt: 'like this', image_urls: [url] }
  const created = await play.create(order)
  expect(await play.ended(created.json.data.task_id)).toMatchObject({ task_status: 3 })
})

test('a picture inside the order', async () => {
  const data = Buffer.from(await (await png()).arrayBuffer()).toString('base64')
  const order = {
    model_id: 'gpt-image-2',
    prompt: 'like this',
    image_urls: [`data:image/png;base64,${data}`],
  }
  const created = ok(await play.create(order))
  expect(await play.ended(created.data.task_id)).toMatchObject({ task_status: 3 })
})

test("OpenAI's images and models", async () => {
  expect(ok(await call('GET', '/v1/models')).data.length).toBeGreaterThan(2)
  const body = { model: 'gpt-image-2', prompt: 'a heron', response_format: 'url' }
  const answer = ok(await call('POST', '/v1/images/generations', body))
  await opens(answer.data[0].url, 'image/png')
  const inBytes = ok(
    await call('POST', '/v1/images/generations', { model: 'gpt-image-2', prompt: 'a heron' }),
  )
  expect(Buffer.from(inBytes.data[0].b64_json, 'base64').subarray(1, 4).toString()).toBe('PNG')
})

test("OpenAI's images: an edit as a form", async () => {
  const form = new FormData()
  form.set('model', 'gpt-image-2')
  form.set('prompt', 'like this')
  form.set('image', await png(), 'a.png')
  expect(ok(await send('/v1/images/edits', form)).data).toHaveLength(1)
})

test('tools over MCP', async () => {
  const rpc = async (method: string, params: object) => {
    const headers = { accept: 'application/json, text/event-stream', 'mcp-protocol-version': '2025-06-18' }
    const answer = await call('POST', '/mcp', { jsonrpc: '2.0', id: 1, method, params }, headers)
    expect([answer.status, answer.headers.get('x-tollgate-sandbox')], answer.text).toEqual([200, 'true'])
    return answer.text
  }
  expect(await rpc('tools/list', {})).toContain('generate')
  const { tools } = JSON.parse(
    /\{"(?:result|jsonrpc).*\}/.exec(await rpc('tools/list', {}))?.[0] ?? '',
  ).result
  const credits = tools.find(({ name }: { name: string }) => /credits|balance/.test(name))
  expect(await rpc('tools/call', { name: credits.name, arguments: {} })).toContain('credits')
})

test("Replicate's predictions: made, and found by the link in the answer", async () => {
  const path = '/replicate/v1/models/any/gpt-image-2/predictions'
  const made = ok(await call('POST', path, { input: { prompt: 'a heron' } }, { prefer: 'wait' }), 201)
  expect(made.status).toBe('succeeded')
  await opens(made.output[0], 'image/png')
  const { pathname } = new URL(made.urls.get)
  expect(ok(await call('GET', pathname)).id).toBe(made.id)
})

test("kie's jobs", async () => {
  const body = { model: 'gpt-image-2', input: { prompt: 'a heron' } }
  const { taskId } = ok(await call('POST', '/api/v1/jobs/createTask', body)).data
  const job = await until(
    async () => ok(await call('GET', `/api/v1/jobs/recordInfo?taskId=${taskId}`)).data,
    ({ state }) => state === 'success',
  )
  await opens(JSON.parse(job.resultJson).resultUrls[0], 'image/png')
  expect(ok(await call('GET', '/api/v1/chat/credit')).data).toBeLessThan(1_000)
})

test("Keevx's own API", async () => {
  const made = ok(
    await call('POST', '/keevx/v1/image_generate', { prompt: 'a heron', module: 'pro' }, { source: 'skill' }),
  )
  const [id] = made.data.task_ids
  const task = await until(
    async () => ok(await call('GET', `/keevx/v1/image_generate/${id}`, undefined, { source: 'skill' })).data,
    ({ status }) => status === 'SUCCEEDED',
  )
  await opens(task.image_url, 'image/png')
  expect(task.task_id).toBe(id)
})

test('webhooks: a signed one for the end of a task, with the link of its result', async () => {
  const receiver = await startReceiver()
  const { secret } = ok(await call('POST', '/api/v1/webhooks/secret')).data
  expect(secret).toMatch(/^whsec_/)
  const order = { model_id: 'gpt-image-2', prompt: 'a heron', callback_url: receiver.url }
  const { task_id: id } = ok(await play.create(order)).data
  await until(
    () => receiver.told.length,
    (count) => count > 0,
  )
  const [told] = receiver.told
  expect(told?.headers['webhook-signature']).toMatch(/^v1,/)
  const event = JSON.parse(told?.body ?? '')
  expect(event).toMatchObject({ type: 'task.succeeded', data: { task_id: id } })
  await opens(event.data.image_url, 'image/png')
  expect(ok(await call('GET', '/api/v1/webhooks/deliveries')).data.deliveries).toHaveLength(1)
  const { webhookDeliveries } = gateway.app.ctx.db.read.tables
  expect(await gateway.app.ctx.db.read.select().from(webhookDeliveries)).toEqual([])
})

test('and of all that the upstream heard nothing', () => {
  expect([...gateway.sandbox.requests.keys()]).toEqual([])
})
