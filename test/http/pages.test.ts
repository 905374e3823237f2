// Health, readiness, metrics, and the pages for people: true, and safe to open.
import type { FastifyRequest } from 'fastify'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { errorTypes } from '../../src/errors.ts'
import { addressOf } from '../../src/http/surfaces/origin.ts'
import { quickYaml, startGateway } from '../support/gateway.ts'
import type { Gateway } from '../support/gateway.ts'
import { exchange } from './expectations.ts'

let gateway: Gateway
const hostile = `
models:
  hostile:
    name: '<img src=x onerror=alert(1)>"&'
    capability: "text</td><script>alert(2)</script>"
    price: { credits: 3 }
    routes: [{ upstream: keevx, operation: image_generate, params: { module: std } }]
`
beforeAll(async () => {
  gateway = await startGateway()
})
afterAll(async () => await gateway.stop())

const page = async (path: string) => await gateway.call('GET', path)

test('/healthz and /readyz say how things stand, and need no key', async () => {
  expect((await page('/healthz')).json).toEqual({ status: 'ok', version: expect.any(String) })
  const ready = await page('/readyz')
  expect(ready.status).toBe(200)
  expect(ready.json).toMatchObject({
    status: 'ready',
    sandbox: false,
    checks: { database: { ok: true }, catalogue: { ok: true }, worker: { ok: true } },
    upstreams: { keevx: [{ state: 'ready' }] },
  })
})

test('a dead upstream is reported and does not make the gateway unready', async () => {
  const customer = await gateway.customer(15)
  gateway.sandbox.script('submit', {
    kind: 'status',
    status: 401,
    body: { code: 100002, msg: 'invalid token', data: null },
  })
  await customer.create({ model_id: 'gpt-image-2', prompt: 'a' })
  let ready = await page('/readyz')
  for (let turns = 0; turns < 200 && ready.json.upstreams.keevx[0].state === 'ready'; turns += 1)
    ready = await page('/readyz')
  expect(ready.json.upstreams.keevx[0].state).not.toBe('ready')
  expect([ready.status, ready.json.status]).toEqual([200, 'ready'])
})

describe('/metrics', () => {
  async function counters(from: Gateway): Promise<Map<string, number>> {
    const { text, headers } = await from.call('GET', '/metrics')
    expect(headers.get('content-type')).toMatch(/^text\/plain; version=0\.0\.4/)
    const samples = text.split('\n').filter((line) => line !== '' && !line.startsWith('#'))
    const form = /^([a-zA-Z_:][\w:]*(?:\{(?:[a-zA-Z_]\w*="(?:[^"\\]|\\.)*",?)*\})?) (\S+)$/
    return new Map(
      samples.map((line): [string, number] => {
        const [, name, value] = form.exec(line) ?? []
        expect(name, line).toBeDefined()
        return [name ?? '', Number(value)]
      }),
    )
  }

  test('can be read, and count what happens', async () => {
    const busy = await startGateway()
    try {
      const before = await counters(busy)
      const customer = await busy.customer(1_000)
      const order = { model_id: 'gpt-image-2', prompt: 'a' }
      for (const prompt of ['a', 'to fail']) {
        const { task_ids } = (await customer.create({ ...order, prompt, generate_count: 2 })).json.data
        for (const id of task_ids) await customer.ended(id)
      }
      await busy.call('GET', '/api/v1/credits')
      const after = await counters(busy)
      const rise = (name: string) => (after.get(name) ?? 0) - (before.get(name) ?? 0)
      expect(rise('tollgate_tasks_created_total{model="gpt-image-2"}')).toBe(4)
      expect(rise('tollgate_credits_charged_total{model="gpt-image-2"}')).toBe(60)
      expect(rise('tollgate_credits_refunded_total{model="gpt-image-2"}')).toBe(30)
      expect(rise('tollgate_tasks_ended_total{model="gpt-image-2",state="succeeded"}')).toBe(2)
      expect(rise('tollgate_tasks_ended_total{model="gpt-image-2",state="failed"}')).toBe(2)
      expect(
        rise('tollgate_http_request_seconds_count{method="GET",route="/api/v1/credits",status="401"}'),
      ).toBe(1)
      expect(rise('tollgate_upstream_submits_total{upstream="keevx",outcome="accepted"}')).toBe(2)
      expect(after.get('tollgate_tasks_open')).toBe(0)
      expect(after.get('tollgate_queue_depth')).toBe(0)
      expect(after.get('tollgate_database_bytes')).toBeGreaterThan(0)
      expect(after.get('tollgate_upstream_keys_ready')).toBe(1)
    } finally {
      await busy.stop()
    }
  })
})

describe('/docs', () => {
  test('/docs/ leads to it', async () => {
    const { status, text } = await page('/docs/')
    expect([status, text]).toEqual([200, (await page('/docs')).text])
  })

  test("shows the live models with their prices, and the reader's own host", async () => {
    const { text, headers } = await page('/docs')
    expect(headers.get('content-type')).toBe('text/html; charset=utf-8')
    const { models } = (await (await gateway.customer(0)).get('/models')).json.data
    for (const { id, price } of models) {
      expect(text).toContain(`<code>${id}</code>`)
      expect(text.replaceAll('&#39;', "'")).toContain(price.text.en)
    }
    expect(text).toContain(`${gateway.url}/api/v1/tasks/create`)
  })

  test('writes out what models are called, and what host was asked for, as text', async () => {
    const shop = await startGateway({ yaml: quickYaml + hostile })
    try {
      const { text } = await shop.call('GET', '/docs')
      expect(text).toContain('&lt;img src=x onerror=alert(1)&gt;&quot;&amp;')
      expect(text).not.toMatch(/<script(?! src="\/docs\/page\.js">)|<img/)
    } finally {
      await shop.stop()
    }
  })

  test.each([
    'a"><script>alert(1)</script>',
    "shop.example'; rm -rf ~ #",
    'shop.example/$(id)',
    '`id`',
    'x'.repeat(300),
  ])('names its own address, and not a host that is none: %s', async (host) => {
    for (const path of ['/docs', '/docs.md', '/llms.txt', '/skill.md', '/api/v1/brand']) {
      const request = `GET ${path} HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`
      const heard = await exchange(gateway.url, request)
      expect(heard, path).toMatch(/^HTTP\/1\.1 200/)
      expect(heard, path).not.toContain(host)
      if (path !== '/api/v1/brand') expect(heard, path).toContain(gateway.url)
    }
  })

  test('names the address that was asked, with its port', async () => {
    for (const host of ['shop.example', 'SHOP.example:8443', '[::1]:8787']) {
      const request = `GET /docs HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`
      expect(await exchange(gateway.url, request)).toContain(`http://${host}/api/v1/tasks/create`)
    }
  })

  test.each([
    '/docs',
    '/docs/reference',
    '/docs/style.css',
    '/docs/page.js',
    '/openapi.json',
    '/admin/openapi.json',
  ])('%s bears the headers that pages are protected by', async (path) => {
    const { headers } = await page(path)
    expect(headers.get('x-content-type-options')).toBe('nosniff')
    expect(headers.get('content-security-policy')).toContain("frame-ancestors 'none'")
    expect(headers.get('x-frame-options')).toBe('SAMEORIGIN')
    expect(headers.get('referrer-policy')).toBe('no-referrer')
    expect(headers.get('cross-origin-resource-policy')).toBe('same-site')
  })

  test('runs its own script alone, makes none of texts, and loads nothing from elsewhere', async () => {
    const { text, headers } = await page('/docs')
    const policy = headers.get('content-security-policy') ?? ''
    for (const rule of [
      "default-src 'none'",
      "script-src 'self'",
      "connect-src 'self'",
      "trusted-types 'none'",
    ])
      expect(policy).toContain(rule)
    expect(policy).not.toMatch(/unsafe|https?:/)
    expect(text).not.toMatch(/<script(?! src=)|\sstyle=|\son\w+=/)
    const loaded = [...text.matchAll(/<(?:script|link|img)\b[^>]*(?:src|href)="([^"]*)"/g)].map(
      ([, url]) => url,
    )
    expect(loaded).toEqual(['data:,', '/docs/style.css', '/docs/page.js'])
    expect((await page('/docs/style.css')).headers.get('content-type')).toMatch(/^text\/css/)
    expect((await page('/docs/page.js')).headers.get('content-type')).toMatch(/^text\/javascript/)
  })

  test('has the sections of the Open API in their order, and what is beside it', async () => {
    const { text } = await page('/docs')
    const headings = [...text.matchAll(/<h2 id="([^"]*)">/g)].map(([, id]) => id)
    const ofOpenApi = ['authentication', 'models', 'create', 'query', 'errors']
    const beside = ['idempotency', 'prices', 'webhooks', 'files', 'credits', 'test-keys', 'clients']
    expect(headings).toEqual([...ofOpenApi, ...beside])
    for (const type of errorTypes) expect(text).toContain(`<td><code>${type}</code></td>`)
    const anchors = [...text.matchAll(/href="#([^"]*)"/g)].map(([, id]) => id)
    for (const id of anchors) expect(text, id).toContain(`id="${id}"`)
  })

  test('speaks the language of the address, else of the browser, and is not sent again unchanged', async () => {
    const get = (path: string, headers: Record<string, string> = {}) => gateway.call('GET', path, { headers })
    const chinese = { 'accept-language': 'zh-CN,zh;q=0.9,en;q=0.5' }
    const { text, headers } = await get('/docs', chinese)
    expect(text).toContain('<html lang="zh-CN">')
    expect(text).toContain('>身份验证</h2>')
    expect(headers.get('vary')).toBe('accept-language, accept-encoding')
    expect((await get('/docs?lang=zh')).text).toBe(text)
    const english = await get('/docs?lang=en', chinese)
    expect(english.text).toContain('<html lang="en">')
    expect((await get('/docs?lang=<script>')).text).toBe(english.text)
    // What is Chinese in English is the documented answer of a create, and the name of the language.
    expect(english.text.replaceAll('提交成功,等待生成', '').match(/[\u4e00-\u9fff]+/g)).toEqual(['中文'])
    for (const path of ['/docs', '/docs/style.css', '/docs/page.js']) {
      const etag = (await get(path)).headers.get('etag') ?? ''
      const again = await get(path, { 'if-none-match': etag })
      expect([again.status, again.text], path).toEqual([304, ''])
    }
  })
})

describe('/docs/reference', () => {
  test('takes its script and its document from this host alone', async () => {
    const { text, headers, status } = await page('/docs/reference')
    expect(status).toBe(200)
    const policy = headers.get('content-security-policy') ?? ''
    expect(policy).toContain("default-src 'none'")
    expect(policy).toMatch(/script-src 'self' 'nonce-[^']+';/)
    expect(policy).toContain("connect-src 'self'")
    expect(policy).not.toMatch(/https?:|\*|script-src[^;]*unsafe/)
    const sources = [...text.matchAll(/\b(?:src|href)="([^"]*)"/g)].map(([, url = '']) => url)
    expect(sources.length).toBeGreaterThan(0)
    for (const source of sources) {
      const url = new URL(source, `${gateway.url}/docs/reference/`)
      expect(url.origin).toBe(gateway.url)
      const script = await fetch(url)
      expect([script.status, script.headers.get('content-type')]).toEqual([
        200,
        expect.stringContaining('javascript'),
      ])
      await script.body?.cancel()
    }
    expect(text).toContain('"../../openapi.json"')
    // Every script of the page bears the nonce of its policy.
    const nonce = /'nonce-([^']+)'/.exec(policy)?.[1] ?? 'none'
    for (const [tag] of text.matchAll(/<script\b[^>]*>/g)) expect(tag).toContain(`nonce="${nonce}"`)
  })

  test('asks for no telemetry, fonts or proxy of others', async () => {
    const { text } = await page('/docs/reference')
    expect(text).not.toMatch(/https?:\/\/(?!127\.0\.0\.1)[\w.-]*(?:scalar|jsdelivr|googleapis|gstatic|unpkg)/)
  })
})

test.each(['javascript', '$(id);', 'https"><script>x', ''])(
  'a protocol that is none is not repeated: %s',
  (protocol) => {
    const request = { protocol, host: 'shop.example', socket: {} } as unknown as FastifyRequest
    expect(addressOf(request)).toBe('http://shop.example')
  },
)
