// The log of deliveries goes with its order, however many webhooks a task had.
import { expect, test } from 'vitest'
import { eventTypes } from '../../../src/db/tables.ts'
import { createDelivering } from '../../../src/webhooks/deliver.ts'
import { setEndpoint } from '../../../src/webhooks/endpoint.ts'
import { startReceiver } from '../../support/receiver.ts'
import { openDesk } from '../../webhooks/desk.ts'
import { archiveAll, archived, dayMs, dispatchAll, drift, pollAll, result } from './scene.ts'

test('of a task with several webhooks each is written out, and each holds the order back while it is under way', async () => {
  const desk = await openDesk()
  const { shop, caller } = desk
  const receiver = await startReceiver()
  await setEndpoint(shop.ctx, caller.accountId, { url: receiver.url, types: eventTypes })
  const id = await desk.order()
  shop.submitted = () => ({ kind: 'accepted', taskIds: ['i2is-1'] })
  await dispatchAll(shop)
  // Under way when the task ends, by a process that is gone.
  expect(await createDelivering(shop.ctx).claim(64)).toHaveLength(1)
  shop.seen = () => ({ kind: 'succeeded', result })
  await pollAll(shop)
  await desk.turn()
  expect(await desk.log()).toMatchObject([{ state: 'delivered' }, { type: 'task.running', state: 'pending' }])
  shop.clock.advance(2 * dayMs)
  expect(await archiveAll(shop)).toMatchObject({ orders: 0, stay: { delivery: 1 } })
  await desk.turn()
  expect(await archiveAll(shop)).toMatchObject({ orders: 1 })
  expect(archived(shop)).toMatchObject([
    {
      tasks: [{ id }],
      deliveries: [
        { task_id: id, type: 'task.running', state: 'superseded' },
        { task_id: id, type: 'task.succeeded', state: 'delivered' },
      ],
    },
  ])
  expect(await desk.log()).toEqual([])
  expect(await drift(shop)).toEqual([])
})
