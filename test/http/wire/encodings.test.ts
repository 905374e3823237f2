// Bodies that say they are written in a way that is not read here are refused by name, and never guessed at.
import { once } from 'node:events'
import { connect } from 'node:net'
import { gzipSync, brotliCompressSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { png } from '../../media/media-harness.ts'
import { adminToken, startGateway } from '../../support/gateway.ts'
import type { Customer, Gateway } from '../../support/gateway.ts'
import { exchange, failure, readAnswer, seen } from '../expectations.ts'

let gateway: Gateway
let customer: Customer
beforeAll(async () => {
  gateway = await startGateway()
  customer = await gateway.customer(1_000)
})
afterAll(async () => await gateway.stop())

const order = Buffer.from(JSON.stringify({ model_id: 'gpt-image-2', prompt: 'a garden' }))

async function post(path: string, headers: Record<string, string>, body: Buffer, key = customer.key) {
  const lines = Object.entries({ 'Content-Type': 'application/json', ...headers }).map((pair) =>
    pair.join(': '),
  )
  const told = headers['Transfer-Encoding'] === undefined ? [`Content-Length: ${body.length}`] : []
  const head = [
    `POST ${path} HTTP/1.1`,
    'Host: a',
    `Authorization: Bearer ${key}`,
    'Connection: close',
    ...lines,
    ...told,
  ]
  return readAnswer(
    await exchange(gateway.url, Buffer.concat([Buffer.from(`${head.join('\r\n')}\r\n\r\n`), body])),
  )
}

test.each([
  ['HTTP/1.1', 'Connection: close\r\n'],
  ['HTTP/1.0', ''],
])(
  'a client of %s that waits for the end of the connection has it with its answer',
  async (version, header) => {
    const socket = connect(Number(new URL(gateway.url).port), '127.0.0.1')
    let heard = ''
    socket.on('data', (bytes) => (heard += bytes.toString()))
    const ended = once(socket, 'end')
    const head = `POST /api/v1/tasks/create ${version}\r\nHost: a\r\nAuthorization: Bearer ${customer.key}\r\n${header}`
    socket.write(`${head}Content-Type: text/plain\r\nContent-Length: ${order.length}\r\n\r\n`)
    socket.write(order)
    await ended
    expect(heard).toContain(' 415 ')
  },
)

describe('another charset or coding is 415 and named, and costs nothing:', () => {
  const chunked = Buffer.from(`${order.length.toString(16)}\r\n${order.toString()}\r\n0\r\n\r\n`)
  test.each<[string, Record<string, string>, Buffer, string]>([
    ['gbk', { 'Content-Type': 'application/json; charset=gbk' }, order, 'gbk'],
    ['quoted', { 'Content-Type': 'application/json;charset="GB18030"' }, order, 'GB18030'],
    [
      'the second of two',
      { 'Content-Type': 'application/json; charset=utf-8; charset=utf-16' },
      order,
      'utf-16',
    ],
    ['written as a language', { 'Content-Type': "application/json; charset*=utf-8''gbk" }, order, 'gbk'],
    ['in pieces', { 'Content-Type': 'application/json; charset*0=gb; charset*1=k' }, order, '"gb"'],
    [
      'two types',
      { 'Content-Type': 'application/json\r\nContent-Type: application/json; charset=gbk' },
      order,
      'more than one Content-Type',
    ],
    ['latin-1', { 'Content-Type': 'application/json; charset=ISO-8859-1' }, order, 'ISO-8859-1'],
    ['br over plain JSON', { 'Content-Encoding': 'br' }, order, 'br'],
    ['br', { 'Content-Encoding': 'br' }, brotliCompressSync(order), 'br'],
    ['gzip', { 'Content-Encoding': 'gzip' }, gzipSync(order), 'gzip'],
    ['two codings', { 'Content-Encoding': 'identity, deflate' }, order, 'deflate'],
    ['a transfer coding', { 'Transfer-Encoding': 'gzip, chunked' }, chunked, 'gzip'],
  ])('%s', async (_name, headers, body, named) => {
    const answer = await post('/api/v1/tasks/create', headers, body)
    expect(seen(answer)).toEqual(failure({ type: 'unsupported_media_type', status: 415 }))
    expect(answer.json.msg.toLowerCase()).toContain(named.toLowerCase())
    expect(await customer.balance()).toBe(1_000)
  })

  test.each(['/api/v1/quote', '/api/v1/webhooks/secret', '/admin/v1/accounts'])(
    'on %s as well',
    async (path) => {
      const key = path.startsWith('/admin') ? adminToken : customer.key
      const answer = await post(path, { 'Content-Type': 'application/json; charset=big5' }, order, key)
      expect([answer.status, answer.json.error.type]).toEqual([415, 'unsupported_media_type'])
    },
  )

  test('and of a form, and of its part', async () => {
    const form = (part: string) =>
      Buffer.concat([
        Buffer.from(`--x\r\nContent-Disposition: form-data; name="file"; filename="a.png"\r\n${part}\r\n`),
        png,
        Buffer.from('\r\n--x--\r\n'),
      ])
    const type = 'multipart/form-data; boundary=x'
    for (const [headers, part] of [
      [{ 'Content-Type': `${type}; charset=gbk` }, ''],
      [{ 'Content-Type': type, 'Content-Encoding': 'gzip' }, ''],
      [{ 'Content-Type': type }, 'Content-Transfer-Encoding: base64\r\n'],
    ] as const) {
      const answer = await post('/api/v1/files', headers, form(part))
      expect(seen(answer)).toEqual(failure({ type: 'unsupported_media_type', status: 415 }))
    }
    expect((await post('/api/v1/files', { 'Content-Type': `${type}; charset=utf-8` }, form(''))).status).toBe(
      200,
    )
  })
})

test.each([
  ['a picture, which is known by its bytes', 'name="file"; filename="a.png"', 'image/png; charset=gbk', 200],
  ['a file that calls itself text', 'name="file"; filename="a.png"', 'text/plain; charset=gbk', 200],
  ['a file of a charset that nobody knows', 'name="file"; filename="a.png"', 'text/plain; charset=no', 200],
  ['a field, where no text is taken', 'name="file"', 'text/plain; charset=gbk', 'file'],
  ['a field of another name', 'name="a"', 'text/plain; charset=base64', 'file'],
])('the charset of a part changes nothing of %s', async (_name, disposition, type, expected) => {
  const head = `--x\r\nContent-Disposition: form-data; ${disposition}\r\nContent-Type: ${type}\r\n\r\n`
  const form = Buffer.concat([Buffer.from(head), png, Buffer.from('\r\n--x--\r\n')])
  const { json } = await post('/api/v1/files', { 'Content-Type': 'multipart/form-data; boundary=x' }, form)
  expect(json.error?.field ?? json.code).toBe(expected)
  if (expected !== 200) return
  expect(json.data.bytes).toBe(png.length)
  const kept = Buffer.from(await (await fetch(json.data.url)).arrayBuffer())
  expect(kept.equals(png)).toBe(true)
})

test.each(['utf-8', 'UTF-8', '"utf8"', 'us-ascii'])('charset=%s and identity are read', async (charset) => {
  const headers = { 'Content-Type': `application/json; charset=${charset}`, 'Content-Encoding': 'identity' }
  expect((await post('/api/v1/quote', headers, order)).json).toMatchObject({
    code: 200,
    data: { credits: 15 },
  })
})

test.each([
  ['GBK', Buffer.from([0xbb, 0xa8, 0xd4, 0xb0])],
  ['half of a character', Buffer.from('苍鹭').subarray(0, 4)],
  ['a surrogate', Buffer.from([0xed, 0xa0, 0x80])],
])('bytes that are no UTF-8 are 400 in words that say so: %s', async (_name, bytes) => {
  const body = Buffer.concat([Buffer.from('{"model_id":"gpt-image-2","prompt":"'), bytes, Buffer.from('"}')])
  const answer = await post('/api/v1/tasks/create', {}, body)
  expect(seen(answer)).toEqual(failure({ type: 'invalid_request', status: 400 }))
  expect(answer.json.msg).toContain('UTF-8')
  expect(await customer.balance()).toBe(1_000)
})

describe('a wrong path or method is told before a body is read:', () => {
  test.each([
    ['DELETE', '/api/v1/nothing', 404],
    ['POST', '/api/v1/nothing', 404],
    ['PATCH', '/api/v1/tasks/create', 405],
    ['PUT', '/admin/v1/accounts', 405],
  ])('%s %s', async (method, path, status) => {
    for (const [type, length] of [
      ['application/json', 0],
      ['application/json', 1_000_000],
      ['text/plain', 5],
      ['application/json; charset=gbk', 5],
    ] as const) {
      const socket = connect(Number(new URL(gateway.url).port), '127.0.0.1')
      socket.on('error', () => undefined)
      // Nothing of the body is ever sent.
      socket.write(
        `${method} ${path} HTTP/1.1\r\nHost: a\r\nContent-Type: ${type}\r\nContent-Length: ${length}\r\n\r\n`,
      )
      const heard = await new Promise<string>((resolve) =>
        socket.once('data', (bytes) => resolve(bytes.toString())),
      )
      socket.destroy()
      expect(readAnswer(heard).status).toBe(status)
    }
  })
})

test.each([
  ['GET', '/api/v1/credits'],
  ['POST', '/api/v1/webhooks/secret'],
])('a Content-Type of JSON without a body is no malformed JSON: %s %s', async (method, path) => {
  const headers = { 'content-type': 'application/json' }
  expect((await gateway.call(method, path, { key: customer.key, headers })).status).toBe(200)
})

test('nor is that of a DELETE', async () => {
  const { data } = (await gateway.operator('POST', `/accounts/${customer.accountId}/keys`, { name: 'a' }))
    .json
  const headers = { 'content-type': 'application/json' }
  const path = `/admin/v1/keys/${data.id}`
  expect((await gateway.call('DELETE', path, { key: adminToken, headers })).status).toBe(200)
})
