// Pages, caches and proxies: which origins may read what, how long anything is kept, and a gateway below a path.
import { createServer, request as ask } from 'node:http'
import type { Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { eq } from '../../src/db/drizzle.ts'
import { adminToken, quickYaml, startGateway, until } from '../support/gateway.ts'
import type { Answer, Customer, Gateway } from '../support/gateway.ts'
import { exchange } from './expectations.ts'

const shop = 'https://shop.example'
const yaml = `${quickYaml.replace('media: { store: none }', 'media: { store: disk, retention: 2h }')}
network: { cors_origins: ["${shop}", "HTTP://localhost:5173"], trusted_proxies: [127.0.0.0/8] }
`

let gateway: Gateway
let customer: Customer
let proxy: Server
/** As the outside has it: a proxy that takes `/gw` away. */
let outside: string
let media: string
let task: any
const lines: string[] = []

beforeAll(async () => {
  proxy = createServer((incoming, answer) => {
    const path = incoming.url ?? ''
    if (!path.startsWith('/gw/')) return void answer.writeHead(404).end('not below /gw')
    const { method = 'GET', headers } = incoming
    const onward = ask(`${gateway.url}${path.slice('/gw'.length)}`, { method, headers }, (come) => {
      answer.writeHead(come.statusCode ?? 502, come.headers)
      come.pipe(answer)
    })
    onward.on('error', () => answer.destroy())
    incoming.pipe(onward)
  })
  await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve))
  outside = `http://127.0.0.1:${(proxy.address() as AddressInfo).port}/gw`
  gateway = await startGateway({ yaml, env: { PUBLIC_URL: outside }, onLog: (line) => lines.push(line) })
  customer = await gateway.customer(100)
  const { json } = await customer.create({ model_id: 'gpt-image-2', prompt: 'a heron' })
  task = await customer.kept(json.data.task_id)
  media = task.image_url
})
afterAll(async () => {
  await gateway.stop()
  proxy.closeAllConnections()
  proxy.close()
})

const call = (method: string, path: string, headers: Record<string, string> = {}) =>
  gateway.call(method, path, { headers })
const cors = ({ headers }: Answer) => [...headers.keys()].filter((name) => name.startsWith('access-control-'))
const vary = ({ headers }: Answer) => headers.get('vary')?.split(', ') ?? []

describe('kept files', () => {
  const get = (query = '', init: RequestInit = {}) => fetch(`${media}${query}`, init)

  test('may be read by any page, with their measures', async () => {
    const range = { range: 'bytes=0-3', origin: 'https://anybody.example' }
    for (const [init, status] of [
      [{}, 200],
      [{ headers: range }, 206],
      [{ headers: { range: 'bytes=99999999-' } }, 416],
      [{ method: 'HEAD' }, 200],
    ] as const) {
      const { headers, status: found } = await get('', init)
      expect(found).toBe(status)
      expect(headers.get('access-control-allow-origin')).toBe('*')
      for (const name of ['Content-Range', 'Content-Length', 'Accept-Ranges'])
        expect(headers.get('access-control-expose-headers')).toContain(name)
      expect(headers.has('access-control-allow-credentials')).toBe(false)
    }
    const missing = await call('GET', `/media/${'a'.repeat(32)}.png`)
    expect([missing.status, missing.headers.get('access-control-allow-origin')]).toEqual([404, '*'])
  })

  test('say before a page asks what it may ask for', async () => {
    const asked = {
      origin: shop,
      'access-control-request-method': 'GET',
      'access-control-request-headers': 'range',
    }
    const { status, headers } = await get('', { method: 'OPTIONS', headers: asked })
    expect([status, headers.get('access-control-allow-origin')]).toEqual([204, '*'])
    expect(headers.get('access-control-allow-headers')).toContain('Range')
    expect(headers.get('access-control-allow-methods')).toBe('GET, HEAD, OPTIONS')
  })

  const maxAge = async () =>
    /^public, max-age=(\d+), immutable$/.exec((await get()).headers.get('cache-control') ?? '')?.[1]
  const keepUntil = async (ms: number, taskId = task.task_id) =>
    await gateway.app.ctx.db.transaction(async (tx) => {
      await tx
        .update(tx.tables.media)
        .set({ dueAt: Date.now() + ms })
        .where(eq(tx.tables.media.taskId, taskId))
    })

  test('are cached for what is left of their time, and not a second longer', async () => {
    expect(Number(await maxAge())).toBeGreaterThan(7_000)
    expect(Number(await maxAge())).toBeLessThanOrEqual(7_200)
    await keepUntil(1_800_000)
    expect(Number(await maxAge())).toBeLessThanOrEqual(1_800)
    // More than a year says no more than a year to any cache.
    await keepUntil(1e12)
    expect(Number(await maxAge())).toBe(31_536_000)
    await keepUntil(7_200_000)
    const unchanged = await get('', { headers: { 'if-none-match': (await get()).headers.get('etag') ?? '' } })
    expect([unchanged.status, unchanged.headers.get('cache-control')]).toEqual([
      304,
      expect.stringMatching(/^public, max-age=7\d\d\d, immutable$/),
    ])
  })

  test('are not kept by caches when less than a second is left', async () => {
    const shown = async () => {
      const { json } = await customer.create({ model_id: 'gpt-image-2', prompt: 'a heron that leaves' })
      const kept = await customer.kept(json.data.task_id)
      await keepUntil(600, kept.task_id)
      return await fetch(kept.image_url)
    }
    // Where the machine is busy it may be gone before it is asked for.
    const { headers } = await until(shown, ({ status }) => status === 200)
    expect(headers.get('cache-control')).toBe('no-store')
  })

  test.each(['?download', '?download=1', '?x=y&download', '?download=a%22b.exe'])(
    'are saved by %s under the name of their task',
    async (query) => {
      for (const method of ['GET', 'HEAD']) {
        const { headers, status } = await get(query, { method })
        expect(status).toBe(200)
        expect(headers.get('content-disposition')).toBe(`attachment; filename="${task.task_id}.png"`)
      }
      expect((await get()).headers.has('content-disposition')).toBe(false)
      const missing = await call('GET', `/media/${'a'.repeat(32)}.png${query}`)
      expect(missing.headers.has('content-disposition')).toBe(false)
    },
  )
})

describe('the API', () => {
  test.each([
    ['GET', '/api/v1/credits', 401],
    ['GET', '/api/v1/nothing', 404],
    ['PATCH', '/api/v1/credits', 405],
    ['GET', '/api', 404],
    ['GET', '/admin/v1/stats', 401],
    ['GET', '/admin/v1/nothing', 404],
    ['DELETE', '/admin/v1/stats', 405],
    ['GET', '/api/v1/%zz', 400],
  ])('%s %s is stored by no cache, and depends on the language', async (method, path, status) => {
    const answer = await call(method, path, { origin: shop })
    expect(answer.status).toBe(status)
    expect(answer.headers.get('cache-control')).toBe('no-store')
    expect(vary(answer)).toContain('Accept-Language')
  })

  test('nor what went well, what was refused for good reasons, and what is no HTTP', async () => {
    const answers = [
      await customer.get('/credits'),
      await customer.get('/tasks/none'),
      await customer.create({ model_id: 'none' }),
      await gateway.operator('GET', '/stats'),
      await gateway.operator('GET', '/tasks/none'),
    ]
    for (const answer of answers) {
      expect(answer.headers.get('cache-control')).toBe('no-store')
      expect(vary(answer)).toContain('Accept-Language')
    }
    expect(await exchange(gateway.url, 'garbage\r\n\r\n')).toMatch(
      /400 Bad Request\r\n[^]*cache-control: no-store/i,
    )
    for (const path of ['/healthz', '/readyz', '/metrics', '/nothing'])
      expect((await call('GET', path)).headers.get('cache-control'), path).toBe('no-store')
  })

  test.each([shop, 'http://localhost:5173'])(
    'pages of %s may read it, also when it refuses',
    async (origin) => {
      const { key } = customer
      for (const answer of [
        await gateway.call('GET', '/api/v1/credits', { key, headers: { origin } }),
        await call('GET', '/api/v1/credits', { origin }),
        await call('GET', '/api/v1/nothing', { origin }),
        await call('POST', '/api/v1/credits', { origin }),
      ]) {
        expect(answer.headers.get('access-control-allow-origin')).toBe(origin)
        expect(answer.headers.has('access-control-allow-credentials')).toBe(false)
        for (const name of ['X-Request-Id', 'Retry-After', 'Idempotency-Replayed'])
          expect(answer.headers.get('access-control-expose-headers')).toContain(name)
        expect(vary(answer)).toEqual(['Accept-Language', 'Origin'])
      }
    },
  )

  test('a preflight is answered without a key, before anything else is looked at', async () => {
    for (const path of [
      '/api/v1/tasks/create',
      '/api/v1/files',
      '/api/v1/nothing',
      '//api/v1//tasks/create/',
    ]) {
      const headers = { origin: shop, 'access-control-request-method': 'POST' }
      const answer = await call('OPTIONS', path, headers)
      expect([answer.status, answer.text]).toEqual([204, ''])
      expect(answer.headers.get('access-control-allow-origin')).toBe(shop)
      for (const name of ['Authorization', 'Content-Type', 'Idempotency-Key', 'Accept-Language'])
        expect(answer.headers.get('access-control-allow-headers')).toContain(name)
      for (const name of ['GET', 'POST', 'PUT', 'DELETE'])
        expect(answer.headers.get('access-control-allow-methods')).toContain(name)
      expect(vary(answer)).toContain('Origin')
    }
  })

  test.each([
    'https://shop.example.evil.example',
    'https://shop.exampl',
    'http://shop.example',
    'https://shop.example:8443',
    'https://SHOP.example',
    'https://shop.example/',
    'https://other.shop.example',
    'null',
    '*',
  ])('pages of %s may not', async (origin) => {
    const asked = { origin, 'access-control-request-method': 'POST' }
    const preflight = await call('OPTIONS', '/api/v1/tasks/create', asked)
    expect([preflight.status, cors(preflight)]).toEqual([405, []])
    const answer = await gateway.call('GET', '/api/v1/credits', { key: customer.key, headers: { origin } })
    expect([answer.status, cors(answer)]).toEqual([200, []])
    expect(vary(answer)).toContain('Origin')
  })

  test.each([
    '/admin/v1/stats',
    '/admin/v1/accounts',
    '/callbacks/keevx/a/b',
    '/healthz',
    '/metrics',
    '/docs',
    '/apitome',
  ])('nobody else than the API is opened to them: %s', async (path) => {
    const asked = { origin: shop, 'access-control-request-method': 'GET' }
    expect(cors(await call('OPTIONS', path, asked))).toEqual([])
    expect(cors(await gateway.call('GET', path, { key: adminToken, headers: { origin: shop } }))).toEqual([])
  })
})

describe('below a path that the proxy takes away', () => {
  test.each(['/', '/docs', '/docs/', '/docs/reference', '/docs/reference/'])(
    '%s leads to a page whose links lead on',
    async (path) => {
      const page = await fetch(`${outside}${path}`)
      expect([page.status, page.url.startsWith(`${outside}/${path === '/' ? 'console' : 'docs'}`)]).toEqual([
        200,
        true,
      ])
      const text = await page.text()
      const links = [...text.matchAll(/\b(?:src|href)="([^"#]*)(?:#[^"]*)?"/g)]
        .map(([, link = '']) => link)
        .filter((link) => !/^data:|standardwebhooks\.com/.test(link))
      const document = /"url":\s*"([^"]*openapi\.json)"/.exec(text)?.[1]
      expect(links.length + (document ? 1 : 0)).toBeGreaterThan(1)
      for (const link of [...links, ...(document ? [document] : [])]) {
        const target = new URL(link, page.url)
        expect(target.href.startsWith(`${outside}/`), link).toBe(true)
        const found = await fetch(target)
        await found.body?.cancel()
        expect(found.status, link).toBe(200)
      }
    },
  )

  test('the pages work without the proxy too', async () => {
    const page = await fetch(`${gateway.url}/docs/`)
    const style = /href="([^"]*style\.css)"/.exec(await page.text())?.[1] ?? ''
    expect((await fetch(new URL(style, page.url))).status).toBe(200)
  })

  test('the document, the examples, the media and the callbacks name the path', async () => {
    const { servers } = (await (await fetch(`${outside}/openapi.json`)).json()) as { servers: unknown }
    expect(servers).toEqual([{ url: outside }])
    expect(await (await fetch(`${outside}/docs`)).text()).toContain(`${outside}/api/v1/tasks/create`)
    expect(media.startsWith(`${outside}/media/`)).toBe(true)
    expect((await fetch(media)).status).toBe(200)
    const submitted = JSON.stringify(gateway.sandbox.submissions.at(-1)?.body)
    expect(submitted).toContain(`${outside}/callbacks/keevx/`)
  })
})
