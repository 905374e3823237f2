// A stream of events keeps a socket and little else, so that thousands may be open; and there are never too many.
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { startGateway, until } from '../../support/gateway.ts'
import type { Gateway } from '../../support/gateway.ts'
import { order } from '../../tasks/order.ts'
import { watch, waiters, waitersAre } from '../event-stream.ts'
import { stranger } from './sockets.ts'
import { collectGarbage } from '../../support/memory.ts'

let gateway: Gateway
beforeAll(async () => {
  gateway = await startGateway({
    sandbox: { imageMs: 1e9 },
    bounds: { connections: { descriptorsMax: 40 } },
  })
})
afterAll(async () => await gateway.stop())

const asking = (id: string, key: string, version = '1.1') =>
  `GET /api/v1/tasks/${id}/events HTTP/${version}\r\nHost: a\r\nAuthorization: Bearer ${key}\r\n\r\n`

async function frozenTask() {
  const customer = await gateway.customer()
  const [id = ''] = await order(customer)
  return { customer, id }
}

test('of its request nothing is left, and Node’s HTTP server knows nothing of its connection', async () => {
  const { customer, id } = await frozenTask()
  const sockets: Socket[] = []
  const ofRequest: WeakRef<object>[] = []
  const { server } = gateway.app.server
  const onConnection = (socket: Socket) => void sockets.push(socket)
  const onRequest = (request: IncomingMessage, response: ServerResponse) =>
    void ofRequest.push(new WeakRef(request), new WeakRef(response))
  server.on('connection', onConnection).on('request', onRequest)
  const open = async () => {
    const client = await stranger(gateway, { says: asking(id, customer.key) })
    await until(client.heard, (heard) => heard.includes('event: task'))
    return client
  }
  const clients = [await open(), await open(), await open(), await open()]
  server.off('connection', onConnection).off('request', onRequest)

  const [socket] = sockets
  if (!socket) throw new Error('there is a connection')
  expect(Reflect.get(socket, 'parser')).toBeNull()
  expect(Reflect.get(socket, '_httpMessage')).toBeNull()
  expect(Object.hasOwn(socket, 'on')).toBe(false)
  expect(Object.fromEntries(socket.eventNames().map((name) => [name, socket.listenerCount(name)]))).toEqual({
    error: 1,
    end: 1,
    // What it says is dropped.
    data: 1,
    // Its place among those who wait, and among the connections.
    close: 2,
  })
  expect(ofRequest).toHaveLength(8)
  // The engine itself may hold on to the last one that it has seen, and on a busy machine to one before it, but not
  // to one of each stream.
  const ofEarlier = ofRequest.slice(0, -2)
  await until(
    () => (collectGarbage(), ofEarlier.filter((ref) => ref.deref() !== undefined).length),
    (left) => left <= 1,
  )
  for (const { socket: theirs } of clients) theirs.destroy()
  await waitersAre(gateway, 0)
})

test('what a client says behind it is not answered, and its connection ends with it', async () => {
  const { customer, id } = await frozenTask()
  const client = await stranger(gateway, {
    says: asking(id, customer.key) + 'GET /healthz HTTP/1.1\r\nHost: a\r\n\r\n',
  })
  await until(client.heard, (heard) => heard.includes('event: task'))
  client.socket.write('GET /healthz HTTP/1.1\r\nHost: a\r\n\r\n'.repeat(50) + 'nonsense')
  client.socket.end()
  await client.closed
  expect(client.heard().match(/HTTP\/1\.1/g)).toHaveLength(1)
  expect(client.heard()).toContain('connection: close')
  await waitersAre(gateway, 0)
})

test('a client that says a little behind it goes on reading, and one that says much is cut off', async () => {
  const { customer, id } = await frozenTask()
  const client = await stranger(gateway, { says: asking(id, customer.key) })
  await until(client.heard, (heard) => heard.includes('event: task'))
  client.socket.write('x'.repeat(32 * 1024))
  expect((await gateway.call('GET', '/healthz')).status).toBe(200)
  expect(await waiters(gateway)).toBe(1)
  client.socket.write('x'.repeat(64 * 1024))
  await client.closed
  await waitersAre(gateway, 0)
})

test('a client of HTTP/1.0 is sent it without chunks', async () => {
  const { customer, id } = await frozenTask()
  const old = await stranger(gateway, { says: asking(id, customer.key, '1.0') })
  await until(old.heard, (heard) => heard.includes('event: task'))
  expect(old.heard()).not.toContain('chunked')
  expect(old.heard().split('\r\n\r\n')[1]).toMatch(/^retry: 2000\n\nid: /)
  old.socket.destroy()
  await waitersAre(gateway, 0)
})

test('half of the connections that there may be can wait, and everybody else is served', async () => {
  const streams = []
  for (let account = 0; account < 6; account += 1) {
    const { customer, id } = await frozenTask()
    for (let each = 0; each < 4; each += 1) streams.push(await watch(gateway, customer.key, id))
  }
  expect(streams.filter(({ status }) => status === 200)).toHaveLength(20)
  expect(streams.filter(({ status }) => status === 429)).toHaveLength(4)
  expect(await waiters(gateway)).toBe(20)
  for (const { leave } of streams) leave()
  await waitersAre(gateway, 0)
})
