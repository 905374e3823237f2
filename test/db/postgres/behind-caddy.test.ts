// The files of compose.postgres.yaml, with programs of this machine: PostgreSQL, two gateways, Caddy and a bucket.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, onTestFinished, test } from 'vitest'
import { openBucket } from '../../media/bucket.ts'
import { hasCaddy, startCaddy } from '../../proxies/proxy.ts'
import { adminToken, quickYaml, startGateway, until } from '../../support/gateway.ts'
import { hasPostgres } from '../../support/stores/postgres-server.ts'
import { wireTo } from '../../support/stores/postgres-proxy.ts'
import { postgres } from '../../support/stores/postgres.ts'
import { root } from '../../tidy/tree.ts'

const read = (name: string) => readFileSync(join(root, 'deploy', name), 'utf8')

async function start() {
  const bucket = await openBucket()
  onTestFinished(async () => await bucket.close())
  const yaml = read('gateways.yaml')
    .replace('http://files:8333', bucket.endpoint)
    .replace(/trusted_proxies: .*/, 'trusted_proxies: [127.0.0.1]\n  allow_hosts: [127.0.0.1]')
  const env = { S3_ACCESS_KEY_ID: 'S3RVER', S3_SECRET_ACCESS_KEY: 'S3RVER', PUBLIC_URL: 'http://127.0.0.1:1' }
  const databaseUrl = postgres.newUrl()
  await postgres.placeFresh(databaseUrl)
  const wire = await wireTo(databaseUrl)
  const options = {
    store: postgres.open(wire.databaseUrl),
    yaml: `${quickYaml.replace(/^media: .*\n/m, '')}${yaml}`,
    env,
    // Caddy looks each second.
    drainMs: 3_000,
  }
  const gateway = await startGateway(options)
  onTestFinished(async () => await gateway.stop())
  const other = await startGateway({ ...options, upstreamUrl: gateway.sandbox.baseUrl })
  onTestFinished(async () => await other.stop())
  const file = read('Caddyfile')
    .replaceAll('gateway-1:8787', new URL(other.url).host)
    .replaceAll('gateway-2:8787', new URL(gateway.url).host)
  return { gateway, other, wire, proxy: await startCaddy(file, '{$DOMAIN}') }
}

describe.skipIf(!hasPostgres || !hasCaddy)('compose.postgres.yaml', () => {
  test('orders, results and callbacks go through Caddy to two gateways, and on to one when the other stops', async () => {
    const { gateway, other, proxy } = await start()
    const { key } = await gateway.customer(100)
    const ask = async (path: string, body?: unknown): Promise<Response> =>
      await fetch(`${proxy}${path}`, {
        method: body === undefined ? 'GET' : 'POST',
        headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
        ...(body !== undefined && { body: JSON.stringify(body) }),
      })
    const ids: string[] = []
    for (let order = 0; order < 6; order += 1) {
      if (order === 3) await other.app.stop()
      const created = await ask('/api/v1/tasks/create', { model_id: 'gpt-image-2', prompt: `heron ${order}` })
      expect(created.status).toBe(200)
      ids.push(((await created.json()) as { data: { task_id: string } }).data.task_id)
    }
    for (const id of ids) {
      const { data } = await until(
        async () => (await (await ask(`/api/v1/tasks/${id}`)).json()) as { data: any },
        (seen) => seen.data.task_status >= 3,
      )
      expect(data).toMatchObject({ task_status: 3, image_url: expect.stringContaining('/media/') })
      const picture = await fetch(`${proxy}${new URL(data.image_url).pathname}`)
      expect(picture.headers.get('content-type')).toMatch(/^image\//)
    }
    expect(((await (await ask('/api/v1/credits')).json()) as { data: unknown }).data).toMatchObject({
      balance: 10,
    })
    const callback = await fetch(`${proxy}/callbacks/none`, { method: 'POST', body: '{}' })
    expect(callback.headers.get('x-request-id')).toMatch(/^req_/)
  })

  test('while the database is away, customers hear from a gateway what that means for their order', async () => {
    const { gateway, proxy, wire } = await start()
    const { key } = await gateway.customer(100)
    wire.cut()
    onTestFinished(wire.mend)
    const readyz = async () => (await fetch(`${gateway.url}/readyz`)).status
    await until(readyz, (status) => status === 503)
    // Caddy looks each second.
    for (let time = 0; time < 3; time += 1) {
      const refused = await fetch(`${proxy}/api/v1/tasks/create`, {
        method: 'POST',
        headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
        body: JSON.stringify({ model_id: 'gpt-image-2', prompt: 'a heron' }),
      })
      expect(refused.status).toBe(503)
      expect(await refused.json()).toMatchObject({ code: 0, error: { type: 'unavailable' } })
    }
  })

  test("the operator's paths are not to be had through Caddy", async () => {
    const { proxy } = await start()
    const headers = { authorization: `Bearer ${adminToken}` }
    for (const path of ['/admin/v1/accounts', '/metrics', '/readyz', '/healthz'])
      expect((await fetch(`${proxy}${path}`, { headers })).status).toBe(404)
  })
})
