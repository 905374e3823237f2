// Strangers who hold connections take no place from customers: there is a bound, and room is made below it.
import { get } from 'node:http'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { startGateway, until } from '../../support/gateway.ts'
import type { Customer, Gateway } from '../../support/gateway.ts'
import { metric, stranger } from './sockets.ts'

const max = 24
let gateway: Gateway
let customer: Customer
beforeAll(async () => {
  gateway = await startGateway({
    bounds: { connections: { descriptorsMax: max, checkEveryMs: 20, lingerMs: 60, idleWriteTimeoutMs: 300 } },
  })
  customer = await gateway.customer(10_000)
})
afterAll(async () => await gateway.stop())

const order = { model_id: 'gpt-image-2', prompt: 'a garden' }
/** One address of loopback for strangers, another one for everybody else. */
const elsewhere = '127.0.0.9'
const crowd = async (count: number, says = '') =>
  await Promise.all(
    Array.from({ length: count }, async () => await stranger(gateway, { says, from: elsewhere })),
  )

test.each([
  ['are silent', ''],
  ['send half of their headers', 'GET /healthz HTTP/1.1\r\nHost: a\r\n'],
  ['keep a connection that they have used', 'GET /healthz HTTP/1.1\r\nHost: a\r\n\r\n'],
  [
    'send half of a body',
    'POST /api/v1/tasks/create HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nContent-Length: 9\r\n\r\n{',
  ],
])('three times as many as there may be %s, and a customer orders', async (_what, says) => {
  const strangers = await crowd(3 * max, says)
  expect((await customer.create(order)).json.code).toBe(200)
  expect((await gateway.call('GET', '/healthz')).status).toBe(200)
  expect(await metric(gateway, 'client_descriptors')).toBeLessThanOrEqual(max)
  await until(
    () => strangers.filter(({ isClosed }) => isClosed()).length,
    (closed) => closed >= 2 * max,
  )
})

test('a customer who is connected keeps that connection, however many strangers come', async () => {
  const { port } = new URL(gateway.url)
  const own = await stranger(gateway, { says: 'GET /healthz HTTP/1.1\r\nHost: a\r\n\r\n' })
  await until(own.heard, (heard) => heard.includes('"ok"'))
  await crowd(3 * max)
  expect(own.isClosed()).toBe(false)
  own.socket.write('GET /healthz HTTP/1.1\r\nHost: a\r\n\r\n')
  await until(own.heard, (heard) => heard.split('"ok"').length === 3)
  expect(port).not.toBe('')
})

test('somebody from a third address finds room while strangers hold all places', async () => {
  await crowd(3 * max)
  const newcomer = await stranger(gateway, {
    says: 'GET /healthz HTTP/1.1\r\nHost: a\r\n\r\n',
    from: '127.0.0.7',
  })
  expect(await until(newcomer.heard, (heard) => heard.includes('"ok"'))).toContain('HTTP/1.1 200')
})

test('orders that are being worked on are not closed to make room, and are answered', async () => {
  const { db } = gateway.app.ctx
  const [held, begun] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()]
  const writing = db.transaction(async () => {
    begun.resolve()
    await held.promise
  })
  await begun.promise
  const body = JSON.stringify(order)
  const head = `POST /api/v1/tasks/create HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer ${customer.key}\r\nContent-Type: application/json\r\n`
  let inWork: Awaited<ReturnType<typeof crowd>> = []
  try {
    const creates = await crowd(max, `${head}Content-Length: ${body.length}\r\n\r\n${body}`)
    const isWhole = async () => {
      inWork = creates.filter(({ isClosed }) => !isClosed())
      return (await metric(gateway, 'requests_in_process{kind="write"}')) === inWork.length
    }
    await until(isWhole, (whole) => whole && inWork.length > 0)
    // There is nothing to close for these.
    await crowd(3 * max)
  } finally {
    held.resolve()
  }
  await writing
  const answered = () => inWork.filter(({ heard }) => heard().includes('"code":200')).length
  expect(await until(answered, (count) => count === inWork.length)).toBeGreaterThanOrEqual(max / 2)
})

/** What they heard; and what tells why they heard nothing. */
async function stateOf(clients: Awaited<ReturnType<typeof crowd>>) {
  const answers = clients.map(({ heard }) => heard().slice(0, 'HTTP/1.1 200'.length))
  const closed = clients.map(({ isClosed }) => isClosed())
  const { text } = await gateway.call('GET', '/metrics')
  const counts = text.match(/^tollgate_(?:waiters|connections|client_descriptors|connections_dropped).*$/gm)
  return { answers, closed, counts }
}

test('who waits for a task is not closed to make room, and cannot take all places', async () => {
  gateway.sandbox.freeze('all')
  const prompt = 'a garden that is waited for'
  const id: string = (await customer.create({ ...order, prompt })).json.data.task_id
  const says = `GET /api/v1/tasks/${id}?wait=60 HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer ${customer.key}\r\n\r\n`
  const waiting = await stranger(gateway, { says, from: elsewhere })
  await until(
    () => metric(gateway, 'waiters'),
    (count) => count === 1,
  )
  const strangers = await crowd(3 * max)
  // Those that the gateway has not seen yet would close the next ones again.
  await until(
    () => strangers.filter(({ isClosed }) => isClosed()).length,
    (closed) => closed >= 2 * max,
  )
  expect(waiting.isClosed()).toBe(false)
  // A quarter of half of all places is for one account.
  const more = await crowd(4, says)
  await until(
    async () => await stateOf(more),
    ({ answers }) => answers.includes('HTTP/1.1 429'),
  )
  // What is not ordered upstream yet cannot be finished there.
  const [upstreamId = ''] = await until(
    () => gateway.sandbox.submissions.find(({ body }) => body['prompt'] === prompt)?.taskIds ?? [],
    (ids) => ids.length === 1,
  )
  gateway.sandbox.finish(upstreamId, 'SUCCEEDED')
  await until(
    async () => await stateOf([waiting]),
    ({ answers }) => answers.includes('HTTP/1.1 200'),
  )
})

test.each([
  ['a refusal', 'garbage\r\n\r\n', 'HTTP/1.1 400'],
  ['a greeting of HTTP/2', 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n', 'HTTP/1.1 400'],
  ['its last answer', 'GET /healthz HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n', 'HTTP/1.1 200'],
  [
    'an upgrade that is not offered',
    'GET /healthz HTTP/1.1\r\nHost: a\r\nConnection: Upgrade, close\r\nUpgrade: websocket\r\n\r\n',
    'HTTP/1.1 200',
  ],
])(
  'a connection that has had %s is closed, though its client never closes it',
  async (_what, says, heard) => {
    const one = await stranger(gateway, { says })
    await until(one.heard, (text) => text.includes(heard))
    await one.letGo()
    expect(one.socket.destroyed).toBe(true)
  },
)

test('CONNECT opens nothing', async () => {
  const one = await stranger(gateway, { says: 'CONNECT example.com:443 HTTP/1.1\r\nHost: a\r\n\r\n' })
  await one.letGo()
  expect(one.heard()).not.toContain('HTTP/1.1 200')
})

test('a client who does not read its answers is cut off, one who reads slowly is not', async () => {
  const said = 'GET /openapi.json HTTP/1.1\r\nHost: a\r\n\r\n'.repeat(400)
  const deaf = await stranger(gateway, { deaf: true, says: said })
  const slow = await stranger(gateway, { deaf: true, says: said })
  let read = 0
  slow.socket.on('data', (bytes) => {
    read += bytes.length
    slow.socket.pause()
    setTimeout(() => slow.socket.resume(), 2)
  })
  const stalled = () => metric(gateway, 'connections_dropped_total{reason="stalled"}')
  await until(stalled, (count) => count >= 1)
  // One that came later is cut off too: so long at least has the slow one been reading.
  const readThen = read
  const later = await stranger(gateway, { deaf: true, says: said })
  await until(stalled, (count) => count >= 2)
  expect(read).toBeGreaterThan(readThen)
  expect(await stalled()).toBe(2)
  expect(slow.isClosed()).toBe(false)
  await later.letGo()
  await deaf.letGo()
})

test('a hundred requests at once on one connection are answered in order, one at a time', async () => {
  const wanted = Array.from({ length: 100 }, (_, at) => (at % 3 === 0 ? '404' : '200'))
  const says = wanted.map(
    (status) => `GET /${status === '200' ? 'healthz' : 'no'} HTTP/1.1\r\nHost: a\r\n\r\n`,
  )
  const one = await stranger(gateway, { says: says.join('') })
  const answered = () => [...one.heard().matchAll(/HTTP\/1\.1 (\d+)/g)].map(([, status]) => status)
  await until(answered, (answers) => answers.length === wanted.length)
  expect(answered()).toEqual(wanted)
  expect(one.isClosed()).toBe(false)
})

test('of thousands at once on many connections all are answered, and no connection is closed', async () => {
  const count = 2_000
  const says = 'GET /healthz HTTP/1.1\r\nHost: a\r\n\r\n'.repeat(count)
  const ones = await Promise.all([1, 2].map(async () => await stranger(gateway, { says, from: elsewhere })))
  await until(
    () => ones.map(({ heard }) => heard().split('"ok"').length - 1),
    (answers) => answers.every((each) => each === count),
  )
  expect(ones.map(({ isClosed }) => isClosed())).toEqual([false, false])
})

test('who is gone gives back its place, and nothing is begun of what it asked behind that', async () => {
  gateway.sandbox.freeze('all')
  const id: string = (await customer.create(order)).json.data.task_id
  const asking = `Host: a\r\nAuthorization: Bearer ${customer.key}\r\n`
  const body = JSON.stringify(order)
  const create = `POST /api/v1/tasks/create HTTP/1.1\r\n${asking}Content-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n${body}`
  const balance = await customer.balance()
  const says = `GET /api/v1/tasks/${id}?wait=60 HTTP/1.1\r\n${asking}\r\n${create.repeat(3)}`
  const one = await stranger(gateway, { says })
  await until(
    () => metric(gateway, 'waiters'),
    (count) => count === 1,
  )
  one.socket.destroy()
  await until(
    () => metric(gateway, 'waiters'),
    (count) => count === 0,
  )
  expect(await metric(gateway, 'requests_in_process{kind="query"}')).toBe(0)
  expect(await customer.balance()).toBe(balance)
})

const multipart = 'multipart/form-data; boundary=x'
test.each([
  ['an order', '/api/v1/tasks/create', 'application/json', 'KEY', 'HTTP/1.1 400'],
  ['an order with a wrong key', '/api/v1/tasks/create', 'application/json', 'sk-wrong', 'HTTP/1.1 401'],
  ['an upload', '/api/v1/files', multipart, 'KEY', 'HTTP/1.1 400'],
  ['a callback that was never asked for', '/callbacks/1/2', 'application/json', 'KEY', 'HTTP/1.1 404'],
  ['the operator', '/admin/v1/accounts', 'application/json', 'sk-wrong', 'HTTP/1.1 401'],
  ['no path that there is', '/nowhere', 'text/plain', 'KEY', 'HTTP/1.1 404'],
])(
  'a flood of tiny chunks for %s is answered once, cut off, and counted',
  async (_to, path, type, key, status) => {
    const flood = 'connections_dropped_total{reason="pieces"}'
    const before = await metric(gateway, flood)
    const head = `POST ${path} HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer ${key.replace('KEY', customer.key)}\r\nContent-Type: ${type}\r\nTransfer-Encoding: chunked\r\n\r\n`
    const one = await stranger(gateway, { says: head + '1\r\n{\r\n'.repeat(30_000) })
    await one.closed
    await until(
      () => metric(gateway, flood),
      (count) => count === before + 1,
    )
    expect(one.heard().slice(0, status.length)).toBe(status)
    expect(one.heard().split('HTTP/1.1 ')).toHaveLength(2)
  },
)

test('an order in chunks of one byte is taken', async () => {
  const body = JSON.stringify({ ...order, prompt: 'a garden '.repeat(100) })
  const chunks = [...body].map((byte) => `1\r\n${byte}\r\n`).join('')
  const head = `POST /api/v1/tasks/create HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer ${customer.key}\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n`
  const one = await stranger(gateway, { says: `${head}${chunks}0\r\n\r\n` })
  expect(await until(one.heard, (heard) => heard.includes('"code":'))).toContain('"code":200')
})

test('a system that gives no connection does not end the process', async () => {
  const shortage = Object.assign(new Error('accept EMFILE'), { code: 'EMFILE', syscall: 'accept' })
  expect(() => gateway.app.server.server.emit('error', shortage)).not.toThrow()
  expect(await metric(gateway, 'connections_dropped_total{reason="not_accepted"}')).toBe(1)
  const status = await new Promise((resolve) =>
    get(`${gateway.url}/healthz`, (answer) => resolve(answer.statusCode)),
  )
  expect(status).toBe(200)
})
