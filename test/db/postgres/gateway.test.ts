// A whole gateway while its PostgreSQL server is away: it says so, charges nothing, and goes on by itself.
import { describe, expect, onTestFinished, test } from 'vitest'
import { storeAt } from '../../../src/db/store-at.ts'
import { startGateway, until } from '../../support/gateway.ts'
import { hasPostgres } from '../../support/stores/postgres-server.ts'
import { wireTo } from '../../support/stores/postgres-proxy.ts'
import { postgres } from '../../support/stores/postgres.ts'

const picture = { model_id: 'gpt-image-2', prompt: 'a heron' }

async function start() {
  const databaseUrl = postgres.newUrl()
  await postgres.placeFresh(databaseUrl)
  const wire = await wireTo(databaseUrl)
  const logged: string[] = []
  const gateway = await startGateway({
    store: postgres.open(wire.databaseUrl),
    onLog: (line) => logged.push(line),
  })
  onTestFinished(async () => {
    wire.mend()
    await gateway.stop()
  })
  return { wire, gateway, logged }
}

describe.skipIf(!hasPostgres)('PostgreSQL', () => {
  test('requests are refused in true words while the server is away, and orders end once it is back', async () => {
    const { wire, gateway, logged } = await start()
    const customer = await gateway.customer(100)
    const before = await customer.create(picture)
    wire.cut()
    const [created, asked] = await Promise.all([
      customer.create(picture),
      customer.get(`/tasks/${before.json.data.task_id}`),
    ])
    for (const refused of [created, asked]) {
      expect(refused.status).toBe(503)
      expect(refused.json).toMatchObject({ code: 0, error: { type: 'unavailable' } })
      expect(refused.headers.get('retry-after')).not.toBeNull()
    }
    expect(created.json.msg).toContain('Nothing was charged')
    expect((await gateway.call('GET', '/healthz')).status).toBe(200)
    expect((await gateway.call('GET', '/readyz')).status).toBe(503)
    wire.mend()
    await until(
      async () => (await gateway.call('GET', '/readyz')).status,
      (status) => status === 200,
    )
    expect(await customer.ended(before.json.data.task_id)).toMatchObject({ task_status: 3 })
    expect(await customer.balance()).toBe(85)
    const after = await customer.create(picture)
    expect(await customer.ended(after.json.data.task_id)).toMatchObject({ task_status: 3 })
    expect((await gateway.operator('GET', '/ledger/verify')).json.data).toMatchObject({ ok: true })
    expect(logged.join('\n')).not.toContain(new URL(wire.databaseUrl).password)
  })

  test('an order whose commit was cut off is made and charged once, and its client is answered', async () => {
    const { wire, gateway } = await start()
    const customer = await gateway.customer(100)
    for (const when of ['before it is heard', 'before its answer is'] as const) {
      wire.cutAt({ text: '; COMMIT', when })
      const { json } = await customer.create(picture, { 'idempotency-key': when })
      expect(json).toMatchObject({ code: 200, data: { credits: 15 } })
      expect(await customer.ended(json.data.task_id)).toMatchObject({ task_status: 3 })
    }
    expect(await customer.balance()).toBe(70)
    expect((await gateway.operator('GET', '/ledger/verify')).json.data).toMatchObject({ ok: true })
  })

  test('while the server stands still, whoever watches the gateway is told so, and soon', async () => {
    const { wire, gateway } = await start()
    wire.freeze()
    const [ready, metrics] = await Promise.all([
      gateway.call('GET', '/readyz'),
      fetch(`${gateway.url}/metrics`),
    ])
    expect(ready.status).toBe(503)
    expect(metrics.status).toBe(200)
    expect(await metrics.text()).toContain('tollgate_metric_errors_total{metric="tollgate_queue_depth"} 1')
    expect((await gateway.call('GET', '/healthz')).status).toBe(200)
    wire.cut()
  })

  test('a store that is served is owned by nobody alone, who is told by whom it is served', async () => {
    const { gateway } = await start()
    await expect(storeAt(gateway.store.databaseUrl).own()).rejects.toThrow(
      new RegExp(`is being served by another tollgate: process ${process.pid} on`),
    )
  })

  test('a store that somebody owns alone is served by nobody', async () => {
    const databaseUrl = postgres.newUrl()
    await postgres.placeFresh(databaseUrl)
    const owned = await storeAt(databaseUrl).own()
    await expect(startGateway({ store: postgres.open(databaseUrl) })).rejects.toThrow('is being served')
    await owned.release()
    const gateway = await startGateway({ store: postgres.open(databaseUrl) })
    expect((await gateway.call('GET', '/readyz')).status).toBe(200)
    await gateway.stop()
  })
})
