// The log of deliveries goes with its order, however many webhooks a task had.
import { expect, test } from 'vitest'
import { eventTypes } from '../../../src/db/tables.ts'
import { createDelivering } from '../../../src/webhooks/deliver.ts'
import { setEndpoint } from '../../../src/webhooks/endpoint.ts'
import { startReceiver } from '../../support/receiver.ts'
import { openWebhookHarness } from '../../webhooks/webhook-harness.ts'
import { archiveAll, archived, dayMs, dispatchAll, drift, pollAll, result } from './scene.ts'

test('of a task with several webhooks each is written out, and each holds the order back while it is under way', async () => {
  const harness = await openWebhookHarness()
  const { domain, caller } = harness
  const receiver = await startReceiver()
  await setEndpoint(domain.ctx, caller.accountId, { url: receiver.url, types: eventTypes })
  const id = await harness.order()
  domain.submitted = () => ({ kind: 'accepted', taskIds: ['i2is-1'] })
  await dispatchAll(domain)
  // Under way when the task ends, by a process that is gone.
  expect(await createDelivering(domain.ctx).claim(64)).toHaveLength(1)
  domain.seen = () => ({ kind: 'succeeded', result })
  await pollAll(domain)
  await harness.turn()
  expect(await harness.log()).toMatchObject([
    { state: 'delivered' },
    { type: 'task.running', state: 'pending' },
  ])
  domain.clock.advance(2 * dayMs)
  expect(await archiveAll(domain)).toMatchObject({ orders: 0, stay: { delivery: 1 } })
  await harness.turn()
  expect(await archiveAll(domain)).toMatchObject({ orders: 1 })
  expect(archived(domain)).toMatchObject([
    {
      tasks: [{ id }],
      deliveries: [
        { task_id: id, type: 'task.running', state: 'superseded' },
        { task_id: id, type: 'task.succeeded', state: 'delivered' },
      ],
    },
  ])
  expect(await harness.log()).toEqual([])
  expect(await drift(domain)).toEqual([])
})
