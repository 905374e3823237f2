// A prediction whose first frame is made first, cancelled by Replicate's clients: all of its outputs, whatever they bear.
import { expect, test } from 'vitest'
import { startGateway } from '../../../support/gateway.ts'

test('all outputs that wait for a first frame are cancelled at once, and everything comes back', async () => {
  const gateway = await startGateway()
  const { accountId, key, balance } = await gateway.customer(100)
  const call = async (path: string, body?: unknown) =>
    (await gateway.call('POST', `/replicate/v1/${path}`, { key, ...(body !== undefined && { body }) })).json
  const { slots } = gateway.app.ctx.upstreams.get('keevx') ?? expect.fail()
  // As if so many of its orders hung, so that one more waits.
  for (let at = 0; at < 1_000; at += 1) slots.take(accountId)
  const waiting = await call('models/a/keevx-s/predictions', { input: { prompt: 'a', n: 3 } })
  expect(await balance()).toBe(100 - 3 * 24 - 10)
  expect(await call(`predictions/${waiting.id}/cancel`)).toMatchObject({ status: 'canceled', logs: '' })
  expect(await balance()).toBe(100)
  expect(gateway.sandbox.submissions).toEqual([])
  await gateway.stop()
})
