// Redirects are never followed by themselves; where a caller follows them, every hop is checked anew.
import { describe, expect, test } from 'vitest'

import { standIn } from '../upstream/stand-in.ts'
import { ask, guardOf, limits } from './ask.ts'
import { resolver } from './internet.ts'
import { loopback } from './spellings.ts'

const { resolve } = resolver({
  'media.internal': [['127.0.0.1']],
  'cdn.internal': [['127.0.0.1']],
  'rebind.example': [['127.0.0.1']],
})
const guard = guardOf({ allowHosts: ['media.internal', 'cdn.internal'], resolve })

/** A server under the name media.internal; a path leads where `ways` says, any other is answered. */
async function server(ways: Readonly<Record<string, string | undefined>>, status = 302) {
  const { asked, connections, url } = await standIn((response, { path }) => {
    if (!(path in ways)) return response.end(`this is ${path}`)
    const location = ways[path]
    // As servers send them: the bytes of UTF-8.
    const bytes = location && Buffer.from(location).toString('latin1')
    return response.writeHead(status, bytes === undefined ? {} : { location: bytes }).end('elsewhere')
  })
  const { port } = new URL(url)
  const paths = () => asked.map(({ path }) => path)
  return { asked, connections, paths, port, url: `http://media.internal:${port}` }
}

describe('by default', () => {
  test.each([301, 302, 303, 307, 308])('HTTP %d is an error and is not followed', async (status) => {
    const { url, paths } = await server({ '/a': '/b' }, status)
    const seen = await ask(guard, `${url}/a`, { method: 'POST', body: 'x' })
    expect(seen).toMatchObject({ kind: 'redirect', status })
    expect(paths()).toEqual(['/a'])
  })

  test.each([300, 304, 305])('HTTP %d is an answer', async (status) => {
    const { url } = await server({ '/a': '/b' }, status)
    expect(await ask(guard, `${url}/a`)).toMatchObject({ status })
  })
})

describe('followed by hand', () => {
  const maxRedirects = 3

  test('the last answer is given, with where it came from', async () => {
    const { url, paths, connections } = await server({ '/a': 'b?x=1', '/b?x=1': '/c', '/c': '/画' })
    const seen = await ask(guard, `${url}/a`, { maxRedirects })
    expect(seen).toMatchObject({ status: 200, url: `${url}/%E7%94%BB`, text: 'this is /%E7%94%BB' })
    expect(paths()).toEqual(['/a', '/b?x=1', '/c', '/%E7%94%BB'])
    expect(connections()).toBe(4)
  })

  test('one more than was allowed is an error', async () => {
    const { url, paths } = await server({ '/a': '/b', '/b': '/c', '/c': '/d', '/d': '/e' })
    expect(await ask(guard, `${url}/a`, { maxRedirects })).toMatchObject({ kind: 'redirect', status: 302 })
    expect(paths()).toEqual(['/a', '/b', '/c', '/d'])
  })

  test('a circle ends', async () => {
    const { url, paths } = await server({ '/a': '/a' })
    expect(await ask(guard, `${url}/a`, { maxRedirects })).toMatchObject({ kind: 'redirect' })
    expect(paths()).toHaveLength(4)
  })

  test.each([...loopback, 'rebind.example', '169.254.169.254', '[::ffff:a9fe:a9fe]'])(
    'the second hop to %s is refused, and nobody is asked',
    async (host) => {
      const inside = await standIn((response) => response.end('secret'))
      const { port } = new URL(inside.url)
      const { url } = await server({ '/a': '/b', '/b': `http://${host}:${port}/secret` })
      const seen = await ask(guard, `${url}/a`, { maxRedirects })
      expect(seen).toMatchObject({ kind: 'refused_address' })
      expect(inside.connections()).toBe(0)
    },
  )

  test.each(['file:///etc/passwd', 'ftp://example.com/', 'gopher://a/', 'http://u:p@media.internal/'])(
    'a hop to %s is refused',
    async (location) => {
      const { url } = await server({ '/a': location })
      expect(await ask(guard, `${url}/a`, { maxRedirects })).toMatchObject({ kind: 'refused_address' })
    },
  )

  test.each([undefined, 'http://', 'http://[', 'http://1.2.3.4.5/'])(
    'a redirect that says %s is an error',
    async (location) => {
      const { url } = await server({ '/a': location })
      expect(await ask(guard, `${url}/a`, { maxRedirects })).toMatchObject({ kind: 'redirect' })
    },
  )

  test('what the caller sends is meant for the first host', async () => {
    const { asked, port, url } = await server({ '/a': '/b' })
    const { asked: first, url: start } = await server({ '/a': '/b', '/b': `http://cdn.internal:${port}/c` })
    const headers = { Authorization: 'canary', Cookie: 'canary', 'X-Key': 'canary', Range: 'bytes=0-9' }
    await ask(guard, `${start}/a`, { headers, maxRedirects })
    expect(first.map((one) => one.headers.authorization)).toEqual(['canary', 'canary'])
    expect(asked[0]?.headers).toMatchObject({ range: 'bytes=0-9', host: `cdn.internal:${port}` })
    expect(JSON.stringify(asked[0]?.headers)).not.toContain('canary')
    expect(url).not.toBe(start)
  })

  test('a POST is not sent anywhere else', async () => {
    const options = { ...limits, method: 'POST', maxRedirects } as const
    await expect(guard.fetch('http://media.internal/', options)).rejects.toThrow('only GET and HEAD')
  })
})

describe("an upstream's own origin, though private, opens", () => {
  test('itself, and what it redirects to on itself', async () => {
    const { port } = await server({ '/a': '/b' })
    const origins = [`http://127.0.0.1:${port}/v1`]
    const url = `http://127.0.0.1:${port}/a`
    expect(await ask(guard, url, { origins, maxRedirects: 1 })).toMatchObject({ text: 'this is /b' })
    expect(await ask(guard, url, { maxRedirects: 1 })).toMatchObject({ kind: 'refused_address' })
  })

  test('no other port, and nothing that it redirects to elsewhere', async () => {
    const inside = await standIn((response) => response.end('secret'))
    const { port } = await server({ '/a': inside.url })
    const origins = [`http://127.0.0.1:${port}/v1`]
    for (const url of [inside.url, `http://127.0.0.1:${port}/a`, `http://localhost:${port}/b`]) {
      const seen = await ask(guard, url, { origins, maxRedirects: 1 })
      expect(seen, url).toMatchObject({ kind: 'refused_address' })
    }
    expect(inside.connections()).toBe(0)
  })
})

test('a host header of the caller is refused', async () => {
  await expect(
    guard.fetch('http://media.internal/', { ...limits, headers: { Host: 'other' } }),
  ).rejects.toThrow('the host header comes from the URL')
})
