// Callbacks: the documented body, once, when the task ends, and never beyond this machine.
import { createServer } from 'node:http'
import type { Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { startSandbox } from '../../sandbox/sandbox.ts'
import { handClock, makeImage, makeVideo } from './client.ts'

let receiver: Server
let callback_url: string
let status = 200
let takesMs = 0
const received: { path: string; body: any }[] = []

beforeEach(async () => {
  received.length = 0
  status = 200
  takesMs = 0
  receiver = createServer((request, response) => {
    let text = ''
    request.on('data', (part: Buffer) => {
      text += part.toString()
    })
    request.on('end', () => {
      received.push({ path: request.url ?? '', body: JSON.parse(text) })
      setTimeout(() => response.writeHead(status, { location: '/elsewhere' }).end(), takesMs)
    })
  })
  await new Promise<void>((resolve) => receiver.listen(0, '127.0.0.1', resolve))
  callback_url = `http://127.0.0.1:${(receiver.address() as AddressInfo).port}/told`
})
afterEach(() => {
  receiver.closeAllConnections()
  receiver.close()
})

test('an image is told as documented when the clock says so, and once', async () => {
  const clock = handClock()
  const sandbox = await startSandbox({ clock, imageMs: 1_000 })
  const id = await makeImage(sandbox, { callback_url })
  expect(await sandbox.deliverDue()).toBe(0)
  clock.turn(1_000)
  expect(await sandbox.deliverDue()).toBe(1)
  expect(await sandbox.deliverDue()).toBe(0)
  const image_url = `${sandbox.baseUrl.replace('/v1', '')}/media/${id}.png`
  const data = { task_id: id, status: 'SUCCEEDED', image_url, error_message: '' }
  expect(received).toEqual([
    { path: '/told', body: { code: 0, msg: 'ok', task_type: 'image_generate', data } },
  ])
  await sandbox.close()
})

test('a failed video is told with its reason and empty URLs', async () => {
  const clock = handClock()
  const sandbox = await startSandbox({ clock })
  const id = await makeVideo(sandbox, { callback_url, prompt: 'fail' })
  clock.turn(10_000)
  await sandbox.deliverDue()
  expect(received[0]?.body).toEqual({
    code: 0,
    msg: 'ok',
    task_type: 'image_to_video',
    data: {
      task_id: id,
      status: 'FAILED',
      video_url: '',
      thumbnail_url: '',
      error_message: expect.stringContaining('failed'),
    },
  })
  await sandbox.close()
})

test('without a clock of its own the sandbox sends by itself, each output of a request once', async () => {
  const sandbox = await startSandbox({ imageMs: 20 })
  await makeImage(sandbox, { callback_url, generate_count: 3 })
  await vi.waitFor(() => expect(received).toHaveLength(3))
  expect(new Set(received.map(({ body }) => body.data.task_id))).toEqual(
    new Set(sandbox.submissions[0]?.taskIds),
  )
  await sandbox.close()
})

test('a task that is finished by hand is told at once', async () => {
  const sandbox = await startSandbox({ imageMs: 3_600_000 })
  const id = await makeImage(sandbox, { callback_url })
  sandbox.finish(id, 'FAILED')
  await vi.waitFor(() => expect(received[0]?.body.data).toMatchObject({ task_id: id, status: 'FAILED' }))
  await sandbox.close()
})

test.each([500, 301])('a receiver that answers %i is not asked again, nor followed', async (answer) => {
  const clock = handClock()
  const sandbox = await startSandbox({ clock })
  status = answer
  await makeImage(sandbox, { callback_url })
  clock.turn(10_000)
  await sandbox.deliverDue()
  await sandbox.deliverDue()
  expect(received.map(({ path }) => path)).toEqual(['/told'])
  await sandbox.close()
})

test('a callback that waits for its turn behind a slow receiver is not lost', async () => {
  const clock = handClock()
  const sandbox = await startSandbox({ clock, callbackAnswerMs: 250 })
  takesMs = 100
  for (let n = 0; n < 50; n += 1) await makeImage(sandbox, { callback_url })
  clock.turn(10_000)
  expect(await sandbox.deliverDue()).toBe(50)
  expect(received).toHaveLength(50)
  await sandbox.close()
})

test('nobody is told outside this machine, nor with callbacks switched off', async () => {
  const clock = handClock()
  const sandbox = await startSandbox({ clock })
  const silent = await startSandbox({ clock, callbacks: false })
  await makeImage(sandbox, { callback_url: 'http://192.0.2.1/told' })
  await makeImage(sandbox, { callback_url: 'http://127.0.0.1.example.com/told' })
  await makeImage(silent, { callback_url })
  clock.turn(10_000)
  expect(await sandbox.deliverDue()).toBe(0)
  expect(await silent.deliverDue()).toBe(0)
  await makeImage(sandbox, { callback_url: 'http://127.0.0.1:1/told' })
  clock.turn(10_000)
  expect(await sandbox.deliverDue()).toBe(1)
  expect(received).toEqual([])
  await Promise.all([sandbox.close(), silent.close()])
})
