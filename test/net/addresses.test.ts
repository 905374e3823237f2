// Promise 9: no URL that others name makes the gateway connect to an address that is not public.
import { describe, expect, test, vi } from 'vitest'

import { standIn } from '../upstream/stand-in.ts'
import { ask, guardOf } from './ask.ts'
import { pretendInternet, resolver } from './internet.ts'
import { elsewhere, loopback, noHosts } from './spellings.ts'

const publicAddress = '93.184.215.14'
const otherPublic = '2606:2800:21f::1'

async function serverThatSays(text: string) {
  const server = await standIn((response) => response.end(text))
  return { ...server, port: new URL(server.url).port }
}

test('no spelling of a private host is connected to, with a real server there', async () => {
  const { connections, port } = await serverThatSays('hello')
  const internet = pretendInternet({})
  const { resolve, asked } = resolver({})
  for (const host of [...loopback, ...elsewhere, ...noHosts]) {
    const seen = await ask(guardOf({ resolve }), `http://${host}:${port}/`)
    expect(seen, host).toMatchObject({ kind: 'refused_address' })
  }
  expect(connections()).toBe(0)
  expect(internet.tried).toEqual([])
  expect(asked).toEqual([])
})

test('a name that resolves to a public address is asked at that address', async () => {
  const { url, asked } = await serverThatSays('hello')
  const internet = pretendInternet({ [publicAddress]: { url } })
  const guard = guardOf({ resolve: resolver({ 'hooks.example': [[publicAddress]] }).resolve })
  const seen = await ask(guard, 'http://Hooks.example.:8080/told?x=1#part')
  expect(seen).toMatchObject({ status: 200, text: 'hello' })
  expect(internet.tried).toEqual([publicAddress])
  expect(asked[0]).toMatchObject({ method: 'GET', path: '/told?x=1' })
  expect(asked[0]?.headers).toMatchObject({
    host: 'hooks.example:8080',
    connection: 'close',
    'accept-encoding': 'identity',
  })
})

describe('a name that resolves to', () => {
  test.each([
    '127.0.0.1',
    '10.0.0.1',
    '169.254.169.254',
    '100.64.0.1',
    '168.63.129.16',
    '0.0.0.0',
    '::1',
    '::',
    '::ffff:127.0.0.1',
    '::ffff:8.8.8.8',
    '::127.0.0.1',
    '64:ff9b::7f00:1',
    '2002:7f00:1::',
    'fe80::1',
    'fe80::1%eth0',
    'fd00:ec2::254',
    'localhost',
    '127.1',
    '',
  ])('%j is not connected to', async (address) => {
    const internet = pretendInternet({})
    const guard = guardOf({ resolve: resolver({ 'hooks.example': [[address]] }).resolve })
    expect(await ask(guard, 'http://hooks.example/')).toMatchObject({ kind: 'refused_address' })
    expect(internet.tried).toEqual([])
  })

  test.each([
    [[publicAddress, '127.0.0.1']],
    [['127.0.0.1', publicAddress]],
    [[publicAddress, otherPublic, '::1']],
    [[...Array.from({ length: 20 }, () => publicAddress), '10.0.0.1']],
  ])('%j is refused for the one that is private', async (addresses) => {
    const { url, connections } = await serverThatSays('hello')
    const internet = pretendInternet({ [publicAddress]: { url }, [otherPublic]: { url } })
    const guard = guardOf({ resolve: resolver({ 'hooks.example': [addresses] }).resolve })
    expect(await ask(guard, 'http://hooks.example/')).toMatchObject({ kind: 'refused_address' })
    expect(internet.tried).toEqual([])
    expect(connections()).toBe(0)
  })
})

describe('a name whose address changes', () => {
  test('is resolved once for a request: what was checked is what is connected to', async () => {
    const outside = await serverThatSays('outside')
    const inside = await serverThatSays('inside')
    const internet = pretendInternet({ [publicAddress]: outside, '127.0.0.1': inside })
    const { resolve, asked } = resolver({ 'rebind.example': [[publicAddress], ['127.0.0.1']] })
    const guard = guardOf({ resolve })
    expect(await ask(guard, 'http://rebind.example/')).toMatchObject({ text: 'outside' })
    expect(asked).toHaveLength(1)
    expect(internet.tried).toEqual([publicAddress])

    expect(await ask(guard, 'http://rebind.example/')).toMatchObject({ kind: 'refused_address' })
    expect(asked).toHaveLength(2)
    expect(internet.tried).toEqual([publicAddress])
    expect(inside.connections()).toBe(0)
  })

  test('is checked again for the next request: no connection is kept', async () => {
    const { url, connections } = await serverThatSays('hello')
    pretendInternet({ [publicAddress]: { url } })
    const { resolve, asked } = resolver({ 'hooks.example': [[publicAddress]] })
    const guard = guardOf({ resolve })
    for (let time = 0; time < 3; time += 1) await ask(guard, 'http://hooks.example/')
    expect(asked).toHaveLength(3)
    expect(connections()).toBe(3)
  })
})

test('whoever turns out to be at the other end is checked before a byte is sent', async () => {
  const { url, asked, connections } = await serverThatSays('hello')
  for (const seenAs of ['127.0.0.1', '10.0.0.1', '::ffff:127.0.0.1', '1.1.1.1']) {
    vi.restoreAllMocks()
    pretendInternet({ [publicAddress]: { url, seenAs } })
    const guard = guardOf({ resolve: resolver({ 'hooks.example': [[publicAddress]] }).resolve })
    expect(await ask(guard, 'http://hooks.example/')).toMatchObject({ kind: 'refused_address' })
    expect(await ask(guard, `http://${publicAddress}/`)).toMatchObject({ kind: 'refused_address' })
  }
  expect(connections()).toBe(8)
  expect(asked).toEqual([])
})

describe('network.allow_hosts', () => {
  test('opens private addresses under exactly that name', async () => {
    const { port } = await serverThatSays('hello')
    const { resolve } = resolver({ 'files.internal': [['127.0.0.1']], 'other.example': [['127.0.0.1']] })
    const guard = guardOf({ allowHosts: ['files.internal', '127.0.0.1'], resolve })
    expect(await ask(guard, `http://files.internal:${port}/`)).toMatchObject({ text: 'hello' })
    expect(await ask(guard, `http://127.0.0.1:${port}/`)).toMatchObject({ text: 'hello' })
    for (const host of [
      'other.example',
      'a.files.internal',
      'localhost',
      '127.0.0.2',
      '[::ffff:127.0.0.1]',
    ]) {
      expect(await ask(guard, `http://${host}:${port}/`), host).toMatchObject({ kind: 'refused_address' })
    }
  })

  test('tries its addresses in turn', async () => {
    const { port } = await serverThatSays('hello')
    const { resolve } = resolver({ 'files.internal': [['127.0.0.2', '::1', '127.0.0.1']] })
    const guard = guardOf({ allowHosts: ['files.internal'], resolve })
    expect(await ask(guard, `http://files.internal:${port}/`)).toMatchObject({ text: 'hello' })
  })

  test('resolves such a name as the machine does', async () => {
    const { port } = await serverThatSays('hello')
    const guard = guardOf({ allowHosts: ['localhost'] })
    expect(await ask(guard, `http://localhost:${port}/`)).toMatchObject({ text: 'hello' })
  })
})

test('checkUrl says the same without asking anybody', () => {
  const guard = guardOf({ allowHosts: ['10.0.0.5'] })
  expect(guard.checkUrl('http://127.0.0.1/')?.en).toContain('127.0.0.1 is no public address')
  expect(guard.checkUrl('http://10.0.0.5/')).toBeNull()
  expect(guard.checkUrl('http://hooks.example/')).toBeNull()
})

test('what an error says holds no path, no query, no header and no address of a name', async () => {
  const { url, port } = await serverThatSays('hello')
  const { resolve } = resolver({ 'in.example': [['10.9.8.7']], 'out.example': [[publicAddress]] })
  const guard = guardOf({ resolve })
  const internet = pretendInternet({ [publicAddress]: { url, seenAs: '10.9.8.7' } })
  const asks = ['http://in.example/', 'http://out.example/', 'http://none.example/', `http://127.1:${port}/`]
  for (const base of [...asks, 'http://u:canary@a.example/', 'ftp://a.example/']) {
    const seen = await ask(guard, `${base}canary?token=canary`, { headers: { authorization: 'canary' } })
    expect(seen).toHaveProperty('kind')
    expect(JSON.stringify(seen)).not.toMatch(/canary|10\.9/)
  }
  expect(internet.tried).toEqual([publicAddress])
})
