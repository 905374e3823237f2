// Large bodies are read for those who could pay for them, held by somebody at every moment, and gone afterwards.
import { once } from 'node:events'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { request } from 'node:http'
import type { ClientRequest, IncomingMessage } from 'node:http'
import { join } from 'node:path'
import { text as textOf } from 'node:stream/consumers'
import fastify from 'fastify'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { clientWire } from '../../../src/http/v1/wire.ts'
import { sendFailure } from '../../../src/http/wire/failure.ts'
import { useSurfaces } from '../../../src/http/wire/wire.ts'
import { onDisk, png } from '../../media/media-harness.ts'
import { startGateway, until } from '../../support/gateway.ts'
import type { Answer, Customer, Gateway } from '../../support/gateway.ts'
import { failure, seen } from '../expectations.ts'

let gateway: Gateway
let customer: Customer
beforeAll(async () => {
  gateway = await startGateway()
  customer = await gateway.customer(1_000)
})
afterAll(async () => await gateway.stop())

const incoming = () => onDisk(gateway.app.ctx.config.dataDir).incoming
const picture = Buffer.concat([png, Buffer.alloc(90_000, 7)])
const uri = `data:image/png;base64,${picture.toString('base64')}`
const order = (...images: string[]) => ({ model_id: 'gpt-image-2', prompt: 'a heron', image_urls: images })
const body = Buffer.from(JSON.stringify(order(uri)))

function begin(key: string, headers: Record<string, string | number>): ClientRequest {
  const asking = request(`${gateway.url}/api/v1/tasks/create`, {
    method: 'POST',
    agent: false,
    headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json', ...headers },
  })
  asking.on('error', () => undefined)
  return asking
}

async function answerTo(asking: ClientRequest): Promise<Answer> {
  const [response] = (await once(asking, 'response')) as [IncomingMessage]
  const text = await textOf(response)
  const headers = new Headers(response.headers as Record<string, string>)
  return { status: response.statusCode ?? 0, headers, text, json: JSON.parse(text) }
}

describe('who could not pay is told before a byte of a large body is read:', () => {
  test.each([
    ['no credits', { 'content-length': 28_000_000 }, 'insufficient_credits'],
    ['no credits, in chunks', { 'transfer-encoding': 'chunked' }, 'insufficient_credits'],
    ['a suspended account', { 'content-length': 70_000 }, 'account_suspended'],
    [
      'a key that stands for nothing',
      { 'content-length': 70_000, 'idempotency-key': 'k' },
      'insufficient_credits',
    ],
  ] as const)('%s', async (name, headers, type) => {
    const poor = await gateway.customer(name === 'a suspended account' ? 100 : 0)
    if (name === 'a suspended account') {
      await gateway.operator('PATCH', `/accounts/${poor.accountId}`, { status: 'suspended' })
    }
    const asking = begin(poor.key, headers)
    // Of a body in chunks there is no knowing that it is large until it is.
    asking.write(Buffer.alloc('transfer-encoding' in headers ? 65_537 : 1, ' '))
    expect(seen(await answerTo(asking))).toEqual(failure({ type }))
    expect(incoming()).toEqual([])
    asking.destroy()
  })

  test('and hears it though it sends all the same, and may send the next one after it', async () => {
    const poor = await gateway.customer(0)
    for (let time = 0; time < 3; time += 1) {
      const answer = await poor.create(`{"image_urls":["data:image/png;base64,${'\\/'.repeat(1_000_000)}"]}`)
      expect(seen(answer)).toEqual(failure({ type: 'insufficient_credits' }))
    }
  })
})

test('a picture comes in chunks as well as with its length told', async () => {
  const asking = begin(customer.key, {})
  for (let at = 0; at < body.length; at += 10_000) asking.write(body.subarray(at, at + 10_000))
  asking.end()
  const { json } = await answerTo(asking)
  expect(json.code).toBe(200)
  await customer.ended(json.data.task_id)
  const [url] = (gateway.sandbox.submissions.at(-1)?.body['reference_images'] ?? []) as string[]
  expect(Buffer.from(await (await fetch(url ?? '')).arrayBuffer()).equals(picture)).toBe(true)
  expect(incoming()).toEqual([])
})

test('an order that took the last credits is answered again by its key, and with its slashes escaped too', async () => {
  const once15 = await gateway.customer(15)
  const headers = { 'idempotency-key': 'last' }
  const first = await once15.create(body.toString(), headers)
  expect(await once15.balance()).toBe(0)
  for (const again of [body.toString(), body.toString().replaceAll('/', '\\/')]) {
    expect((await once15.create(again, headers)).json.data).toEqual(first.json.data)
  }
  const other = JSON.stringify(order(uri.replace('iVBO', 'iVBP')))
  expect(seen(await once15.create(other, headers))).toEqual(
    failure({ type: 'idempotency_mismatch', field: 'Idempotency-Key' }),
  )
})

describe('a picture that stands where none is taken is refused, and costs nothing:', () => {
  test.each([
    ['in a text', JSON.stringify({ ...order(), prompt: uri }), 'prompt'],
    ['in another list', JSON.stringify({ ...order(), x: [uri] }), 'x'],
    ['as a name', JSON.stringify({ ...order(), [uri]: 1 }), undefined],
    ['deeper', JSON.stringify({ ...order(), image_urls: [[uri]] }), undefined],
    [
      'in a field that stands twice',
      `{"image_urls":["${uri}"],${JSON.stringify(order(uri)).slice(1)}`,
      undefined,
    ],
    ['alone', JSON.stringify(uri), undefined],
  ])('%s', async (_name, text, field) => {
    const before = await customer.balance()
    const answer = await customer.create(text)
    expect(seen(answer)).toEqual(failure({ type: 'invalid_request', ...(field !== undefined && { field }) }))
    expect(await customer.balance()).toBe(before)
    expect(incoming()).toEqual([])
  })
})

test('a client that goes in the middle of a picture leaves nothing, and makes room for the next', async () => {
  for (let time = 0; time < 3; time += 1) {
    const asking = begin(customer.key, { 'content-length': body.length })
    asking.write(body.subarray(0, 80_000))
    await until(incoming, (files) => files.length === 1)
    asking.destroy()
    await until(incoming, (files) => files.length === 0)
  }
  expect((await customer.create(body.toString())).json.code).toBe(200)
})

describe('a form leaves nothing on disk, however it is written:', () => {
  const part = (lines: string, content: Buffer = png) =>
    Buffer.concat([Buffer.from(`--x\r\n${lines}\r\n\r\n`), content, Buffer.from('\r\n')])
  const named = 'Content-Disposition: form-data; name="file"; filename="a.png"'
  const end = Buffer.from('--x--\r\n')
  const big = Buffer.concat([png, Buffer.alloc(200_000)])
  test.each<[string, Buffer[], number, string | null]>([
    [
      'without a file name',
      [part('Content-Disposition: form-data; name="file"\r\nContent-Type: application/octet-stream'), end],
      200,
      null,
    ],
    [
      'with a preamble and an epilogue',
      [Buffer.from('hello\r\n'), part(named), end, Buffer.from('bye')],
      200,
      null,
    ],
    ['with a second file', [part(named, big), part(named, big), end], 200, 'file'],
    [
      'with a field behind it',
      [part(named, big), part('Content-Disposition: form-data; name="a"'), end],
      200,
      'file',
    ],
    [
      'with 10 000 fields',
      [
        part(named, big),
        ...Array.from({ length: 10_000 }, (_, at) =>
          part(`Content-Disposition: form-data; name="${at}"`, Buffer.from('1')),
        ),
        end,
      ],
      200,
      'file',
    ],
    [
      'with a form in it',
      [
        part('Content-Type: multipart/mixed; boundary=y\r\nContent-Disposition: form-data; name="file"', big),
        end,
      ],
      200,
      'file',
    ],
    ['with a part that says nothing of itself', [part('X: y', big), end], 200, 'file'],
    ['with headers without end', [Buffer.from(`--x\r\n${named}\r\nX: ${'a'.repeat(300_000)}`)], 400, null],
    ['cut off in its file', [part(named, big).subarray(0, 100_000)], 400, null],
    [
      'with another boundary',
      [Buffer.from(part(named).toString('latin1').replace('--x', '--y'), 'latin1'), Buffer.from('--y--\r\n')],
      400,
      null,
    ],
    ['of nothing', [], 400, null],
  ])('%s', async (_name, parts, status, field) => {
    const response = await fetch(`${gateway.url}/api/v1/files`, {
      method: 'POST',
      headers: { authorization: `Bearer ${customer.key}`, 'content-type': 'multipart/form-data; boundary=x' },
      body: Buffer.concat(parts),
    })
    const answer: any = await response.json()
    expect({ status: response.status, field: answer.error?.field ?? null }).toEqual({ status, field })
    if (field === null && status === 200) expect(answer.code).toBe(200)
    expect(incoming()).toEqual([])
  })
})

test('what a process that died has left is gone when the next one serves, and a stop leaves nothing', async () => {
  const folder = join(gateway.app.ctx.config.dataDir, 'media', 'incoming')
  const kept = join(gateway.app.ctx.config.dataDir, 'media', 'kept')
  await gateway.restart(() => {
    mkdirSync(join(folder, 'a-folder'), { recursive: true })
    writeFileSync(join(folder, 'a-folder', 'left'), 'half')
    writeFileSync(join(folder, `${Date.now()}-left`), 'half')
    writeFileSync(kept, 'whole')
  })
  expect(incoming()).toEqual([])
  expect(readFileSync(kept, 'utf8')).toBe('whole')
  const asking = begin(customer.key, { 'content-length': body.length })
  asking.write(body.subarray(0, 80_000))
  await until(incoming, (files) => files.length === 1)
  asking.destroy()
  await gateway.restart()
  expect(incoming()).toEqual([])
})

test('what nobody has foreseen is a fault of ours, whatever status it bears, and is logged', async () => {
  const app = fastify()
  useSurfaces(app, [{ prefix: '', callers: 'anyone', wire: clientWire }])
  app.setErrorHandler(async (error, _asked, reply) => await sendFailure(reply, error))
  app.get(
    '/',
    async () => await Promise.reject(Object.assign(new TypeError('of undefined'), { statusCode: 400 })),
  )
  const { statusCode, body: text } = await app.inject('/')
  expect([statusCode, JSON.parse(text).error.type]).toEqual([500, 'internal'])
})
