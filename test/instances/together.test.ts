// Several gateways on one store: customers cannot tell which of them answers, and nothing is ordered twice.
import { describe, expect, test } from 'vitest'
import { signedIn } from '../http/console/browser.ts'
import { watchAt } from '../http/event-stream.ts'
import { until } from '../support/gateway.ts'
import { newSharedStoreUrl } from '../support/test-store.ts'
import { startCounted } from './wires.ts'
import { picture, startTogether } from './together.ts'

const limitedYaml = (submit: string, limits = 'requests_per_minute: off') => `
upstreams:
  keevx:
    adapter: keevx
    submit: { queue_for: 5m, timeout: 30s, attempts: 3, after_429: 1s, after_5xx: 50ms, ambiguous: retry, ${submit} }
    image: { poll_every: 30ms, give_up_after: 5m }
    video: { poll_every: 30ms, give_up_after: 5m }
limits: { ${limits}, unauthenticated_per_minute: off, tasks_in_flight: off }
media: { store: none }
`

describe.skipIf(!newSharedStoreUrl)('gateways on one store', () => {
  test('make each order once, show it alike, and charge it once, whichever of them is asked', async () => {
    const { gateways, customer, at } = await startTogether(3)
    const someone = await customer(10_000)
    const orders = await Promise.all(
      Array.from({ length: 60 }, async (_, n) => {
        const created = await at(gateways[n % 3], someone).create(picture)
        return created.json.data.task_id as string
      }),
    )
    const elsewhere = orders.map((id, n) => ({ id, by: at(gateways[(n + 1) % 3], someone) }))
    for (const { id, by } of elsewhere) {
      await until(
        async () => (await by.task(id)).task_status,
        (status) => status === 3,
      )
    }
    expect(gateways[0]?.sandbox.submissions).toHaveLength(60)
    for (const gateway of gateways) expect(await at(gateway, someone).balance()).toBe(10_000 - 60 * 15)
    const verified = await gateways[2]?.operator('GET', '/ledger/verify')
    expect(verified?.json.data).toMatchObject({ ok: true, drift: [] })
  })

  test('let twins with one Idempotency-Key in once, whichever of them gets which', async () => {
    const { gateways, customer, at } = await startTogether(3)
    // Enough for one of each pair: the twin of a charged order must not be told that credits are missing.
    const someone = await customer(15)
    const headers = { 'idempotency-key': 'once' }
    const answers = await Promise.all(
      Array.from({ length: 12 }, async (_, n) => await at(gateways[n % 3], someone).create(picture, headers)),
    )
    const ids = new Set(answers.map(({ json }) => json.data?.task_id))
    expect([...ids]).toEqual([expect.stringMatching(/^task_/)])
    expect(answers.filter((answer) => answer.headers.get('idempotency-replayed') === 'true')).toHaveLength(11)
    expect(await at(gateways[1], someone).balance()).toBe(0)
  })

  test('refuse a key everywhere as soon as it is revoked by one', async () => {
    const { gateways, customer, at } = await startTogether(2)
    const [first, second] = gateways
    const someone = await customer(100)
    expect((await at(second, someone).get('/credits')).status).toBe(200)
    const keys = await first?.operator('GET', `/accounts/${someone.accountId}/keys`)
    await first?.operator('DELETE', `/keys/${keys?.json.data.keys[0].id}`)
    expect((await at(second, someone).get('/credits')).status).toBe(401)
  })

  test('let in as many requests within a minute as an account may make, whichever of them gets which', async () => {
    const yaml = limitedYaml('in_flight: auto', 'requests_per_minute: 60')
    const { gateways, customer, at } = await startTogether(3, { yaml })
    const someone = await customer(100)
    const answers = await Promise.all(
      Array.from({ length: 600 }, async (_, n) => await at(gateways[n % 3], someone).get('/credits')),
    )
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(60)
    const refused = answers.filter(({ status }) => status === 429)
    expect(refused).toHaveLength(540)
    for (const { headers } of refused) expect(Number(headers.get('retry-after'))).toBeGreaterThan(50)
  })

  test('order no more at once than the upstream takes, all together', async () => {
    const upstream = await startCounted()
    const { gateways, customer, at } = await startTogether(2, {
      yaml: limitedYaml('in_flight: 5'),
      upstreamUrl: upstream.url,
    })
    const [first, second] = gateways
    // Both know of each other: a new one orders nothing before.
    for (const gateway of gateways) {
      await until(
        async () => (await gateway.call('GET', '/readyz')).json.instances,
        ({ count, rank }) => count === 2 && rank !== null,
      )
    }
    const someone = await customer(1_000)
    const created = await Promise.all(
      Array.from({ length: 40 }, async (_, n) => await at(n % 2 ? first : second, someone).create(picture)),
    )
    for (const { json } of created) {
      await until(
        async () => (await at(first, someone).task(json.data.task_id)).task_status,
        (status) => status === 3,
      )
    }
    expect(upstream.most()).toBeLessThanOrEqual(5)
    expect(upstream.most()).toBeGreaterThan(2)
  })

  test('wake a client that waits at one of them for what another has ended', async () => {
    const { gateways, customer, at } = await startTogether(2)
    const [first, second] = gateways
    const someone = await customer(100)
    const created = await at(first, someone).create(picture)
    const id = created.json.data.task_id
    const waited = await at(second, someone).get(`/tasks/${id}?wait=60`)
    expect(waited.json.data).toMatchObject({ task_id: id, task_status: 3 })
  })

  test('tell a stream at one what another has changed, and end it with its session', async () => {
    const { gateways, customer } = await startTogether(2)
    const [first, second] = gateways
    if (!first || !second) throw new Error('two gateways')
    const someone = await customer(100)
    const browser = await signedIn(first, { secret: someone.key })
    const page = { origin: second.url, cookie: browser.cookie }
    const stream = await watchAt(`${second.url}/console/api/v1/events`, page)
    await until(
      () => stream.text(),
      (text) => text.includes('event: reset'),
    )
    const id = (await someone.create(picture)).json.data.task_id
    await until(
      () => stream.events().at(-1)?.data,
      ({ task_id: told, task_status: status }) => told === id && status === 3,
    )
    await browser.call('DELETE', '/console/session')
    await expect(stream.ended).resolves.toBeUndefined()
  })

  test('go on when one of them stops, which answers until a load balancer has seen it', async () => {
    const { gateways, customer, at } = await startTogether(2, { drainMs: 1_000 })
    const [first, second] = gateways
    const someone = await customer(1_000)
    await until(
      async () => (await second?.call('GET', '/readyz'))?.json.instances,
      ({ count }) => count === 2,
    )
    const stopping = second?.app.stop()
    await until(
      async () => (await second?.call('GET', '/readyz'))?.status,
      (status) => status === 503,
    )
    const created = await at(second, someone).create(picture)
    expect(created.json.code).toBe(200)
    await stopping
    await until(
      async () => (await at(first, someone).task(created.json.data.task_id)).task_status,
      (status) => status === 3,
    )
    const alone = await until(
      async () => (await first?.call('GET', '/readyz'))?.json.instances,
      ({ count }) => count === 1,
    )
    expect(alone).toEqual({ count: 1, rank: 0 })
  })
})
