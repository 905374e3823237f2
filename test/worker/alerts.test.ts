// The gateway looks for what is wrong by itself, tells it, and stops when it is told to.
import { expect, test } from 'vitest'
import type { Auditor } from '../../src/ledger/auditor.ts'
import { startAlerts } from '../../src/worker/alerts.ts'
import { openDomainHarness } from '../support/domain-harness.ts'
import { until } from '../support/gateway.ts'
import { startReceiver, status } from '../support/receiver.ts'

const auditor: Auditor = {
  verify: async () => await Promise.reject(new Error('not asked')),
  last: () => ({ ok: false, drift: [], atMs: 0, tookMs: 0 }),
  stop: async () => undefined,
}

test('what is wrong is told by itself, again where it was not taken, and nothing after the stop', async () => {
  const receiver = await startReceiver(status(500))
  const { ctx, clock } = await openDomainHarness({
    yaml: `network: { allow_hosts: [127.0.0.1] }\nalerts: { receivers: { night: { type: slack, url: "${receiver.url}" } } }\n`,
  })
  const alerts = startAlerts(ctx, auditor)
  const toldAfter = async (count: number) =>
    await until(
      () => {
        clock.advance(5_000)
        return receiver.told.length
      },
      (told) => told >= count,
    )
  await toldAfter(1)
  expect(receiver.told[0]?.body).toContain('ledger')
  receiver.answer = status(200)
  await toldAfter(2)
  await alerts.stop()
  clock.advance(3_600_000)
  await new Promise(setImmediate)
  expect(receiver.told).toHaveLength(2)
})
