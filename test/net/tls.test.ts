// With TLS the connection goes to the checked address, and the name is what the other side has to prove.
import { once } from 'node:events'
import { createServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import tls, { type TLSSocket } from 'node:tls'
import { promisify } from 'node:util'
import { expect, onTestFinished, test } from 'vitest'

import { until } from '../support/gateway.ts'
import { rawStandIn, standIn } from '../upstream/stand-in.ts'
import { ask, guardOf } from './ask.ts'
import { type Certificate, certificateFor } from './certificate.ts'
import { pretendInternet, resolver } from './internet.ts'

const address = '93.184.215.14'
const hooks = certificateFor('hooks.example', 'localhost', '127.0.0.1')
const guard = guardOf({
  allowHosts: ['127.0.0.1', 'localhost'],
  resolve: resolver({
    'hooks.example': [[address]],
    'other.example': [[address]],
    localhost: [['127.0.0.1']],
  }).resolve,
})

/** Trusted for one test, as an authority of the system is. */
function trust({ cert }: Certificate): void {
  const before = tls.getCACertificates('default')
  tls.setDefaultCACertificates([...before, cert])
  onTestFinished(() => tls.setDefaultCACertificates(before))
}

async function secureServer(certificate = hooks) {
  const names: (string | false | null)[] = []
  let requests = 0
  const server = createServer(certificate, (request, response) => {
    requests += 1
    names.push((request.socket as TLSSocket).servername)
    response.end(`hello, ${request.headers.host}`)
  })
  server.on('tlsClientError', () => undefined)
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => void server.close())
  const { port } = server.address() as AddressInfo
  const isGone = async () => (await promisify(server.getConnections.bind(server))()) === 0
  const allGone = async () => await until(isGone, (gone) => gone)
  return { url: `https://127.0.0.1:${port}`, port, names, requests: () => requests, allGone }
}

test('the name is asked for, and the certificate has to bear it', async () => {
  trust(hooks)
  const { url, names, allGone } = await secureServer()
  const internet = pretendInternet({ [address]: { url } })
  expect(await ask(guard, 'https://HOOKS.example./')).toMatchObject({ text: 'hello, hooks.example' })
  expect(internet.tried).toEqual([address])
  expect(names).toEqual(['hooks.example'])
  await allGone()
})

test('a certificate for another name is no answer', async () => {
  trust(hooks)
  const { url, requests, allGone } = await secureServer()
  pretendInternet({ [address]: { url } })
  const seen = await ask(guard, 'https://other.example/')
  expect(seen).toMatchObject({
    kind: 'tls',
    message: expect.stringContaining('ERR_TLS_CERT_ALTNAME_INVALID'),
  })
  expect(requests()).toBe(0)
  await allGone()
})

test('a certificate that nobody vouches for is no answer', async () => {
  const { port, requests } = await secureServer()
  expect(await ask(guard, `https://localhost:${port}/`)).toMatchObject({ kind: 'tls' })
  expect(requests()).toBe(0)
})

test('an address has to prove itself too', async () => {
  trust(hooks)
  const { url, names } = await secureServer()
  expect(await ask(guard, url)).toMatchObject({ status: 200 })
  expect(names).toEqual([false])
  const named = certificateFor('hooks.example', 'localhost')
  trust(named)
  const { url: wrong } = await secureServer(named)
  expect(await ask(guard, wrong)).toMatchObject({ kind: 'tls' })
})

test('whoever is at the other end is checked before TLS begins', async () => {
  trust(hooks)
  let bytes = 0
  const { url, connections } = await rawStandIn(() => {
    bytes += 1
  })
  pretendInternet({ [address]: { url, seenAs: '127.0.0.1' } })
  expect(await ask(guard, 'https://hooks.example/')).toMatchObject({ kind: 'refused_address' })
  expect(connections()).toBe(1)
  expect(bytes).toBe(0)
})

test('a server without TLS, one that hangs up, and one that is silent are told apart', async () => {
  const plain = await standIn((response) => response.end())
  const asTls = (url: string) => url.replace('http:', 'https:')
  expect(await ask(guard, asTls(plain.url))).toMatchObject({ kind: 'tls' })
  const hangUp = await rawStandIn((socket) => void socket.destroy())
  expect(await ask(guard, asTls(hangUp.url))).toMatchObject({ kind: 'tls' })
  const { promise: gone, resolve } = Promise.withResolvers<void>()
  const silent = await rawStandIn((socket) => void socket.once('close', resolve))
  expect(await ask(guard, asTls(silent.url), { timeoutMs: 150 })).toMatchObject({ kind: 'timeout' })
  await gone
})

test('a redirect from https to http is not followed', async () => {
  trust(hooks)
  const server = createServer(hooks, (_request, response) => {
    response.writeHead(302, { location: 'http://hooks.example/' }).end()
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => void server.close())
  const internet = pretendInternet({
    [address]: { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` },
  })
  const seen = await ask(guard, 'https://hooks.example/', { maxRedirects: 3 })
  expect(seen).toMatchObject({ kind: 'redirect', status: 302 })
  expect(internet.tried).toHaveLength(1)
})
