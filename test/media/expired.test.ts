// A result that has expired is shown nowhere any more, whoever kept it: views, lists, streams, the operator, and webhooks.
import { expect, test } from 'vitest'
import { systemClock } from '../../src/clock.ts'
import { expiryTime } from '../../src/expiry.ts'
import { operatorView } from '../../src/tasks/read/task-detail.ts'
import { showTasks, viewTask } from '../../src/tasks/read/view.ts'
import { bodyAt, bodyOf } from '../../src/webhooks/events/body.ts'
import { watch } from '../http/event-stream.ts'
import { quickYaml, startGateway, until } from '../support/gateway.ts'
import { receiverYaml, startReceiver, status } from '../support/receiver.ts'
import { bytes, openMediaHarness, png } from './media-harness.ts'
import type { MediaHarness, MediaHarnessOptions } from './media-harness.ts'

const dayMs = 24 * 60 * 60_000

const gone = {
  task_status: 3,
  image_url: null,
  video_url: null,
  audio_url: null,
  thumbnail_url: null,
  result_expires_at: null,
  result_expired: true,
}

/** Every way in which a task is read. */
async function readings(harness: MediaHarness, id: string) {
  const nowMs = expiryTime(harness.ctx)
  const task = await harness.task(id)
  const [listed] = await showTasks(harness.ctx.db.read, [task], nowMs)
  const operators = (await operatorView(harness.ctx.db.read, [task], nowMs))(task)
  return [viewTask(task, nowMs), listed, operators]
}

test.each<[string, MediaHarnessOptions, boolean, number]>([
  ['with store: none', { media: 'store: none' }, true, 7],
  ['without PUBLIC_URL', { publicUrl: '' }, true, 7],
  ['that could not be kept', {}, false, 7],
  ['that was kept, before its file is removed', {}, true, 10],
])('a result %s', async (_name, options, isThere, days) => {
  const harness = await openMediaHarness(options)
  if (isThere) harness.files.serve['/a.png'] = bytes(png)
  const id = await harness.made({ thumbnail: '/a.png' })
  for (let tries = 0; tries < 6 && (await harness.task(id)).state !== 'succeeded'; tries += 1) {
    await harness.turn()
    harness.clock.advance(30_000)
  }
  const task = await harness.task(id)
  const expiresAt = task.resultExpiresAt ?? expect.fail('every result expires')
  expect(expiresAt).toBeGreaterThan(harness.clock.now() + (days - 1) * dayMs)
  expect(expiresAt).toBeLessThanOrEqual(harness.clock.now() + days * dayMs)
  harness.clock.advance(expiresAt - harness.clock.now() - 1)
  for (const view of await readings(harness, id)) {
    expect(view).toMatchObject({ result_expired: false, image_url: expect.stringContaining('http') })
    expect(view?.result_expires_at).toBe(Math.floor(expiresAt / 1000))
  }
  harness.clock.advance(1)
  for (const view of await readings(harness, id)) expect(view).toMatchObject(gone)
})

test('a clock that has jumped expires nothing, nor for as long as files are kept once it is believed', async () => {
  const harness = await openMediaHarness({ media: 'store: none, retention: 10d' })
  const id = await harness.made()
  const before = harness.ctx.clock.now()
  const live = async () => {
    for (const view of await readings(harness, id)) expect(view).toMatchObject({ result_expired: false })
  }
  harness.clock.setWall(30 * dayMs)
  await live()
  for (let steps = 0; steps < 4; steps += 1) {
    harness.clock.advance(5 * 60_000)
    await live()
  }
  expect(harness.ctx.clock.now()).toBeGreaterThan(before + 30 * dayMs)
  await live()
  harness.clock.advance(10 * dayMs)
  for (const view of await readings(harness, id)) expect(view).toMatchObject(gone)
})

test('what was removed stays expired, whatever the clock says then', async () => {
  const harness = await openMediaHarness()
  harness.files.serve['/a.png'] = bytes(png)
  const id = await harness.made()
  await harness.turn()
  harness.clock.advance(10 * dayMs)
  await harness.turn()
  harness.clock.setWall(-20 * dayMs)
  for (const view of await readings(harness, id)) expect(view).toMatchObject(gone)
})

test('what was written down for a receiver loses its dead URLs, and nothing else', () => {
  const live = {
    image_url: 'https://a/b.png',
    video_url: null,
    audio_url: null,
    thumbnail_url: 'https://a/t',
  }
  const data = { task_id: 'task_1', ...live, result_expires_at: 100, result_expired: false, credits: 15 }
  const body = bodyOf('task.succeeded', 50_000, data)
  expect(bodyAt(body, 99_999)).toBe(body)
  expect(JSON.parse(bodyAt(body, 100_000))).toEqual({
    type: 'task.succeeded',
    timestamp: '1970-01-01T00:00:50.000Z',
    data: { task_id: 'task_1', credits: 15, ...gone, task_status: undefined },
  })
  const failed = bodyOf('task.failed', 50_000, { ...data, result_expires_at: null })
  expect(bodyAt(failed, Number.MAX_SAFE_INTEGER)).toBe(failed)
  const old = bodyOf('task.failed', 50_000, { task_id: 'task_1' })
  expect(bodyAt(old, Number.MAX_SAFE_INTEGER)).toBe(old)
  for (const odd of [
    '',
    '{}',
    'null',
    '[]',
    'no JSON',
    '{"data":null}',
    '{"data":{"result_expires_at":"1"}}',
  ]) {
    expect(bodyAt(odd, Number.MAX_SAFE_INTEGER)).toBe(odd)
  }
})

test('a gateway shows a dead URL nowhere: query, list, stream, operator, a late try and a resend agree', async () => {
  let aheadMs = 0
  const clock = {
    ...systemClock,
    now: () => systemClock.now() + aheadMs,
    monotonic: () => systemClock.monotonic() + aheadMs,
  }
  const gateway = await startGateway({
    clock,
    yaml: quickYaml + receiverYaml('[1h, 5h]', '10s'),
  })
  const receiver = await startReceiver(status(500))
  const customer = await gateway.customer(100)
  const created = await customer.create({
    model_id: 'gpt-image-2',
    prompt: 'a heron',
    callback_url: receiver.url,
  })
  const id = created.json.data.task_id
  const live = await customer.ended(id)
  expect(live).toMatchObject({ result_expired: false, image_url: expect.stringContaining('http') })
  await until(
    () => receiver.told.length,
    (count) => count === 1,
  )
  const said = () => JSON.parse(receiver.told.at(-1)?.body ?? '{}')
  expect(said().data).toEqual(live)
  const deliveries = async () => (await customer.get('/webhooks/deliveries')).json.data.deliveries
  await until(deliveries, (log) => log[0]?.attempts === 1)

  aheadMs = 8 * dayMs
  receiver.answer = status(200)
  const task = await customer.task(id)
  expect(task).toMatchObject(gone)
  expect((await customer.get('/tasks')).json.data.tasks).toEqual([task])
  expect((await gateway.operator('GET', `/tasks/${id}`)).json.data).toMatchObject(gone)
  expect((await gateway.operator('GET', '/tasks')).json.data.tasks).toMatchObject([gone])
  const stream = await watch(gateway, customer.key, id)
  await stream.ended
  expect(stream.events().at(-1)?.data).toEqual(task)
  const [delivery] = await deliveries()
  const resend = () =>
    gateway.call('POST', `/api/v1/webhooks/deliveries/${delivery.id}/resend`, { key: customer.key })
  expect((await resend()).json.code).toBe(200)
  await until(deliveries, (log) => log[0]?.status === 'delivered')
  expect(receiver.told.length).toBeGreaterThan(1)
  for (const { body } of receiver.told.slice(1)) expect(JSON.parse(body).data).toEqual(task)
  await gateway.stop()
})
