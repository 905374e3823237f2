// Whatever the other side does, a request ends in time, takes no more bytes than it may, and leaves nothing open.
import { once } from 'node:events'
import net, { type AddressInfo, type Socket } from 'node:net'
import { gzipSync } from 'node:zlib'
import { expect, onTestFinished, test, vi } from 'vitest'

import { OutgoingError } from '../../src/net/error.ts'
import { closedUrl, rawStandIn, standIn } from '../upstream/stand-in.ts'
import { ask, guardOf, limits, readAll } from './ask.ts'

const guard = guardOf({ allowHosts: ['127.0.0.1'] })
const shortMs = 150

/** A server of bare sockets that tells when the other side has gone. */
async function bare(answer: (socket: Socket) => void) {
  const { promise: gone, resolve } = Promise.withResolvers<void>()
  const { url } = await rawStandIn((socket) => {
    socket.once('close', resolve)
    answer(socket)
  })
  return { url, gone }
}

const head = (lines: string) => `HTTP/1.1 200 OK\r\n${lines}\r\n\r\n`

test('a body as long as may be is given whole, and one byte more is too large', async () => {
  const { url } = await standIn((response) => response.end('a'.repeat(10_000)))
  expect(await ask(guard, url)).toMatchObject({ status: 200, text: 'a'.repeat(10_000) })
  expect(await ask(guard, url, { maxBytes: 9_999 })).toMatchObject({ kind: 'too_large', status: 200 })
})

test('a body that announces too much is not read at all', async () => {
  const { url, gone } = await bare((socket) => socket.write(head('content-length: 50000000')))
  await expect(guard.fetch(url, limits)).rejects.toMatchObject({ kind: 'too_large' })
  await gone
})

test('an endless body is cut off where it becomes too long', async () => {
  let sent = 0
  const chunk = `2000\r\n${'a'.repeat(0x2000)}\r\n`
  const { url, gone } = await bare((socket) => {
    const pour = () => {
      while (!socket.destroyed && socket.write(chunk)) sent += chunk.length
    }
    socket.on('drain', pour)
    socket.write(head('transfer-encoding: chunked'))
    pour()
  })
  expect(await ask(guard, url)).toMatchObject({ kind: 'too_large' })
  await gone
  expect(sent).toBeLessThan(20_000_000)
})

test('a body nobody reads on is not read ahead, and is let go when the reader stops', async () => {
  let sent = 0
  const { url, gone } = await bare((socket) => {
    const chunk = Buffer.alloc(65_536)
    const pour = () => {
      while (!socket.destroyed && socket.write(chunk)) sent += chunk.length
    }
    socket.on('drain', pour)
    socket.write(head('content-length: 900000000'))
    pour()
  })
  const { body } = await guard.fetch(url, { ...limits, maxBytes: 1e9 })
  for await (const chunk of body) {
    expect(chunk.length).toBeGreaterThan(0)
    await new Promise((resolve) => setTimeout(resolve, 50))
    break
  }
  await gone
  expect(sent).toBeLessThan(50_000_000)
})

test('a packed body is handed over as it came, so that it cannot grow', async () => {
  const bomb = gzipSync(Buffer.alloc(5_000_000))
  const { url, asked } = await standIn((response) =>
    response.writeHead(200, { 'content-encoding': 'gzip' }).end(bomb),
  )
  const { body, headers } = await guard.fetch(url, { ...limits, headers: { 'Accept-Encoding': 'gzip' } })
  expect((await readAll(body)).equals(bomb)).toBe(true)
  expect(headers['content-encoding']).toBe('gzip')
  expect(asked[0]?.headers['accept-encoding']).toBe('identity')
})

const silent: readonly (readonly [promise: string, answer: (socket: Socket) => void])[] = [
  ['never answers', () => undefined],
  ['sends half of a head', (socket) => socket.write('HTTP/1.1 200 OK\r\ncontent-le')],
  ['sends a head and no body', (socket) => socket.write(head('content-length: 5'))],
  ['sends half of a body', (socket) => socket.write(`${head('content-length: 5')}ab`)],
  ['sends half of a chunk', (socket) => socket.write(`${head('transfer-encoding: chunked')}5\r\nab`)],
]

test.each(silent)('a server that %s is given up after the idle time', async (_promise, answer) => {
  const { url, gone } = await bare(answer)
  const seen = await ask(guard, url, { idleTimeoutMs: shortMs })
  expect(seen).toMatchObject({ kind: 'timeout', message: `nothing came for ${shortMs} ms` })
  await gone
})

test.each(silent)('a server that %s is given up when all of the time is over', async (_promise, answer) => {
  const { url, gone } = await bare(answer)
  const seen = await ask(guard, url, { timeoutMs: shortMs })
  expect(seen).toMatchObject({ kind: 'timeout' })
  await gone
})

test.each([
  ['a head', 'HTTP/1.1 200 OK\r\nx: '],
  ['early hints', 'HTTP/1.1 103 Early Hints\r\n\r\n'],
  ['a body', head('content-length: 9000')],
])('%s that comes in drops keeps nobody longer than all of the time', async (_name, first) => {
  const { url, gone } = await bare((socket) => {
    socket.write(first)
    const drops = setInterval(() => socket.write(first.includes('103') ? first : 'a'), 20)
    socket.once('close', () => clearInterval(drops))
  })
  const seen = await ask(guard, url, { timeoutMs: 300, idleTimeoutMs: 250 })
  expect(seen).toMatchObject({ kind: 'timeout' })
  await gone
})

test('a slow reader is not taken for a silent server', async () => {
  const { url } = await standIn((response) => response.end(Buffer.alloc(3_000_000)))
  const { body } = await guard.fetch(url, { ...limits, maxBytes: 3_000_000, idleTimeoutMs: 300 })
  let bytes = 0
  for await (const chunk of body) {
    if (bytes === 0) await new Promise((resolve) => setTimeout(resolve, 500))
    bytes += chunk.length
  }
  expect(bytes).toBe(3_000_000)
})

test('an answer that nobody reads is let go when the time is over', async () => {
  const { url, gone } = await bare((socket) => socket.write(`${head('content-length: 5')}ab`))
  const { status } = await guard.fetch(url, { ...limits, timeoutMs: shortMs })
  expect(status).toBe(200)
  await gone
})

test('closing an answer lets go of it at once', async () => {
  const { url, gone } = await bare((socket) => socket.write(`${head('content-length: 5')}ab`))
  const answer = await guard.fetch(url, limits)
  answer.close()
  answer.close()
  await gone
  expect(await readAll(answer.body).catch((error: unknown) => error)).toBeInstanceOf(OutgoingError)
})

test("the caller's signal ends it, before, during, and while the body is read", async () => {
  const { url, gone } = await bare((socket) => socket.write(`${head('content-length: 5')}ab`))
  const reason = new Error('stopping')
  const early = AbortSignal.abort(reason)
  await expect(guard.fetch(url, { ...limits, signal: early })).rejects.toBe(reason)

  const controller = new AbortController()
  const { body } = await guard.fetch(url, { ...limits, signal: controller.signal })
  const reading = readAll(body)
  controller.abort(reason)
  await expect(reading).rejects.toBe(reason)
  await gone

  const mute = await bare(() => undefined)
  const later = new AbortController()
  setTimeout(() => later.abort(reason), 50)
  await expect(guard.fetch(mute.url, { ...limits, signal: later.signal })).rejects.toBe(reason)
  await mute.gone
})

test.each([
  ['closes at once', (socket: Socket) => void socket.destroy()],
  ['resets', (socket: Socket) => void socket.resetAndDestroy()],
  ['speaks no HTTP', (socket: Socket) => void socket.end('220 mail.example ESMTP\r\n')],
  ['has a head without end', (socket: Socket) => void socket.end(head(`x: ${'a'.repeat(20_000)}`))],
  [
    'wants another protocol',
    (socket: Socket) => void socket.end('HTTP/1.1 101 Switching\r\nupgrade: x\r\n\r\n'),
  ],
  ['answers 100 for ever', (socket: Socket) => void socket.end('HTTP/1.1 100 Continue\r\n\r\n')],
  ['breaks off its body', (socket: Socket) => void socket.end(`${head('content-length: 5')}ab`)],
  ['breaks off a chunk', (socket: Socket) => void socket.end(`${head('transfer-encoding: chunked')}5\r\nab`)],
  ['says two lengths', (socket: Socket) => void socket.end(head('content-length: 5\r\ncontent-length: 6'))],
])('a server that %s has broken the protocol', async (_promise, answer) => {
  const { url } = await rawStandIn(answer)
  expect(await ask(guard, url)).toMatchObject({ kind: 'protocol' })
})

test.each([
  ['lets go', (socket: Socket) => socket.destroy()],
  ['resets', (socket: Socket) => socket.resetAndDestroy()],
  ['answers before it is asked', (socket: Socket) => socket.end('HTTP/1.1 200 OK\r\n\r\n')],
])('a server that takes a connection and %s is not asked a second time', async (_promise, answer) => {
  let connections = 0
  const server = net.createServer((socket) => {
    connections += 1
    socket.on('error', () => undefined)
    answer(socket)
  })
  await once(server.listen(0, '127.0.0.1'), 'listening')
  onTestFinished(() => void server.close())
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`
  for (const method of ['GET', 'POST'] as const) await ask(guard, url, { method, body: null })
  expect(connections).toBe(2)
})

test('a connection that goes before it was written to is not made again', async () => {
  const { url } = await standIn((response) => response.end())
  const real = net.connect
  const spy = vi.spyOn(net, 'connect').mockImplementation(((options: net.NetConnectOpts) => {
    const socket: Socket = real(options)
    socket.once('connect', () => socket.destroy())
    return Object.defineProperty(socket, 'remoteAddress', { value: '127.0.0.1' })
  }) as typeof net.connect)
  onTestFinished(() => spy.mockRestore())
  expect(await ask(guard, url, { timeoutMs: 1_000 })).toMatchObject({ kind: 'protocol' })
  expect(spy).toHaveBeenCalledTimes(1)
})

test('a port where nobody listens is said so, without its details', async () => {
  const url = await closedUrl()
  const { host } = new URL(url)
  expect(await ask(guard, url)).toMatchObject({
    kind: 'connect',
    message: `${host} takes no connection: ECONNREFUSED`,
  })
})

test('what is sent arrives, with its length', async () => {
  const { url, asked } = await standIn((response) => response.end())
  for (const body of ['{"a":"画"}', Buffer.from('bytes')]) {
    const headers = { 'content-type': 'application/json', 'webhook-id': 'msg_1' }
    expect(await ask(guard, `${url}/hook`, { method: 'POST', headers, body })).toMatchObject({ status: 200 })
  }
  expect(asked.map(({ body }) => body.toString())).toEqual(['{"a":"画"}', 'bytes'])
  expect(asked[0]).toMatchObject({ method: 'POST', path: '/hook', headers: { 'webhook-id': 'msg_1' } })
  expect(asked[0]?.headers['user-agent']).toMatch(/^tollgate\//)
})

test('the length of a HEAD counts as nothing', async () => {
  const { url } = await standIn((response) => response.writeHead(200, { 'content-length': 99_999 }).end())
  expect(await ask(guard, url, { method: 'HEAD' })).toMatchObject({ status: 200, text: '' })
})

test('a resolver that never answers is given up, and not heard when it does', async () => {
  const { promise: answered, resolve } = Promise.withResolvers<string[]>()
  const spy = vi.spyOn(net, 'connect')
  onTestFinished(() => spy.mockRestore())
  const mute = guardOf({ resolve: () => answered })
  expect(await ask(mute, 'http://hooks.example/', { timeoutMs: shortMs })).toMatchObject({ kind: 'timeout' })
  resolve(['93.184.215.14'])
  await new Promise((later) => setImmediate(later))
  expect(spy).not.toHaveBeenCalled()
})

test('a connection that is never made is given up, and its socket with it', async () => {
  const socket = new net.Socket()
  const spy = vi.spyOn(net, 'connect').mockReturnValue(socket)
  onTestFinished(() => spy.mockRestore())
  expect(await ask(guard, 'http://127.0.0.1/', { timeoutMs: shortMs })).toMatchObject({ kind: 'timeout' })
  expect(socket.destroyed).toBe(true)
})
