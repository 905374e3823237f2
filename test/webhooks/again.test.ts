// A delivery that nobody wrote the end of is sent again: told twice perhaps, never not at all.
import { expect, test } from 'vitest'
import { releaseLeases } from '../../src/tasks/rescue/release-leases.ts'
import { createDelivering } from '../../src/webhooks/deliver.ts'
import { resend } from '../../src/webhooks/deliveries.ts'
import { startReceiver, status } from '../support/receiver.ts'
import { openWebhookHarness } from './webhook-harness.ts'

test('a process that dies after sending, before writing it down, sends again: at least once', async () => {
  const { domain, fail, turn, log } = await openWebhookHarness({ timeout: '400ms' })
  const receiver = await startReceiver()
  await fail(receiver.url)
  const dying = createDelivering({
    ...domain.ctx,
    db: {
      ...domain.ctx.db,
      transaction: async (work, options) => {
        if (receiver.told.length > 0) throw new Error('killed')
        return await domain.ctx.db.transaction(work, options)
      },
    },
  })
  const claimed = await dying.claim(64)
  await Promise.allSettled(claimed.map((one) => dying.run(one, new AbortController().signal)))
  expect(receiver.told).toHaveLength(1)
  expect(await log()).toMatchObject([{ state: 'pending', claimed: true }])
  expect(await turn(), 'while its lease holds').toBe(0)
  domain.clock.advance(31_000)
  expect(await turn()).toBe(1)
  expect(receiver.told.map(({ headers }) => headers['webhook-id'])).toEqual(
    Array(2).fill(receiver.told[0]?.headers['webhook-id']),
  )
  expect(await log()).toMatchObject([{ state: 'delivered' }])
})

test('one that dies before sending has sent nothing, and the next sends it', async () => {
  const { domain, fail, turn } = await openWebhookHarness({ timeout: '400ms' })
  const receiver = await startReceiver()
  await fail(receiver.url)
  expect(await createDelivering(domain.ctx).claim(64)).toHaveLength(1)
  expect(receiver.told).toEqual([])
  domain.clock.advance(31_000)
  expect(await turn()).toBe(1)
  expect(receiver.told).toHaveLength(1)
})

test('what was asked for again while it was under way is sent again', async () => {
  const { domain, caller, fail, turn, log } = await openWebhookHarness({ timeout: '400ms' })
  const receiver = await startReceiver((response) => {
    void (async () => {
      const [one] = await log()
      if (receiver.told.length === 1) {
        await resend(domain.ctx, caller.accountId, { id: one?.id ?? '', dataOf: async () => ({}) })
      }
      response.end()
    })()
  })
  await fail(receiver.url)
  await turn()
  expect(await log()).toMatchObject([{ state: 'pending', dueAt: domain.clock.now() }])
  await turn()
  expect(await log()).toMatchObject([{ state: 'delivered' }])
})

test('the process after it does not wait for the lease of the dead one', async () => {
  const { domain, fail, turn } = await openWebhookHarness({ timeout: '400ms' })
  const receiver = await startReceiver()
  await fail(receiver.url)
  await createDelivering(domain.ctx).claim(64)
  await releaseLeases(domain.ctx)
  expect(await turn()).toBe(1)
  expect(receiver.told).toHaveLength(1)
})

test('a stop in the middle of a try leaves it due at once, and not counted', async () => {
  const { domain, fail, turn, log } = await openWebhookHarness({ timeout: '400ms' })
  const tornDown = new AbortController()
  const receiver = await startReceiver(() => tornDown.abort())
  await fail(receiver.url)
  const stopping = createDelivering(domain.ctx)
  const claimed = await stopping.claim(64)
  await Promise.all(claimed.map((one) => stopping.run(one, tornDown.signal)))
  expect(await log()).toMatchObject([{ state: 'pending', attemptsMade: 0, dueAt: domain.clock.now() }])
  receiver.answer = (response) => void response.end()
  await turn()
  expect(await log()).toMatchObject([{ state: 'delivered', attemptsMade: 1 }])
})

test('whoever slept past its lease decides nothing any more', async () => {
  const { domain, fail, log } = await openWebhookHarness({ timeout: '400ms' })
  const receiver = await startReceiver(status(500))
  await fail(receiver.url)
  const never = new AbortController().signal
  const [sleeper, other] = [createDelivering(domain.ctx), createDelivering(domain.ctx)]
  const [slept] = await sleeper.claim(64)
  domain.clock.advance(31_000)
  const [taken] = await other.claim(64)
  if (!slept || !taken) throw new Error('both have claimed it')
  await sleeper.run(slept, never)
  expect(await log()).toMatchObject([{ claimed: true, dueAt: taken.dueAt, attemptsMade: 0 }])
  receiver.answer = status(200)
  await other.run(taken, never)
  expect(await log()).toMatchObject([{ state: 'delivered', attemptsMade: 1 }])
})
