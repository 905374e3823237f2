// Pictures in the body of a create: uploaded before anything is charged, once, and bounded; other bodies stay small.
import { request } from 'node:http'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { onDisk, png, svg } from '../media/media-harness.ts'
import { startGateway, until } from '../support/gateway.ts'
import type { Customer, Gateway } from '../support/gateway.ts'
import { failure, seen } from './expectations.ts'

let gateway: Gateway
let customer: Customer
beforeAll(async () => {
  gateway = await startGateway()
})
afterAll(async () => await gateway.stop())
beforeEach(async () => {
  customer = await gateway.customer(1_000)
})

const uri = (bytes: Buffer, type = 'image/png') => `data:${type};base64,${bytes.toString('base64')}`
const order = (...images: string[]) => ({ model_id: 'gpt-image-2', prompt: 'a heron', image_urls: images })
const uploads = () => gateway.sandbox.requests.get('POST /v1/figure-resource/upload/file') ?? 0
const large = Buffer.concat([png, Buffer.alloc(20 * 1024 * 1024 - png.length, 7)])

test('a picture in the body is uploaded, and ordered with by its URL, byte for byte', async () => {
  const before = uploads()
  const { json } = await customer.create(order('https://example.com/a.png', uri(png), uri(png)))
  expect(await customer.ended(json.data.task_id)).toMatchObject({ task_status: 3 })
  expect(uploads() - before, 'the same one once').toBe(1)
  const sent = gateway.sandbox.submissions.at(-1)?.body['reference_images'] as string[]
  expect(sent[0]).toBe('https://example.com/a.png')
  expect(sent[1]).toMatch(/^http:.*\.png$/)
  expect(sent[2]).toBe(sent[1])
  const uploaded = Buffer.from(await (await fetch(sent[1] ?? '')).arrayBuffer())
  expect(uploaded.equals(png)).toBe(true)
  expect(onDisk(gateway.app.ctx.config.dataDir).incoming).toEqual([])
})

test('20 MB go, of whatever type they call themselves', async () => {
  const { json } = await customer.create(order(uri(large, 'text/html;charset=utf-8')))
  expect(json).toMatchObject({ code: 200 })
  await customer.ended(json.data.task_id)
  const [url] = (gateway.sandbox.submissions.at(-1)?.body['reference_images'] ?? []) as string[]
  expect(Buffer.from(await (await fetch(url ?? '')).arrayBuffer()).equals(large)).toBe(true)
})

test('a last frame may be one too', async () => {
  const body = { model_id: 'seedance-2', prompt: 'waves', image_urls: [uri(png)], end_image_url: uri(png) }
  const { json } = await customer.create(body)
  expect(json.code).toBe(200)
  await customer.ended(json.data.task_id)
  expect(JSON.stringify(gateway.sandbox.submissions.at(-1)?.body)).not.toContain('data:')
})

describe('what is wrong names its field, is not uploaded, and costs nothing:', () => {
  test.each([
    ['an SVG', order(uri(png), uri(svg)), 'image_urls.1', 1],
    ['text called PNG', order(uri(Buffer.from('just text'))), 'image_urls.0', 0],
    ['no base64', order('data:image/png,abc'), 'image_urls.0', 0],
    ['letters that are none of base64', order(`${uri(png)}!`), 'image_urls.0', 0],
    ['spaces in it', order(uri(png).replace('iVBO', 'iVB O')), 'image_urls.0', 0],
    ['nothing in it', order('data:image/png;base64,'), 'image_urls.0', 0],
    ['more than 20 MB', order(uri(Buffer.concat([large, png]))), 'image_urls.0', 0],
    ['another field that is wrong', { ...order(uri(png)), prompt: '' }, 'prompt', 0],
    [
      'more pictures than the model takes',
      order(...Array.from({ length: 40 }, () => uri(png))),
      'image_urls',
      0,
    ],
    ['one in the prompt', { ...order(), prompt: uri(Buffer.alloc(70_000)) }, 'prompt', 0],
    ['one in callback_url', { ...order(), callback_url: uri(png) }, 'callback_url', 0],
  ])('%s', async (_name, body, field, uploaded) => {
    const before = uploads()
    expect(seen(await customer.create(body))).toEqual(failure({ type: 'invalid_request', field }))
    expect(uploads() - before).toBe(uploaded)
    expect(await customer.balance()).toBe(1_000)
    expect(onDisk(gateway.app.ctx.config.dataDir).incoming).toEqual([])
  })

  test('nor does an order that cannot be paid, and nothing is uploaded for it', async () => {
    const before = uploads()
    const poor = await gateway.customer(14)
    expect(seen(await poor.create(order(uri(png))))).toEqual(failure({ type: 'insufficient_credits' }))
    expect(uploads()).toBe(before)
  })

  test('nor where the upstream takes no uploads', async () => {
    gateway.sandbox.always('upload', { kind: 'status', status: 500, body: 'oops' })
    const answer = await customer.create(order(uri(png)))
    gateway.sandbox.always('upload', null)
    expect(seen(answer)).toEqual(failure({ type: 'unavailable', status: 503 }))
    expect(await customer.balance()).toBe(1_000)
  })
})

test('a replay uploads nothing again, and the same key with another picture is another body', async () => {
  const headers = { 'idempotency-key': 'once' }
  const first = await customer.create(order(uri(png)), headers)
  const before = uploads()
  const again = await customer.create(order(uri(png)), headers)
  expect(again.json.data).toEqual(first.json.data)
  expect(again.headers.get('idempotency-replayed')).toBe('true')
  const other = await customer.create(order(uri(Buffer.concat([png, png]))), headers)
  expect(seen(other)).toEqual(failure({ type: 'idempotency_mismatch', field: 'Idempotency-Key' }))
  expect(uploads()).toBe(before)
  expect(await customer.balance()).toBe(1_000 - 15)
})

test('a quote of such an order uploads nothing', async () => {
  const before = uploads()
  const { json } = await gateway.call('POST', '/api/v1/quote', { key: customer.key, body: order(uri(png)) })
  expect(json.data).toMatchObject({ credits: 15 })
  expect(uploads()).toBe(before)
})

describe('without a picture, or for what is not the picture, 64 KiB are the limit still:', () => {
  const spaces = ' '.repeat(70_000)
  test.each([
    ['a large order', JSON.stringify({ ...order(), prompt: 'a'.repeat(70_000) })],
    ['large and no JSON', spaces],
    ['a small picture and a large rest', JSON.stringify({ ...order(uri(png)), prompt: 'a'.repeat(70_000) })],
    ['what only looks like a picture', `{"z":"data:","x":[${'{},'.repeat(100_000)}0]}`],
    ['too many pictures', JSON.stringify({ ...order(), x: Array(20).fill(uri(Buffer.alloc(20_000))) })],
  ])('%s', async (_name, body) => {
    expect(seen(await customer.create(body))).toEqual(failure({ type: 'payload_too_large', status: 413 }))
    expect(await customer.balance()).toBe(1_000)
  })

  test('another path takes no picture', async () => {
    const body = order(uri(Buffer.concat([png, Buffer.alloc(70_000)])))
    const answer = await gateway.call('POST', '/api/v1/quote', { key: customer.key, body })
    expect(seen(answer)).toEqual(failure({ type: 'payload_too_large', status: 413 }))
  })
})

test('two large bodies of an account at once; the third is told to come back, small ones and others are not held up', async () => {
  const body = JSON.stringify(order(uri(Buffer.concat([png, Buffer.alloc(70_000)]))))
  const statuses: (number | undefined)[] = []
  const asking = Array.from({ length: 3 }, () => {
    const one = request(`${gateway.url}/api/v1/tasks/create`, {
      method: 'POST',
      agent: false,
      headers: {
        authorization: `Bearer ${customer.key}`,
        'content-type': 'application/json',
        'content-length': Buffer.byteLength(body),
      },
    })
    one.on('error', () => undefined)
    one.on('response', (response) => {
      statuses.push(response.statusCode)
      response.resume()
    })
    one.write(body.slice(0, 100))
    return one
  })
  await until(
    () => statuses.length,
    (count) => count > 0,
  )
  expect(statuses).toEqual([429])
  const refused = await customer.create(body)
  expect(seen(refused)).toEqual(failure({ type: 'rate_limited', status: 429 }))
  expect(refused.headers.get('retry-after')).toBe('3')
  expect((await customer.create(order())).json.code).toBe(200)
  const other = await gateway.customer(100)
  expect((await other.create(body)).json.code).toBe(200)
  for (const one of asking) one.destroy()
  const again = await until(
    async () => await customer.create(body),
    ({ json }) => json.code === 200,
  )
  expect(again.status).toBe(200)
})
