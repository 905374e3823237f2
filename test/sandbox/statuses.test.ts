// What the sandbox says of tasks, and who may ask.
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest'
import { startSandbox } from '../../sandbox/sandbox.ts'
import type { Sandbox } from '../../sandbox/sandbox.ts'
import { handClock, headers, makeImage, makeVideo, post, query } from './client.ts'

const clock = handClock()
let sandbox: Sandbox

beforeAll(async () => {
  sandbox = await startSandbox({ clock, imageMs: 2_000, videoMs: 4_000 })
})
afterAll(() => sandbox.close())

test('an image generates until its time is over, then has exactly the documented fields', async () => {
  const id = await makeImage(sandbox)
  expect(id).toMatch(/^i2is-[0-9a-f]{32}$/)
  clock.turn(1_999)
  expect((await query(sandbox, 'image_generate', id)).body).toEqual({
    code: 0,
    msg: 'ok',
    data: { task_id: id, status: 'GENERATING', image_url: '', thumbnail_url: '', error_message: '' },
  })
  clock.turn(1)
  const origin = sandbox.baseUrl.replace('/v1', '')
  expect((await query(sandbox, 'image_generate', id)).body.data).toEqual({
    task_id: id,
    status: 'SUCCEEDED',
    image_url: `${origin}/media/${id}.png`,
    thumbnail_url: `${origin}/media/${id}-thumbnail.png`,
    error_message: '',
  })
})

test('drills, where they are switched on: slow takes thirty times as long, lost never was when it should have ended', async () => {
  const drilled = await startSandbox({ clock, imageMs: 2_000, videoMs: 4_000, drills: true })
  onTestFinished(() => drilled.close())
  const [slow, lost, plain] = [
    await makeImage(drilled, { prompt: 'a Slow heron' }),
    await makeImage(drilled, { prompt: 'lost' }),
    await makeImage(sandbox, { prompt: 'slow and lost' }),
  ]
  const statusOf = async (of: Sandbox, id: string) => {
    const { body } = await query(of, 'image_generate', id)
    return body.data?.status ?? body.code
  }
  clock.turn(1_999)
  expect([await statusOf(drilled, slow), await statusOf(drilled, lost)]).toEqual(['GENERATING', 'GENERATING'])
  clock.turn(1)
  expect([await statusOf(drilled, slow), await statusOf(drilled, lost)]).toEqual(['GENERATING', 110_002])
  expect(await statusOf(sandbox, plain)).toBe('SUCCEEDED')
  clock.turn(57_999)
  expect(await statusOf(drilled, slow)).toBe('GENERATING')
  clock.turn(1)
  expect([await statusOf(drilled, slow), await statusOf(drilled, lost)]).toEqual(['SUCCEEDED', 110_002])
})

test('a video is queued, then in progress, then there with its measures', async () => {
  const id = await makeVideo(sandbox)
  expect(id).toMatch(/^i2v-[0-9a-f]{32}$/)
  const seen = async () => (await query(sandbox, 'image_to_video', id)).body.data
  expect(await seen()).toEqual({
    task_id: id,
    status: 'PENDING',
    video_url: '',
    thumbnail_url: '',
    error_message: '',
  })
  clock.turn(3_999)
  expect((await seen()).status).toBe('PROCESSING')
  clock.turn(1)
  expect(Object.keys(await seen())).toEqual(
    'task_id status video_url thumbnail_url error_message duration width height'.split(' '),
  )
  expect(await seen()).toMatchObject({ status: 'SUCCEEDED', duration: 4, error_message: '' })
})

test('the word fail in a prompt ends in FAILED with a reason; failure is another word', async () => {
  const [image, video, other] = [
    await makeImage(sandbox, { prompt: 'this will FAIL, surely' }),
    await makeVideo(sandbox, { prompt: 'fail' }),
    await makeImage(sandbox, { prompt: 'a failure of nerve' }),
  ]
  clock.turn(4_000)
  const data = (await query(sandbox, 'image_generate', image)).body.data
  expect(data).toMatchObject({ status: 'FAILED', image_url: '', thumbnail_url: '' })
  expect(data.error_message).toMatch(/content policy/)
  expect((await query(sandbox, 'image_to_video', video)).body.data.status).toBe('FAILED')
  expect((await query(sandbox, 'image_generate', other)).body.data.status).toBe('SUCCEEDED')
})

test('each output of a request has a task of its own', async () => {
  const { body } = await post(sandbox, 'image_generate', { prompt: 'many', generate_count: 8 })
  expect(new Set(body.data.task_ids).size).toBe(8)
})

test('a task is unknown to the other endpoint, each with its own number for it', async () => {
  const id = await makeImage(sandbox)
  expect(await query(sandbox, 'image_to_video', id)).toMatchObject({ status: 404, body: { code: 100_003 } })
  expect(await query(sandbox, 'image_generate', 'i2is-0')).toMatchObject({
    status: 400,
    body: { code: 110_002 },
  })
})

test('a forgotten task was never there, a frozen one never ends, and finish ends it now', async () => {
  const [lost, frozen] = [await makeImage(sandbox), await makeImage(sandbox)]
  sandbox.forget(lost)
  sandbox.freeze(frozen)
  clock.turn(1e9)
  expect((await query(sandbox, 'image_generate', lost)).body.code).toBe(110_002)
  expect((await query(sandbox, 'image_generate', frozen)).body.data.status).toBe('GENERATING')
  sandbox.finish(frozen, 'FAILED')
  expect((await query(sandbox, 'image_generate', frozen)).body.data.status).toBe('FAILED')
  expect(() => sandbox.freeze('i2is-nobody')).toThrow('no task')
})

test('freezing all holds for tasks to come and leaves those that have ended', async () => {
  const own = await startSandbox({ clock })
  const [ended, running] = [await makeImage(own), await makeVideo(own)]
  clock.turn(2_000)
  own.freeze('all')
  const later = await makeImage(own)
  clock.turn(1e9)
  expect((await query(own, 'image_generate', ended)).body.data.status).toBe('SUCCEEDED')
  expect((await query(own, 'image_to_video', running)).body.data.status).toBe('PROCESSING')
  expect((await query(own, 'image_generate', later)).body.data.status).toBe('GENERATING')
  await own.close()
})

test('paid work is logged as it was sent, and refused work is not', async () => {
  const own = await startSandbox({ clock })
  const body = { prompt: 'logged', generate_count: 2, callback_url: 'http://127.0.0.1:9/x' }
  const { body: answer } = await post(own, 'image_generate', body)
  await post(own, 'image_generate', { prompt: '' })
  expect(own.submissions).toEqual([
    {
      operation: 'image_generate',
      body,
      headers: expect.objectContaining({ authorization: 'Bearer key', source: 'skill' }),
      at: clock.now(),
      taskIds: answer.data.task_ids,
    },
  ])
  await query(own, 'image_generate', answer.data.task_ids[0])
  expect(Object.fromEntries(own.requests)).toEqual({
    'POST /v1/image_generate': 2,
    'GET /v1/image_generate/:id': 1,
  })
  await own.close()
})

test('only the right key opens it, where there is one; the video table has a number for that', async () => {
  const own = await startSandbox({ apiKey: 'right' })
  const order = { prompt: 'x' }
  expect((await post(own, 'image_generate', order, { authorization: 'Bearer right' })).status).toBe(200)
  for (const authorization of ['Bearer wrong', 'Basic right', 'Bearer ', 'right']) {
    expect(await post(own, 'image_generate', order, { authorization })).toMatchObject({
      status: 401,
      body: { msg: expect.any(String) },
    })
    expect(await post(own, 'image_to_video', order, { authorization })).toMatchObject({
      status: 401,
      body: { code: 100_002 },
    })
  }
  expect(own.apiKey).toBe('right')
  expect(own.submissions).toHaveLength(1)
  await own.close()
})

test('every endpoint wants the source header', async () => {
  const { authorization } = headers
  for (const [method, path] of [
    ['GET', '/image_generate/i2is-1'],
    ['POST', '/image_generate'],
    ['POST', '/image_to_video'],
    ['POST', '/figure-resource/upload/file'],
  ] as const) {
    const answer = await fetch(sandbox.baseUrl + path, { method, headers: { authorization } })
    expect([path, answer.status]).toEqual([path, 400])
    expect(await answer.json()).toMatchObject({ code: 100_001 })
  }
})

test('a path that is not documented is not found', async () => {
  for (const path of ['/image_generates', '/image_generate/a/b', '/constructor', '/figure-resource/upload']) {
    expect((await fetch(sandbox.baseUrl + path, { headers })).status).toBe(404)
  }
})
