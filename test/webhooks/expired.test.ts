// What a receiver is sent long after the end of a task: the task as it is then, with no URL that is dead.
import { expect, test } from 'vitest'
import { succeedTask } from '../../src/tasks/settle.ts'
import { moveTask } from '../../src/tasks/store.ts'
import { resend } from '../../src/webhooks/deliveries.ts'
import { startReceiver, status } from '../support/receiver.ts'
import { openWebhookHarness } from './webhook-harness.ts'

const hourMs = 60 * 60_000

async function told(lastsMs: number) {
  const harness = await openWebhookHarness({ schedule: '[2h]' })
  const { domain, caller, order, turn, log } = harness
  const receiver = await startReceiver(status(500))
  const id = await order(receiver.url)
  const measures = { width: 1, height: 1, durationSeconds: null }
  const result = { imageUrl: 'https://keevx.example/a.png', videoUrl: null, thumbnailUrl: null, ...measures }
  await domain.ctx.db.transaction(async (tx) => {
    const nowMs = domain.clock.now()
    await moveTask(tx, id, { from: ['queued'], to: { state: 'running', upstreamTaskId: 'u1' } })
    await succeedTask({ tx, nowMs }, { id }, { result, expiresAt: nowMs + lastsMs })
  })
  await turn()
  expect(receiver.told).toHaveLength(1)
  receiver.answer = status(200)
  const last = () => JSON.parse(receiver.told.at(-1)?.body ?? '{}')
  expect(last().data).toMatchObject({ image_url: result.imageUrl, result_expired: false })
  return { domain, caller, receiver, turn, log, last }
}

test('a try that comes after the result has expired bears no URL of it, and is signed as it is sent', async () => {
  const { domain, receiver, turn, last } = await told(hourMs)
  const before = last()
  domain.clock.advance(2.5 * hourMs)
  expect(await turn()).toBe(1)
  expect(receiver.told).toHaveLength(2)
  expect(last()).toEqual({
    ...before,
    data: { ...before.data, image_url: null, result_expires_at: null, result_expired: true },
  })
  const [first, second] = receiver.told.map(({ headers }) => headers['webhook-signature'])
  expect(first).not.toBe(second)
})

test('a try before that bears it still', async () => {
  const { domain, turn, last } = await told(3 * hourMs)
  domain.clock.advance(2.5 * hourMs)
  expect(await turn()).toBe(1)
  expect(last().data).toMatchObject({ image_url: 'https://keevx.example/a.png', result_expired: false })
})

test('a resend bears the task as it is read then', async () => {
  const { domain, caller, turn, log, last } = await told(hourMs)
  const [one] = await log()
  const dataOf = async () => ({ task_id: one?.taskId, image_url: 'https://gate.example/media/x.png' })
  await resend(domain.ctx, caller.accountId, { id: one?.id ?? '', dataOf })
  expect(await turn()).toBe(1)
  expect(last()).toMatchObject({
    type: 'task.succeeded',
    data: { image_url: 'https://gate.example/media/x.png' },
  })
})
