// The files for nginx and Caddy that the operator's guide shows: what they let through, and what they do not.
import { request } from 'node:http'
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { adminToken, quickYaml, startGateway, until } from '../support/gateway.ts'
import type { Customer, Gateway } from '../support/gateway.ts'
import { startProxy } from './proxy.ts'
import type { ProxyName } from './proxy.ts'

let gateway: Gateway
let customer: Customer
const log: string[] = []
beforeAll(async () => {
  gateway = await startGateway({
    yaml: `${quickYaml}network: { trusted_proxies: [127.0.0.1] }\n`,
    onLog: (line) => void log.push(line),
  })
  customer = await gateway.customer(1_000)
})
afterAll(async () => await gateway.stop())

interface Asked {
  readonly method?: string
  readonly key?: string
  readonly body?: string
  readonly headers?: Readonly<Record<string, string>>
  /** Another address of this machine, so that client and proxy can be told apart. */
  readonly from?: string
}

interface Answered {
  readonly status: number
  readonly text: string
}

/** The path as it stands: `fetch` would tidy it. */
async function ask(proxy: string, path: string, asked: Asked = {}): Promise<Answered> {
  const { method = 'GET', key, body, headers = {}, from } = asked
  return await new Promise((resolve, reject) => {
    const { hostname, port } = new URL(proxy)
    const sent = {
      ...(key === undefined ? {} : { authorization: `Bearer ${key}` }),
      ...(body === undefined
        ? {}
        : { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) }),
      ...headers,
    }
    const out = request({ hostname, port, path, method, headers: sent, localAddress: from }, (answer) => {
      let text = ''
      answer.setEncoding('utf8')
      answer.on('data', (part: string) => (text += part))
      answer.on('end', () => resolve({ status: answer.statusCode ?? 0, text }))
      answer.on('error', reject)
    })
    out.on('error', reject)
    out.end(body)
  })
}

const picture = { model_id: 'gpt-image-2', prompt: 'a zen garden' }

describe.each(['nginx', 'caddy'] as const)('%s', (name: ProxyName) => {
  test('lets customers order, wait, read the documentation and the models, and Keevx call back', async () => {
    const proxy = await startProxy(name, gateway.url)
    const { key } = customer
    const created = await ask(proxy, '/api/v1/tasks/create', {
      method: 'POST',
      key,
      body: JSON.stringify(picture),
    })
    const { task_id } = JSON.parse(created.text).data
    const waited = await ask(proxy, `/api/v1/tasks/${task_id}?wait=55`, { key })
    expect(JSON.parse(waited.text).data.task_status).toBe(3)
    for (const path of ['/robots.txt', '/docs', '/docs/reference/', '/openapi.json', '/api/v1/models']) {
      expect([path, (await ask(proxy, path, { key })).status]).toEqual([path, 200])
    }
    expect([302, 200]).toContain((await ask(proxy, '/', {})).status)
    // No such secret: the gateway's own answer, and not the proxy's.
    const callback = await ask(proxy, '/callbacks/none', { method: 'POST', body: '{}' })
    expect(callback.text).toContain('request_id')
  })

  test('passes a picture of 20 MB in a create', async () => {
    const proxy = await startProxy(name, gateway.url)
    const png = Buffer.concat([
      Buffer.from(
        'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8BQDwAEhQGAhKmMIQAAAABJRU5ErkJggg==',
        'base64',
      ),
      Buffer.alloc(19 * 1024 * 1024),
    ])
    const body = JSON.stringify({
      ...picture,
      image_urls: [`data:image/png;base64,${png.toString('base64')}`],
    })
    const { text } = await ask(proxy, '/api/v1/tasks/create', { method: 'POST', key: customer.key, body })
    expect(JSON.parse(text)).toMatchObject({ code: 200 })
  })

  test('sends a stream on as it comes, and not when it has ended', async () => {
    const endless = await startGateway()
    onTestFinished(() => endless.stop())
    endless.sandbox.freeze('all')
    const proxy = await startProxy(name, endless.url)
    const reader = await endless.customer(15)
    const { json } = await reader.create(picture)
    const answer = await fetch(`${proxy}/api/v1/tasks/${json.data.task_id}/events`, {
      headers: { authorization: `Bearer ${reader.key}` },
    })
    const events = answer.body?.getReader()
    // The retry time and the first event may come in two parts.
    let heard = ''
    for (let part = 0; part < 2 && !heard.includes(json.data.task_id); part += 1) {
      heard += new TextDecoder().decode((await events?.read())?.value)
    }
    expect(heard).toContain(json.data.task_id)
    await events?.cancel()
  })

  test('shows customers the console, its files and the brand', async () => {
    const proxy = await startProxy(name, gateway.url)
    const page = await ask(proxy, '/console/tasks')
    expect([page.status, page.text]).toEqual([200, expect.stringContaining('id="console"')])
    const [, script = ''] = /src="(\.\/assets\/[^"]+)"/.exec(page.text) ?? []
    expect((await ask(proxy, new URL(script, 'http://any/console/').pathname)).status).toBe(200)
    expect(JSON.parse((await ask(proxy, '/api/v1/brand')).text)).toMatchObject({ code: 200 })
  })

  test("shows nobody the operator's paths, however they are written", async () => {
    const proxy = await startProxy(name, gateway.url)
    const paths = ['/admin/v1/accounts', '/admin/v1/stats', '/admin', '/metrics', '/readyz', '/healthz']
    paths.push('/console/admin/v1/stats')
    const spellings = (path: string) => [
      path,
      `/${path}`,
      `${path}/`,
      `/api/..${path}`,
      `/docs/../${path}`,
      `/api/%2e%2e${path}`,
      `/media/..%2f${path.slice(1)}`,
      path.replace('a', '%61'),
      path.toUpperCase(),
      `${path}?x=/api/v1`,
      `${path}#/api`,
    ]
    for (const path of paths.flatMap(spellings)) {
      const { status, text } = await ask(proxy, path, { key: adminToken })
      expect([path, status >= 400 || status === 301 || status === 308], text).toEqual([path, true])
      expect(text, path).not.toMatch(/tollgate_|"balance"|"status":"(?:ok|ready)"/)
    }
  })

  test("tells the gateway the client's address, whatever the client says of it", async () => {
    const proxy = await startProxy(name, gateway.url)
    const from = name === 'nginx' ? '127.0.0.2' : '127.0.0.3'
    const key = `sk-${'a'.repeat(32)}`
    const { status } = await ask(proxy, '/api/v1/credits', {
      key,
      from,
      headers: { 'x-forwarded-for': '203.0.113.7' },
    })
    expect(status).toBe(401)
    const refused = () =>
      log.filter((line) => line.includes('key refused')).map((line) => JSON.parse(line).ip)
    await until(
      async () => refused(),
      (ips) => ips.includes(from),
    )
    expect(refused()).not.toContain('203.0.113.7')
  })
})
