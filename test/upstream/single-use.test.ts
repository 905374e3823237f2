// Submits over TLS, with streams, and to servers that leave early: each on a connection of its own.
import { once } from 'node:events'
import { createServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { Readable } from 'node:stream'
import tls, { type TLSSocket } from 'node:tls'
import { expect, onTestFinished, test } from 'vitest'
import { createClient } from '../../src/upstream/client.ts'
import { certificateFor } from '../net/certificate.ts'
import { ask, rawStandIn, reply, standIn } from './stand-in.ts'

const certificate = certificateFor('localhost', '127.0.0.1')

function trust({ cert } = certificate): void {
  const before = tls.getCACertificates('default')
  tls.setDefaultCACertificates([...before, cert])
  onTestFinished(() => tls.setDefaultCACertificates(before))
}

async function secureUpstream(from = certificate) {
  const seen: { readonly name: string | false | null; readonly isResumed: boolean }[] = []
  const server = createServer(from, (request, response) => {
    const socket = request.socket as TLSSocket
    seen.push({ name: socket.servername, isResumed: socket.isSessionReused() })
    response.end('made')
  })
  server.on('tlsClientError', () => undefined)
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => void server.close())
  return { port: (server.address() as AddressInfo).port, seen }
}

test('over TLS the name is asked for and checked, and the next call resumes the session', async () => {
  trust()
  const { port, seen } = await secureUpstream()
  for (const _ of [1, 2]) {
    expect(await ask(`https://localhost:${port}`)).toMatchObject({ kind: 'answer', body: 'made' })
  }
  expect(seen).toEqual([
    { name: 'localhost', isResumed: false },
    { name: 'localhost', isResumed: true },
  ])
})

test('an address over TLS is called without a name, and has to prove itself', async () => {
  trust()
  const { port, seen } = await secureUpstream()
  expect(await ask(`https://127.0.0.1:${port}`)).toMatchObject({ kind: 'answer' })
  expect(seen).toMatchObject([{ name: false }])
})

test('nothing is sent to whoever has a certificate for another name, or of nobody', async () => {
  const { port: ofNobody, seen } = await secureUpstream()
  expect(await ask(`https://localhost:${ofNobody}`)).toMatchObject({ kind: 'not_connected' })
  const other = certificateFor('keevx.example')
  trust(other)
  const { port, seen: seenByOther } = await secureUpstream(other)
  const asked = await ask(`https://localhost:${port}`)
  expect(asked).toMatchObject({
    kind: 'not_connected',
    detail: expect.stringContaining('ERR_TLS_CERT_ALTNAME_INVALID'),
  })
  expect([...seen, ...seenByOther]).toEqual([])
})

function callWith(url: string, body: Readable, headers: Record<string, string> = {}) {
  const client = createClient({ reuse: false, connectTimeoutMs: 5_000 })
  onTestFinished(() => client.close())
  const { signal } = new AbortController()
  return client.call({ method: 'POST', url: `${url}/x`, headers, body, timeoutMs: 5_000, signal })
}

test('a stream is sent with its length and read to its end', async () => {
  const upstream = await standIn((response) => reply(response, 200, 'ok'))
  const parts = ['one', 'two', 'three']
  const length = String(parts.join('').length)
  const body = Readable.from(parts)
  expect(await callWith(upstream.url, body, { 'content-length': length })).toMatchObject({ kind: 'answer' })
  expect(upstream.asked[0]).toMatchObject({ headers: { 'content-length': length } })
  expect(upstream.asked[0]?.body.toString()).toBe('onetwothree')
  expect(body.destroyed).toBe(true)
})

test('a stream that fails while the connection is being made was certainly not sent', async () => {
  const upstream = await standIn(() => {})
  const body = new Readable({ read: () => undefined })
  const calling = callWith(upstream.url, body, { 'content-length': '100' })
  setImmediate(() => body.destroy(new Error('the disk is gone')))
  expect(await calling).toMatchObject({
    kind: 'not_connected',
    detail: expect.stringContaining('the disk is gone'),
  })
})

test('a stream that fails on the way leaves the outcome open, and the connection is closed', async () => {
  const { promise: closed, resolve } = Promise.withResolvers<void>()
  const body = new Readable({ read: () => undefined })
  const upstream = await rawStandIn((socket) => {
    socket.once('close', () => resolve())
    body.destroy(new Error('the disk is gone'))
  })
  body.push('the first half')
  const calling = callWith(upstream.url, body, { 'content-length': '100' })
  expect(await calling).toMatchObject({ kind: 'broken', detail: expect.stringContaining('the disk is gone') })
  await closed
})

test('an answer that changes the protocol is no answer', async () => {
  const { url } = await rawStandIn((socket) =>
    socket.write('HTTP/1.1 101 Switching Protocols\r\nupgrade: x\r\nconnection: upgrade\r\n\r\n'),
  )
  expect(await ask(url)).toMatchObject({ kind: 'broken', head: null })
})

test('what a header cannot hold is never sent, and the call says so', async () => {
  const upstream = await standIn((response) => reply(response, 200, 'ok'))
  const result = await callWith(upstream.url, Readable.from(['x']), { authorization: 'Bearer a\nb' })
  expect(result.kind).not.toBe('answer')
  expect(upstream.asked).toEqual([])
})

test('a connection is closed by us when its answer has been read', async () => {
  const { promise: closed, resolve } = Promise.withResolvers<void>()
  const { url } = await rawStandIn((socket) => {
    socket.once('close', () => resolve())
    socket.write('HTTP/1.1 200 OK\r\ncontent-length: 2\r\nconnection: keep-alive\r\n\r\nok')
  })
  expect(await ask(url)).toMatchObject({ kind: 'answer', body: 'ok' })
  await closed
})
