// A gateway whose clock jumps says so, orders on, and charges no key twice; one whose store is moved away ends.
import { renameSync } from 'node:fs'
import { expect, onTestFinished, test } from 'vitest'
import { systemClock } from '../../src/clock.ts'
import { startGateway, until } from '../support/gateway.ts'
import { fileOf } from '../support/stores/sqlite-file.ts'

test('a gateway whose clock is a day ahead reports it, serves on, and charges a key once', async () => {
  let aheadMs = 0
  const lines: string[] = []
  const clock = { ...systemClock, now: () => systemClock.now() + aheadMs }
  const gateway = await startGateway({ clock, onLog: (line) => lines.push(line) })
  onTestFinished(() => gateway.stop())
  const customer = await gateway.customer(100)
  const order = () =>
    customer.create({ model_id: 'gpt-image-2', prompt: 'a heron' }, { 'idempotency-key': 'one key' })
  const first = await order()
  const ready = async () => (await gateway.call('GET', '/readyz')).json
  const metrics = async () => (await gateway.call('GET', '/metrics')).text
  expect((await ready()).clock).toEqual({ ok: true })
  aheadMs = 26 * 3_600_000
  expect(await ready()).toMatchObject({
    status: 'ready',
    clock: { ok: false, ahead_seconds: 26 * 3_600, detail: expect.stringContaining('not believed') },
  })
  expect(await metrics()).toMatch(/^tollgate_clock_plausible 0$/m)
  expect(await metrics()).toMatch(/^tollgate_clock_ahead_seconds 93600/m)
  expect(lines.filter((line) => line.includes('has jumped'))).toHaveLength(1)
  const again = await order()
  expect(again.headers.get('idempotency-replayed')).toBe('true')
  expect(again.json.data).toEqual(first.json.data)
  await customer.ended(first.json.data.task_id)
  expect(await customer.balance()).toBe(85)
  aheadMs = 0
  expect((await ready()).clock).toEqual({ ok: true })
  expect(await metrics()).toMatch(/^tollgate_clock_plausible 1$/m)
  expect(lines.some((line) => line.includes('is right again'))).toBe(true)
})

test('a gateway whose store is renamed tells no customer that an order was kept, and is not ready', async () => {
  const gateway = await startGateway()
  onTestFinished(() => gateway.stop())
  const customer = await gateway.customer(100)
  const file = fileOf(gateway.store.databaseUrl)
  renameSync(file, `${file}.old`)
  const order = await customer.create({ model_id: 'gpt-image-2', prompt: 'a heron' })
  expect(order.json).toMatchObject({ error: { type: 'unavailable' } })
  expect(
    await until(
      () => gateway.call('GET', '/readyz'),
      ({ status }) => status !== 200,
    ),
  ).toMatchObject({ status: 503 })
})
