// Connections that are kept: reused for the same origin alone, for a bounded time, and never followed anywhere else.
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { RequestListener } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import { expect, onTestFinished, test } from 'vitest'
import { startDeadline } from '../../src/net/deadline.ts'
import { exchange } from '../../src/net/exchange.ts'
import type { Exchange } from '../../src/net/exchange.ts'
import { createGuard } from '../../src/net/guard.ts'
import type { Guard } from '../../src/net/guard.ts'
import { createKeptConnections } from '../../src/net/kept.ts'
import type { Kept, KeptConnections } from '../../src/net/kept.ts'
import type { Resolve } from '../../src/net/resolve.ts'
import { createUrlReader } from '../../src/net/url.ts'

interface Site {
  readonly port: number
  readonly sockets: Socket[]
  readonly asked: string[]
}

async function startSite(
  answer: RequestListener = (_request, response) => void response.end('taken'),
): Promise<Site> {
  const [sockets, asked]: [Socket[], string[]] = [[], []]
  const server = createServer((request, response) => {
    asked.push(request.headers.host ?? '')
    request.resume().on('end', () => answer(request, response))
  })
  server.on('connection', (socket) => sockets.push(socket))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  return { port: (server.address() as AddressInfo).port, sockets, asked }
}

function openGuard(resolved: string[][] = []): Guard {
  const guard = createGuard({
    allowHosts: ['one.test', 'two.test'],
    resolve: async () => resolved.shift() ?? ['127.0.0.1'],
  })
  onTestFinished(() => guard.close())
  return guard
}

async function post(guard: Guard, url: string, mayArriveTwice?: true): Promise<number> {
  const options = { method: 'POST', body: '{}', timeoutMs: 5_000, maxBytes: 65_536 } as const
  const answer = await guard.fetch(url, { ...options, ...(mayArriveTwice && { mayArriveTwice }) })
  answer.finish()
  // What is left of the answer is read in the background.
  await new Promise((resolve) => setTimeout(resolve, 20))
  return answer.status
}

test('requests to one origin share a connection, those to another do not', async () => {
  const site = await startSite()
  const guard = openGuard()
  for (let at = 0; at < 3; at += 1) await post(guard, `http://one.test:${site.port}/${at}`, true)
  expect(site.sockets).toHaveLength(1)
  await post(guard, `http://two.test:${site.port}/`, true)
  expect(site.sockets, 'the same address under another name').toHaveLength(2)
  expect(site.asked.map((host) => host.split(':')[0])).toEqual([
    'one.test',
    'one.test',
    'one.test',
    'two.test',
  ])
})

test('a request that may not arrive twice has a connection of its own', async () => {
  const site = await startSite()
  const guard = openGuard()
  await post(guard, `http://one.test:${site.port}/`, true)
  await post(guard, `http://one.test:${site.port}/`)
  await post(guard, `http://one.test:${site.port}/`)
  expect(site.sockets).toHaveLength(3)
})

test('a kept connection leads to the address that was checked; a new one is checked anew', async () => {
  const site = await startSite()
  const guard = createGuard({ allowHosts: [], resolve: async () => ['127.0.0.1'] })
  onTestFinished(() => guard.close())
  await expect(post(guard, `http://rebound.example:${site.port}/`, true)).rejects.toMatchObject({
    kind: 'refused_address',
  })
  expect(site.sockets).toEqual([])
})

test('one that was closed while it was idle is replaced, and the request arrives', async () => {
  const site = await startSite()
  const guard = openGuard()
  const url = `http://one.test:${site.port}/`
  await post(guard, url, true)
  site.sockets[0]?.destroy()
  expect(await post(guard, url, true)).toBe(200)
  expect(site.sockets).toHaveLength(2)
})

test('one that is closed as it is asked again is replaced once, and no oftener', async () => {
  let answered = 0
  const site = await startSite((request, response) => {
    answered += 1
    if (answered === 1) response.end()
    else request.socket.destroy()
  })
  const guard = openGuard()
  const url = `http://one.test:${site.port}/`
  await post(guard, url, true)
  await expect(post(guard, url, true)).rejects.toMatchObject({ kind: 'protocol' })
  expect(answered).toBe(3)
})

test.each([
  ['an answer that does not end', (response: NodeJS.WritableStream) => void response.write('x')],
  ['one that is too long', (response: NodeJS.WritableStream) => void response.end(Buffer.alloc(1_000_000))],
])('%s keeps no connection', async (_what, answer) => {
  const site = await startSite((_request, response) => answer(response))
  const guard = openGuard()
  const url = `http://one.test:${site.port}/`
  await post(guard, url, true).catch(() => undefined)
  await post(guard, url, true).catch(() => undefined)
  expect(site.sockets).toHaveLength(2)
})

test('a long answer that nobody reads is not read to its end, though there may be so much of it', async () => {
  let ended: Promise<unknown> = Promise.resolve()
  const site = await startSite((_request, response) => {
    ended = Promise.race([once(response, 'finish'), once(response, 'close')])
    response.end(Buffer.alloc(400_000))
  })
  const guard = openGuard()
  const options = { method: 'POST', body: '{}', timeoutMs: 5_000, mayArriveTwice: true } as const
  for (let at = 0; at < 2; at += 1) {
    const answer = await guard.fetch(`http://one.test:${site.port}/`, { ...options, maxBytes: 1_000_000 })
    answer.finish()
    await ended
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
  expect(site.sockets).toHaveLength(2)
})

test('one that its receiver closes with the answer does not connect anew for what was asked before', async () => {
  const site = await startSite(
    (_request, response) => void response.setHeader('connection', 'close').end('taken'),
  )
  const guard = openGuard()
  const url = `http://one.test:${site.port}/`
  for (let at = 0; at < 2; at += 1) {
    const asking = new AbortController()
    const options = { method: 'POST', body: '{}', timeoutMs: 5_000, maxBytes: 65_536 } as const
    const answer = await guard.fetch(url, { ...options, mayArriveTwice: true, signal: asking.signal })
    expect(answer.status).toBe(200)
    answer.finish()
    await new Promise((resolve) => setTimeout(resolve, 20))
    asking.abort()
  }
  expect(site.sockets).toHaveLength(2)
})

test('one that is asked again while its receiver lets it go resolves and checks anew, within the second deadline', async () => {
  const site = await startSite(
    (_request, response) => void response.setHeader('connection', 'close').end('taken'),
  )
  const reading = createUrlReader(['one.test'])(`http://one.test:${site.port}/`)
  if (!('target' in reading)) throw new Error('the URL is fine')
  const { target } = reading
  const resolved: string[] = []
  const given: Kept[] = []
  const second = Promise.withResolvers<Exchange>()
  const kept: KeptConnections = {
    take: () => given.pop() ?? null,
    // At this moment undici has read the answer, and not yet let go of the connection that it was told to close.
    give: (_origin, connection) => {
      given.push(connection)
      if (resolved.length === 1) ask('second').then(second.resolve, second.reject)
    },
    close: async () => undefined,
  }
  const ask = async (name: string) => {
    const deadline = startDeadline({ timeoutMs: 5_000 })
    onTestFinished(() => deadline.end())
    const resolve: Resolve = async () => {
      resolved.push(name)
      return ['127.0.0.1']
    }
    const question = { method: 'POST', headers: {}, body: '{}' } as const
    return await exchange(target, question, { deadline, resolve, kept })
  }
  const first = await ask('first')
  first.finish()
  const answer = await second.promise
  expect(answer.status).toBe(200)
  answer.close()
  expect(resolved).toEqual(['first', 'second'])
})

test('a redirect is not followed over a kept connection either', async () => {
  const elsewhere = await startSite()
  const site = await startSite(
    (_request, response) =>
      void response.writeHead(307, { location: `http://two.test:${elsewhere.port}/` }).end(),
  )
  const guard = openGuard()
  for (let at = 0; at < 2; at += 1) {
    await expect(post(guard, `http://one.test:${site.port}/`, true)).rejects.toMatchObject({
      kind: 'redirect',
    })
  }
  expect(elsewhere.sockets).toEqual([])
})

test('one is used for a minute at most, and as many are kept as there is a bound for', async () => {
  let nowMs = 0
  const connections = createKeptConnections(() => nowMs)
  let destroyed = 0
  const newKept = (): Kept => {
    const client = {
      closed: false,
      destroyed: false,
      once: () => client,
      destroy: async () => void (destroyed += 1),
    }
    return { client: client as unknown as Kept['client'], openedAt: nowMs }
  }
  const kept = newKept()
  connections.give('http://a', kept)
  nowMs = 59_999
  expect(connections.take('http://a')).toBe(kept)
  connections.give('http://a', kept)
  nowMs = 60_000
  expect(connections.take('http://a')).toBeNull()
  expect(destroyed).toBe(1)
  for (let at = 0; at < 100; at += 1) connections.give('http://a', newKept())
  expect(destroyed).toBe(1 + 36)
  for (let at = 0; at < 100; at += 1) connections.give(`http://b${at}`, newKept())
  expect(destroyed).toBe(1 + 36 + 36)
})
