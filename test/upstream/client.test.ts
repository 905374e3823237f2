// What became of a call is told truthfully: above all, whether any of it can have arrived.
import { getEventListeners, once } from 'node:events'
import { setImmediate as nextTurn } from 'node:timers/promises'
import type { Dispatcher } from 'undici'
import { expect, onTestFinished, test } from 'vitest'
import type { CallResult } from '../../src/upstream/call.ts'
import { createClient } from '../../src/upstream/client.ts'
import { WatchedCall } from '../../src/upstream/watched-call.ts'
import { ask, closedUrl, rawStandIn, reply, shortMs, standIn } from './stand-in.ts'

test('an answer comes with its status, headers and body', async () => {
  const upstream = await standIn((response) =>
    reply(response, 418, 'short and stout', { 'x-kind': 'teapot' }),
  )
  const result = await ask(upstream.url)
  expect(result).toMatchObject({ kind: 'answer', status: 418, body: 'short and stout' })
  expect(result).toHaveProperty('headers.x-kind', 'teapot')
  expect(upstream.asked[0]).toMatchObject({ method: 'POST', path: '/x?y=1' })
  expect(upstream.asked[0]?.body.toString()).toBe('{"a":1}')
})

test('a refused connection, a name that does not resolve, and a failed TLS handshake are not connected', async () => {
  const { url } = await standIn((response) => reply(response, 200, {}))
  const noName = `http://${'n'.repeat(64)}.invalid`
  for (const address of [await closedUrl(), noName, url.replace('http:', 'https:')]) {
    expect(await ask(address), address).toMatchObject({ kind: 'not_connected' })
  }
})

test('an address that swallows everything is not connected, and never a call without an answer', async () => {
  // A TLS handshake that nobody answers stands in for a black hole: no byte of the request can have left.
  const silent = await rawStandIn(() => {})
  const early = createClient({ reuse: false, connectTimeoutMs: 100 })
  onTestFinished(() => early.close())
  const url = silent.url.replace('http:', 'https:')
  const call = { method: 'POST', url, headers: {}, body: 'x', signal: new AbortController().signal } as const
  expect(await early.call({ ...call, timeoutMs: 5000 })).toMatchObject({ kind: 'not_connected' })
  expect(await ask(url, { timeoutMs: 100 })).toMatchObject({ kind: 'not_connected' })
})

test('a reset before the answer is broken, without a head', async () => {
  const { url } = await rawStandIn((socket) => socket.resetAndDestroy())
  expect(await ask(url)).toMatchObject({ kind: 'broken', head: null })
})

test('an end before the answer is broken, without a head', async () => {
  const { url } = await rawStandIn((socket) => socket.end())
  expect(await ask(url)).toMatchObject({ kind: 'broken', head: null })
})

test.each([
  ['content-length: 10\r\n\r\n{"co', 'a body shorter than announced'],
  ['transfer-encoding: chunked\r\n\r\n4\r\n{"co\r\n', 'a chunked body without its end'],
])('%j: half a body is cut, with its status', async (rest) => {
  const { url } = await rawStandIn((socket) => socket.end(`HTTP/1.1 200 OK\r\n${rest}`))
  const result = await ask(url)
  expect(['broken', 'unreadable']).toContain(result.kind)
  expect(result).toMatchObject({ head: { status: 200 } })
})

test('slow headers and a slow body both end at the deadline', async () => {
  const mute = await rawStandIn(() => {})
  expect(await ask(mute.url, { timeoutMs: shortMs })).toMatchObject({ kind: 'timed_out', head: null })
  const dripping = await standIn((response) => {
    response.writeHead(200)
    const drip = setInterval(() => response.write(' '), 20)
    onTestFinished(() => clearInterval(drip))
  })
  expect(await ask(dripping.url, { timeoutMs: shortMs })).toMatchObject({
    kind: 'timed_out',
    head: { status: 200 },
  })
})

test('50 MB are not read: the answer is unreadable, and the sender is cut off', async () => {
  const chunk = Buffer.alloc(1024 * 1024, 0x20)
  let sent = 0
  let cutOff: Promise<unknown> = Promise.resolve()
  const { url } = await standIn((response) => {
    response.writeHead(200)
    cutOff = once(response, 'close')
    const pour = () => {
      while (sent < 50 && !response.destroyed) {
        sent += 1
        if (!response.write(chunk)) return void response.once('drain', pour)
      }
    }
    pour()
  })
  expect(await ask(url, { timeoutMs: 5000 })).toMatchObject({ kind: 'unreadable', head: { status: 200 } })
  await cutOff
  expect(sent).toBeLessThan(50)
})

test('a body of exactly 1 MiB is read whole, one byte more is not', async () => {
  const atLimit = 'x'.repeat(1024 * 1024)
  const full = await standIn((response) => reply(response, 200, atLimit))
  expect(await ask(full.url, { timeoutMs: 5000 })).toMatchObject({ kind: 'answer', body: atLimit })
  const over = await standIn((response) => reply(response, 200, `${atLimit}x`))
  expect(await ask(over.url, { timeoutMs: 5000 })).toMatchObject({ kind: 'unreadable' })
})

test('what is no HTTP, and endless headers, are unreadable', async () => {
  const noHttp = await rawStandIn((socket) => socket.end('SSH-2.0-OpenSSH_9.6\r\n'))
  expect(await ask(noHttp.url)).toMatchObject({ kind: 'unreadable', head: null })
  const wordy = await rawStandIn((socket) =>
    socket.end(`HTTP/1.1 200 OK\r\nx: ${'y'.repeat(100_000)}\r\n\r\n`),
  )
  expect(await ask(wordy.url)).toMatchObject({ kind: 'unreadable', head: null })
})

test('a redirect is an answer, and is not followed', async () => {
  const upstream = await standIn((response) => reply(response, 307, '', { location: '/elsewhere' }))
  expect(await ask(upstream.url)).toMatchObject({ kind: 'answer', status: 307 })
  expect(upstream.asked).toHaveLength(1)
})

test('interim answers are passed over', async () => {
  const { url } = await rawStandIn((socket) =>
    socket.end(
      'HTTP/1.1 103 Early Hints\r\nlink: </a>\r\n\r\nHTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok',
    ),
  )
  expect(await ask(url)).toMatchObject({ kind: 'answer', status: 200, body: 'ok' })
})

test('giving up before a connection is there sends nothing, and after it leaves the outcome open', async () => {
  const upstream = await standIn(() => {})
  expect(await ask(upstream.url, { signal: AbortSignal.abort() })).toMatchObject({ kind: 'not_connected' })
  expect(upstream.connections()).toBe(0)

  const early = new AbortController()
  const silent = await rawStandIn(() => early.abort())
  const asking = ask(silent.url.replace('http:', 'https:'), { signal: early.signal, timeoutMs: 1000 })
  expect(await asking).toMatchObject({ kind: 'not_connected' })

  const late = new AbortController()
  const listening = await rawStandIn(() => late.abort())
  expect(await ask(listening.url, { signal: late.signal, timeoutMs: 5000 })).toMatchObject({
    kind: 'aborted',
    head: null,
  })
})

test.each([{ reuse: true }, { reuse: false }])(
  'a call that was given up while connecting sends nothing once the connection is there (%j)',
  async ({ reuse }) => {
    const upstream = await standIn((response) => reply(response, 200, {}))
    const givenUp = new AbortController()
    const client = createClient({ reuse, connectTimeoutMs: 1000 })
    const call = {
      method: 'POST',
      url: upstream.url,
      headers: {},
      body: 'x',
      timeoutMs: 1000,
      signal: givenUp.signal,
    }
    const asking = client.call({ ...call, method: 'POST' })
    givenUp.abort()
    expect(await asking).toMatchObject({ kind: 'not_connected' })
    await client.close()
    if (reuse) expect(upstream.connections()).toBe(1)
    // Whoever asks next is seen after whatever the first call may have sent.
    expect((await ask(upstream.url)).kind).toBe('answer')
    expect(upstream.asked).toHaveLength(1)
  },
)

async function askThrice(reuse: boolean) {
  const upstream = await standIn((response) => reply(response, 200, {}))
  const client = createClient({ reuse, connectTimeoutMs: shortMs })
  onTestFinished(() => client.close())
  const results: CallResult[] = []
  for (const body of ['1', '2', '3']) {
    const signal = new AbortController().signal
    // A turn of the loop, in which a kept connection becomes free again.
    await nextTurn()
    results.push(
      await client.call({ method: 'POST', url: upstream.url, headers: {}, body, timeoutMs: 1000, signal }),
    )
  }
  expect(results.map(({ kind }) => kind)).toEqual(['answer', 'answer', 'answer'])
  return upstream
}

test('without reuse every call has a connection of its own, and says that it closes it', async () => {
  const upstream = await askThrice(false)
  expect(upstream.connections()).toBe(3)
  expect(upstream.asked.map(({ headers }) => headers.connection)).toEqual(['close', 'close', 'close'])
})

test('with reuse a connection is kept', async () => {
  expect((await askThrice(true)).connections()).toBe(1)
})

test('a reset is not answered by sending again', async () => {
  let requests = 0
  const upstream = await rawStandIn((socket) => {
    requests += 1
    socket.resetAndDestroy()
  })
  expect((await ask(upstream.url)).kind).toBe('broken')
  expect(requests).toBe(1)
  expect(upstream.connections()).toBe(1)
})

test('a request that undici would send again after a lost connection is stopped', async () => {
  // No server can bring undici 8 to do so; this is the promise for the version that can be.
  const watched = new WatchedCall()
  const controller = (abort: (reason: Error) => void): Dispatcher.DispatchController => ({
    aborted: false,
    paused: false,
    reason: null,
    rawHeaders: [],
    rawTrailers: [],
    abort,
    pause: () => {},
    resume: () => {},
  })
  watched.onRequestStart(controller(() => expect.unreachable()))
  const second = controller((reason) => watched.onResponseError(second, reason))
  watched.onRequestStart(second)
  expect(await watched.result).toMatchObject({ kind: 'broken', head: null })
})

test('a signal that lives longer than its calls keeps nothing of them', async () => {
  const { url } = await standIn((response) => reply(response, 200, {}))
  const { signal } = new AbortController()
  for (const _ of [1, 2, 3]) await ask(url, { signal })
  await ask(await closedUrl(), { signal })
  expect(getEventListeners(signal, 'abort')).toEqual([])
})

test('closing waits for the call under way and takes no other', async () => {
  const { url } = await standIn((response) => setTimeout(() => reply(response, 200, 'late'), 50))
  const client = createClient({ reuse: false, connectTimeoutMs: shortMs })
  const call = {
    method: 'POST',
    url,
    headers: {},
    body: 'x',
    timeoutMs: 1000,
    signal: new AbortController().signal,
  } as const
  const underWay = client.call(call)
  await client.close()
  expect(await underWay).toMatchObject({ kind: 'answer', body: 'late' })
  expect(await client.call(call)).toMatchObject({ kind: 'not_connected' })
})
