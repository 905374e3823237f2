// A delivery is part of the commit that ends its task: both are kept, or neither is.
import { expect, test } from 'vitest'
import { failTask, succeedTask } from '../../src/tasks/settle.ts'
import { taskById } from '../../src/tasks/store.ts'
import { openWebhookHarness } from './webhook-harness.ts'

const url = 'https://receiver.invalid/hook'
const failure = { reason: 'It did not work.', detail: 'a test' }
const result = {
  imageUrl: 'https://example.com/a.png',
  videoUrl: null,
  thumbnailUrl: null,
  width: 1,
  height: 1,
  durationSeconds: null,
}

test('a settle that is rolled back leaves no delivery, no refund and an open task', async () => {
  const { domain, order, log, caller } = await openWebhookHarness()
  const id = await order(url)
  const settling = domain.ctx.db.transaction(async (tx) => {
    await failTask({ tx, nowMs: 1 }, { id, credits: 15 }, failure)
    throw new Error('the store is full')
  })
  await expect(settling).rejects.toThrow('the store is full')
  expect(await log()).toEqual([])
  expect(await domain.balance(caller)).toBe(1_000_000 - 15)
  expect((await taskById(domain.ctx.db.read, { id }))[0]?.state).toBe('queued')
})

test('refund and delivery are one commit', async () => {
  const { domain, order, log, caller } = await openWebhookHarness()
  const id = await order(url)
  const before = await domain.store.commits()
  await domain.ctx.db.transaction((tx) => failTask({ tx, nowMs: 1 }, { id, credits: 15 }, failure))
  expect((await domain.store.commits()) - before).toBe(1)
  expect(await log()).toMatchObject([{ taskId: id, type: 'task.failed', state: 'pending' }])
  expect(await domain.balance(caller)).toBe(1_000_000)
})

test('of many that end a task, one writes one delivery, of the kind of its end', async () => {
  const { domain, order, log } = await openWebhookHarness()
  const { db } = domain.ctx
  const ids = await Promise.all(Array.from({ length: 20 }, () => order(url)))
  await db.transaction((tx) => tx.update(tx.tables.tasks).set({ state: 'running' }))
  await Promise.all(
    ids.flatMap((id) => [
      db.transaction((tx) => failTask({ tx, nowMs: 1 }, { id, credits: 15 }, failure)),
      db.transaction((tx) => succeedTask({ tx, nowMs: 1 }, { id }, { result, expiresAt: null })),
      db.transaction((tx) => failTask({ tx, nowMs: 1 }, { id, credits: 15 }, failure)),
    ]),
  )
  const written = await log()
  expect(written.map(({ taskId }) => taskId ?? '').toSorted()).toEqual(ids.toSorted())
  for (const { taskId, type } of written) {
    const [task] = await taskById(db.read, { id: taskId })
    expect(type).toBe(`task.${task?.state}`)
  }
})

test('the request’s own URL goes before the account’s; with neither nothing is written', async () => {
  const { fail, name, log } = await openWebhookHarness()
  await fail()
  expect(await log()).toEqual([])
  await name('https://account.invalid/hook')
  await fail(url)
  await fail()
  expect((await log()).map((one) => [one.source, one.url])).toEqual([
    ['account', 'https://account.invalid/hook'],
    ['request', url],
  ])
})

test('another account’s URL is told nothing', async () => {
  const { domain, fail, name, log } = await openWebhookHarness()
  const other = await domain.account(100)
  await name(url, other)
  await fail()
  expect([await log(), await log(other)]).toEqual([[], []])
})
