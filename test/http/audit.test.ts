// Drift is loud and takes nothing down: in the log, the metrics, the readiness and the operator's stats.
import { expect, onTestFinished, test } from 'vitest'
import { startGateway, until } from '../support/gateway.ts'
import type { Gateway } from '../support/gateway.ts'
import { manualClock } from '../support/clock.ts'

async function start(): Promise<{ gateway: Gateway; log: any[]; clock: ReturnType<typeof manualClock> }> {
  const clock = manualClock()
  const log: any[] = []
  const gateway = await startGateway({ clock, onLog: (line) => void log.push(JSON.parse(line)) })
  onTestFinished(async () => await gateway.stop())
  return { gateway, log, clock }
}

const gauge = async ({ call }: Gateway, name: string): Promise<number> =>
  Number(new RegExp(`^tollgate_${name} (\\S+)$`, 'm').exec((await call('GET', '/metrics')).text)?.[1])

test('the ledger is audited by itself, and what is broken is told everywhere while the gateway serves on', async () => {
  const { gateway, log, clock } = await start()
  const customer = await gateway.customer(100)
  const ledger = async () => (await gateway.call('GET', '/readyz')).json.ledger
  const stats = async () => (await gateway.operator('GET', '/stats')).json.data.ledger
  expect(await ledger()).toEqual({ ok: null })
  expect(await stats()).toBeNull()
  expect(await gauge(gateway, 'ledger_verified_timestamp_seconds')).toBe(0)

  const auditedAt = clock.now() + 120_000
  clock.advance(120_000)
  await until(ledger, ({ ok }) => ok !== null)
  expect(await ledger()).toEqual({ ok: true })
  expect(await gauge(gateway, 'ledger_drift')).toBe(0)
  expect(await gauge(gateway, 'ledger_verified_timestamp_seconds')).toBe(auditedAt / 1000)
  expect(await stats()).toEqual({ ok: true, broken: [], verified_at_ms: auditedAt, took_ms: 0 })
  expect(log.filter(({ level }) => level === 'error')).toEqual([])

  await gateway.store.write('UPDATE accounts SET balance = balance + 1')
  clock.advance(10 * 60_000)
  await until(ledger, ({ ok }) => ok === false)
  const broken = 'an account holds the sum of its entries'
  expect(await gauge(gateway, 'ledger_drift')).toBe(1)
  expect(await stats()).toMatchObject({ ok: false, broken: [broken] })
  expect(log.filter(({ level }) => level === 'error')).toMatchObject([
    { check: broken, rows: 1, first: { id: customer.accountId, expected: '100', found: '101' } },
  ])
  // Whoever reads /readyz without a key learns that there is something to look at, and not what.
  const ready = await gateway.call('GET', '/readyz')
  expect([ready.status, ready.json.status]).toEqual([200, 'ready'])
  expect(ready.text).not.toContain(customer.accountId)
  expect((await customer.create({ model_id: 'gpt-image-2', prompt: 'a' })).json.code).toBe(200)
})

test('what the operator asks for counts as an audit too, and twenty at once are answered alike', async () => {
  const { gateway } = await start()
  const customer = await gateway.customer(100)
  const answers = await Promise.all(
    Array.from({ length: 20 }, () => gateway.operator('GET', '/ledger/verify')),
  )
  for (const { json } of answers) expect(json.data).toEqual({ ok: true, accounts: 1, entries: 1, drift: [] })
  expect((await gateway.call('GET', '/readyz')).json.ledger).toEqual({ ok: true })
  expect(await customer.balance()).toBe(100)
})

test('/readyz shows neither fingerprints nor what the upstream said; the stats of the operator do', async () => {
  const { gateway } = await start()
  const customer = await gateway.customer(15)
  gateway.sandbox.script('submit', {
    kind: 'status',
    status: 401,
    body: { code: 100002, msg: 'invalid token', data: null },
  })
  await customer.create({ model_id: 'gpt-image-2', prompt: 'a' })
  const keys = async () => (await gateway.operator('GET', '/stats')).json.data.upstreams.keevx.keys
  const [key] = await until(keys, ([first]) => first.state !== 'ready')
  expect(key).toMatchObject({
    fingerprint: expect.stringMatching(/^[0-9a-f]{12}$/),
    detail: expect.any(String),
  })
  const ready = await gateway.call('GET', '/readyz')
  expect(ready.json.upstreams.keevx).toMatchObject([{ state: key.state }])
  expect(ready.text).not.toContain(key.fingerprint)
  expect(ready.text).not.toContain('invalid token')
})
