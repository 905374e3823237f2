// What has ended is kept for 30 days and then forgotten; what still signs, or is still to be told, is not.
import { expect, test } from 'vitest'
import { createCleaning } from '../../src/tasks/rescue/cleanup.ts'
import type { Context } from '../../src/context.ts'
import { forgetDeliveries } from '../../src/webhooks/deliveries.ts'
import { forgetRetired, renewSecret, signingSecrets } from '../../src/webhooks/signing/secrets.ts'
import { startReceiver, status } from '../support/receiver.ts'
import { openWebhookHarness } from './webhook-harness.ts'

const hourMs = 60 * 60_000

/** As the loop does. */
async function forgetAll(ctx: Context): Promise<void> {
  const { turn } = createCleaning(ctx)
  while (await turn());
}

test('ended deliveries are forgotten after 30 days, those under way never', async () => {
  const { domain, fail, turn, log } = await openWebhookHarness({ schedule: '[1000h]' })
  const [taking, failing] = [await startReceiver(), await startReceiver(status(500))]
  await fail(taking.url)
  await fail(failing.url)
  await turn()
  domain.clock.advance(30 * 24 * hourMs - 1_000)
  expect(await forgetDeliveries(domain.ctx, 200)).toBe(0)
  domain.clock.advance(2_000)
  await forgetAll(domain.ctx)
  expect(await log()).toMatchObject([{ state: 'pending' }])
})

test('a secret that signs no more is forgotten', async () => {
  const { domain, caller } = await openWebhookHarness()
  const { secret: first } = await renewSecret(domain.ctx, caller.accountId)
  const { secret } = await renewSecret(domain.ctx, caller.accountId)
  domain.clock.advance(24 * hourMs - 1)
  expect(await forgetRetired(domain.ctx, 200)).toBe(0)
  expect(await signingSecrets(domain.ctx, caller.accountId)).toEqual([secret, first])
  domain.clock.advance(1)
  expect(await signingSecrets(domain.ctx, caller.accountId)).toEqual([secret])
  await forgetAll(domain.ctx)
  expect(await domain.ctx.db.read.select().from(domain.ctx.db.read.tables.webhookSecrets)).toHaveLength(1)
  expect(await forgetRetired(domain.ctx, 200)).toBe(0)
})
