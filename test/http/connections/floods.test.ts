// What comes over a connection is read in slices and in turns with others; counted is what Node makes of it.
import { once } from 'node:events'
import type { IncomingMessage, Server, ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { setImmediate } from 'node:timers/promises'
import { afterEach, expect, test } from 'vitest'
import { connectionBounds } from '../../../src/http/connections/bounds.ts'
import { Connections } from '../../../src/http/connections/connections.ts'
import { createBoundedServer } from '../../../src/http/connections/listen.ts'
import { createLog } from '../../../src/log.ts'
import { createMetrics } from '../../../src/metrics.ts'
import { until } from '../../support/gateway.ts'
import { stranger } from './sockets.ts'

let server: Server
let url = ''
afterEach(() => {
  server.closeAllConnections()
  server.close()
})

async function listen(answer: (request: IncomingMessage, response: ServerResponse) => void): Promise<void> {
  const ctx = { log: createLog('silent'), metrics: createMetrics() }
  server = createBoundedServer(ctx, new Connections(connectionBounds(null, 1_024), ctx), answer)
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

const asking = 'GET /a HTTP/1.1\r\nHost: a\r\n\r\n'
const answersIn = (heard: string): number => heard.split('HTTP/1.1 200').length - 1
const turns = async (count: number): Promise<void> => {
  for (let each = 0; each < count; each += 1) await setImmediate()
}

test('of thousands of pipelined requests some dozens are objects at a time, and one is answered at a time', async () => {
  const count = 2_000
  let [made, open, openMost, ended] = [0, 0, 0, 0]
  let ahead = 0
  const held = Promise.withResolvers<void>()
  await listen((_request, response) => {
    open += 1
    openMost = Math.max(openMost, open)
    response.once('close', () => {
      open -= 1
      ended += 1
    })
    void held.promise.then(() => response.end('ok'))
  })
  server.on('request', () => {
    made += 1
    ahead = Math.max(ahead, made - ended)
  })
  const one = await stranger({ url }, { says: asking.repeat(count) })
  await until(
    () => made,
    (seen) => seen > 16,
  )
  await turns(200)
  held.resolve()
  await until(
    () => answersIn(one.heard()),
    (answers) => answers === count,
  )
  expect(openMost).toBe(1)
  expect(ahead).toBeLessThan(64)
})

test('of pipelined requests with long headers a few are read ahead, by their bytes', async () => {
  let made = 0
  await listen(() => undefined)
  server.on('request', () => (made += 1))
  const long = asking.replace('Host', `X-Long: ${'a'.repeat(900)}\r\nHost`)
  await stranger({ url }, { says: long.repeat(60) })
  await until(
    () => made,
    (seen) => seen > 3,
  )
  await turns(200)
  expect(made).toBeLessThan(8)
})

test('however many connections pipeline, a turn begins some requests, and of each connection one', async () => {
  const [connections, each] = [60, 100]
  let begun: IncomingMessage['socket'][] = []
  const most = { all: 0, ofOne: 0 }
  let isOver = false
  const endTurn = (): void => {
    const ofOne = new Map<unknown, number>()
    for (const socket of begun) ofOne.set(socket, (ofOne.get(socket) ?? 0) + 1)
    most.all = Math.max(most.all, begun.length)
    most.ofOne = Math.max(most.ofOne, ...ofOne.values())
    begun = []
    if (!isOver) globalThis.setImmediate(endTurn)
  }
  await listen((request, response) => {
    begun.push(request.socket)
    response.end('ok')
  })
  globalThis.setImmediate(endTurn)
  const all = await Promise.all(
    Array.from({ length: connections }, async () => await stranger({ url }, { says: asking.repeat(each) })),
  )
  await until(
    () => all.reduce((sum, { heard }) => sum + answersIn(heard()), 0),
    (answers) => answers === connections * each,
  )
  isOver = true
  // What comes in a turn and what was left of the turn before may meet in what is counted here.
  expect(most.all).toBeLessThanOrEqual(2 * 33)
  expect(most.ofOne).toBeLessThanOrEqual(2)
})

const posting = 'POST /a HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n'
const inChunks = (text: string, size: number): string => {
  let said = ''
  for (let at = 0; at < text.length; at += size) {
    const chunk = text.slice(at, at + size)
    said += `${chunk.length.toString(16)}\r\n${chunk}\r\n`
  }
  return `${said}0\r\n\r\n`
}

/** What the handler of a request is given of its body. */
async function read(said: string): Promise<{ pieces: number; body: string; heard: string; refused: number }> {
  let [pieces, body, refused] = [0, '', 0]
  await listen((request, response) => {
    request.on('error', () => undefined)
    request.on('data', (piece: Buffer) => {
      pieces += 1
      body += piece.toString()
    })
    request.on('end', () => response.end('ok'))
  })
  server.on('clientError', (_error, socket) => {
    refused += 1
    socket.destroy()
  })
  const one = await stranger({ url }, { says: said })
  await until(
    () => answersIn(one.heard()) > 0 || one.isClosed(),
    (isOver) => isOver,
  )
  return { pieces, body, heard: one.heard(), refused }
}

const text = 'abcdefghij'.repeat(20_000)

test.each([
  ['of one byte, of a small body', text.slice(0, 4_000), 1, 80],
  ['of a line each, of a body that is not large', text.slice(0, 60_000), 40, 200],
  ['of a line each, of a body that is large', text, 40, 600],
  ['of 1 KB', text, 1_024, 400],
  ['of 16 KB', text, 16_384, 400],
])('chunks %s are taken, and come put together', async (_what, body, size, piecesMax) => {
  const seen = await read(posting + inChunks(body, size))
  expect(seen.heard).toContain('HTTP/1.1 200')
  expect(seen.body).toBe(body)
  expect(seen.pieces).toBeLessThanOrEqual(piecesMax)
})

test.each([
  ['of one byte', 1],
  ['of two', 2],
  ['of thirty', 30],
])('a body in tens of thousands of chunks %s is refused before most of it is read', async (_what, size) => {
  const seen = await read(posting + inChunks('x'.repeat(30_000 * size), size))
  expect(seen.heard).toBe('')
  expect(seen.refused).toBe(1)
  expect(seen.body.length).toBeLessThan(4_500 * size)
})

test('what nobody reads of a body in tiny chunks is not read ahead either', async () => {
  let unread: IncomingMessage | null = null
  await listen((request) => void (unread = request))
  server.on('clientError', (_error, socket) => socket.destroy())
  await stranger({ url }, { says: posting + '1\r\nx\r\n'.repeat(4_000) })
  const request = await until(
    () => unread,
    (seen) => (seen?.readableLength ?? 0) >= 4_000,
  )
  // One read takes all there is: pieces that were kept one by one would be objects until then.
  const buffered = Reflect.get(request as IncomingMessage, '_readableState') as { buffer: unknown[] }
  expect(buffered.buffer.length).toBeLessThan(100)
})
