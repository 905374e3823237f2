// Whoever does not speak HTTP well is answered in the same shape as everybody else, and nobody is held up.
import { connect } from 'node:net'
import { text as textOf } from 'node:stream/consumers'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { connectionBounds } from '../../src/http/connections/bounds.ts'
import { startGateway } from '../support/gateway.ts'
import type { Customer, Gateway } from '../support/gateway.ts'
import { answerBeforeBody, exchange, failure, readAnswer, seen } from './expectations.ts'

let gateway: Gateway
let customer: Customer
beforeAll(async () => {
  gateway = await startGateway()
  customer = await gateway.customer(1_000)
})
afterAll(async () => await gateway.stop())

const say = async (...pieces: (string | Buffer)[]) => readAnswer(await exchange(gateway.url, ...pieces))
const close = 'Connection: close\r\n'
const bearer = () => `Host: gateway\r\nAuthorization: Bearer ${customer.key}\r\n${close}`
const creating = () => `POST /api/v1/tasks/create HTTP/1.1\r\n${bearer()}Content-Type: application/json\r\n`

describe('a method that HTTP does not know, or spells otherwise, is as wrong as one that the path does not take', () => {
  test.each([
    ['BREW', '/api/v1/credits', 'GET, HEAD'],
    ['get', '/api/v1/tasks?limit=1', 'GET, HEAD'],
    ['GETS', '/api/v1/tasks/task_1', 'GET, HEAD, DELETE'],
    ['PATCHED', '/admin/v1/accounts/acc_1', 'GET, HEAD, PATCH, DELETE'],
  ])('%s %s', async (method, path, allowed) => {
    const wrong = [`${method} ${path} HTTP/1.1\r\n${bearer()}\r\n`]
    // Also as a later request of a connection: what came before is answered first.
    for (const before of ['', `GET /healthz HTTP/1.1\r\nHost: a\r\n\r\n`]) {
      const heard = await exchange(gateway.url, before + wrong.join(''))
      const last = heard.slice(heard.lastIndexOf('HTTP/1.1 '))
      expect(last).toMatch(/^HTTP\/1\.1 405 Method Not Allowed\r\n/)
      expect(last).toContain(`\r\nAllow: ${allowed}\r\n`)
      expect(last).toContain(`${method} is not allowed here; this path takes ${allowed}.`)
    }
  })
})

describe('what is no good HTTP is 400', () => {
  test.each([
    ['garbage', 'garbage\r\n\r\n'],
    ['a TLS greeting', Buffer.from('16030100c8010000c40303', 'hex')],
    ['an unknown method of an unknown path', 'BREW /pot HTTP/1.1\r\nHost: a\r\n\r\n'],
    ['an unknown method of a path of ours, not in HTTP', 'BREW /api/v1/credits SMTP\r\nHost: a\r\n\r\n'],
    ['a header without a colon', 'GET /healthz HTTP/1.1\r\nHost a\r\n\r\n'],
    ['two lengths', 'POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\n{}'],
    [
      'a length and chunks',
      'POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n',
    ],
    ['no host', `GET /healthz HTTP/1.1\r\n${close}\r\n`],
    ['a broken escape in the URL', `GET /api/v1/tasks/%zz HTTP/1.1\r\nHost: a\r\n${close}\r\n`],
  ])('%s', async (_name, text) => {
    expect(seen(await say(text))).toEqual(failure({ type: 'invalid_request', status: 400 }))
  })

  test('a chunk that lies about its length', async () => {
    const answer = await say(`${creating()}Transfer-Encoding: chunked\r\n\r\n`, 'zz\r\n{}\r\n0\r\n\r\n')
    expect(seen(answer)).toEqual(failure({ type: 'invalid_request', status: 400 }))
  })
})

test('headers beyond all measure are 431', async () => {
  const answer = await say(`GET /healthz HTTP/1.1\r\nHost: a\r\nCookie: ${'a'.repeat(20_000)}\r\n\r\n`)
  expect(seen(answer)).toEqual(failure({ type: 'invalid_request', status: 431 }))
})

test('an id of any length that Node takes is simply not found', async () => {
  expect(seen(await customer.get(`/tasks/${'a'.repeat(10_000)}`))).toEqual(
    failure({ type: 'not_found', field: 'task_id' }),
  )
})

test('a body announced as too long is 413 before it comes', async () => {
  const quoting = creating().replace('tasks/create', 'quote')
  // A create may bear a picture, so there is no knowing before it comes.
  for (const head of [`${quoting}Content-Length: 65537`, `${creating()}Content-Length: ${29 * 1024 ** 2}`]) {
    const answer = await answerBeforeBody(gateway.url, `${head}\r\n\r\n`)
    expect(seen(answer)).toEqual(failure({ type: 'payload_too_large', status: 413 }))
  }
})

test('a client that asked for a close has it with its answer, though its body never comes', async () => {
  const anHourMs = 3_600_000
  const patient = await startGateway({ bounds: { connections: { bodyTimeoutMs: anHourMs } } })
  const { key } = await patient.customer(10)
  const head = `POST /api/v1/quote HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer ${key}\r\n${close}`
  const type = 'Content-Type: application/json\r\n'
  const answer = readAnswer(await exchange(patient.url, `${head}${type}Content-Length: 65537\r\n\r\n`))
  expect(seen(answer)).toEqual(failure({ type: 'payload_too_large', status: 413 }))
  await patient.stop()
})

test('a body in chunks is 413 once there is too much of it', async () => {
  const chunk = `1000\r\n${' '.repeat(4_096)}\r\n`
  const head = `${creating()}Transfer-Encoding: chunked\r\n\r\n`
  const answer = await answerBeforeBody(gateway.url, head, chunk.repeat(17))
  expect(seen(answer)).toEqual(failure({ type: 'payload_too_large', status: 413 }))
})

test('a body in chunks is as good as one of known length', async () => {
  const body = JSON.stringify({ model_id: 'gpt-image-2', prompt: '一座花园' })
  // Cut in the middle of a character.
  const bytes = Buffer.from(body)
  const at = bytes.indexOf(Buffer.from('座')) + 1
  const chunkOf = (part: Buffer) =>
    Buffer.concat([Buffer.from(`${part.length.toString(16)}\r\n`), part, Buffer.from('\r\n')])
  const answer = await exchange(
    gateway.url,
    `${creating()}Transfer-Encoding: chunked\r\n\r\n`,
    chunkOf(bytes.subarray(0, at)),
    chunkOf(bytes.subarray(at)),
    '0\r\n\r\n',
  )
  const taskId = /task_[0-9a-z]{27}/.exec(answer)?.[0] ?? ''
  await customer.ended(taskId)
  expect(gateway.sandbox.submissions.at(-1)?.body['prompt']).toBe('一座花园')
})

test('garbage behind a good request takes nothing from its answer', async () => {
  const body = JSON.stringify({ model_id: 'gpt-image-2', prompt: 'a garden' })
  const good = creating().replace(close, '')
  const heard = await exchange(
    gateway.url,
    `${good}Content-Length: ${body.length}\r\n\r\n${body}garbage\r\n\r\n`,
  )
  const statuses = [...heard.matchAll(/HTTP\/1\.1 (\d+)/g)].map(([, status]) => status)
  expect(statuses).toEqual(['200', '400'])
  expect(heard).toContain('提交成功,等待生成')
})

test('two hosts are 400, where one is not', async () => {
  const to = (hosts: string) => say(`GET /healthz HTTP/1.1\r\n${hosts}${close}\r\n`)
  expect((await to('Host: a\r\n')).status).toBe(200)
  expect((await to('Host: a\r\nHost: b\r\n')).status).toBe(400)
  expect((await to('Host: a\r\nHost: a\r\n')).status).toBe(400)
})

test('an expectation that nobody knows is passed over', async () => {
  const answer = await say(`GET /api/v1/credits HTTP/1.1\r\n${bearer()}Expect: the-worst\r\n\r\n`)
  expect([answer.status, answer.json.code]).toEqual([200, 200])
})

test('slow clients are cut off: headers sooner than bodies', () => {
  const { headTimeoutMs, bodyTimeoutMs } = connectionBounds()
  expect(headTimeoutMs).toBe(10_000)
  expect(bodyTimeoutMs).toBeGreaterThan(headTimeoutMs)
  expect(bodyTimeoutMs).toBeLessThanOrEqual(60_000)
  expect(gateway.app.server.server.keepAliveTimeout).toBeGreaterThan(60_000)
})

describe('a create whose rest comes after it was refused as too slow is not made, as its client was told', () => {
  let impatient: Gateway
  let orderer: Customer
  beforeAll(async () => {
    const connections = { headTimeoutMs: 200, bodyTimeoutMs: 200, checkEveryMs: 20 }
    impatient = await startGateway({ bounds: { connections } })
    orderer = await impatient.customer(1_000)
  })
  afterAll(async () => await impatient.stop())

  const headOf = () => creating().replace(customer.key, orderer.key)
  const body = JSON.stringify({ model_id: 'gpt-image-2', prompt: 'a slow garden' })
  const ordered = async () =>
    (await impatient.operator('GET', '/tasks?limit=100')).json.data.tasks.length as number

  test.each([
    ['its headers', (whole: string) => whole.indexOf('Authorization')],
    ['its body', (whole: string) => whole.length - 5],
    ['all of it', () => 0],
  ])('%s', async (_name, cutAt) => {
    const before = await ordered()
    const whole = `${headOf()}Content-Length: ${body.length}\r\n\r\n${body}`
    const cut = cutAt(whole)
    const port = Number(new URL(impatient.url).port)
    const socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true })
    socket.on('error', () => undefined)
    socket.write(whole.slice(0, cut))
    const heard = textOf(socket)
    await new Promise((resolve) => socket.once('readable', resolve))
    await new Promise((resolve) => socket.end(whole.slice(cut), () => resolve(undefined)))
    const answer = readAnswer(await heard)
    expect(seen(answer)).toEqual(failure({ type: 'invalid_request', status: 408 }))
    expect(answer.json.msg).toContain('Nothing was charged')
    // Whatever came of the rest has come by the time that another create is answered.
    await orderer.create({ model_id: 'gpt-image-2', prompt: 'a quick garden' })
    expect(await ordered()).toBe(before + 1)
  })
})
