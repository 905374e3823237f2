// Videos as OpenAI's clients order, poll, download and delete them.
import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { quickYaml, startGateway, until } from '../../../support/gateway.ts'
import type { Customer, Gateway } from '../../../support/gateway.ts'
import { formOf, ordersOf, png } from './pictures.ts'
import type { Part } from './pictures.ts'

let gateway: Gateway
let customer: Customer
beforeAll(async () => {
  const keeps = quickYaml.replace('store: none', 'store: disk')
  gateway = await startGateway({ yaml: keeps, env: { PUBLIC_URL: 'https://gate.example' } })
  customer = await gateway.customer(100_000)
})
afterAll(async () => await gateway.stop())

const call = async (
  method: string,
  path: string,
  options: { body?: unknown; headers?: Record<string, string> } = {},
) => await gateway.call(method, path, { key: customer.key, ...options })

const order = (fields: object = {}, path = '/v1/videos') =>
  call('POST', path, { body: { model: 'seedance-2', prompt: 'a heron', seconds: '4', ...fields } })

const ended = async (id: string) =>
  await until(
    async () => (await call('GET', `/v1/videos/${id}`)).json,
    ({ status }) => status === 'completed' || status === 'failed',
  )

/** A video whose files are in our store. */
const kept = async () => {
  const { id } = (await order()).json
  await ended(id)
  await customer.kept(id)
  return id as string
}

const form = async (parts: readonly Part[]) => {
  const headers = { authorization: `Bearer ${customer.key}` }
  const answer = await fetch(`${gateway.url}/v1/videos`, { method: 'POST', headers, body: formOf(parts) })
  return { status: answer.status, json: (await answer.json()) as any }
}

const lastOrder = () => gateway.sandbox.submissions.at(-1)?.body ?? {}
const delivered = async (id: string) => {
  await ended(id)
  return lastOrder()
}

test('a video is ordered, polled as its answer says, and finished', async () => {
  const { status, headers, json } = await order({ size: '1280x720' })
  expect([status, headers.get('openai-poll-after-ms')]).toEqual([200, '30'])
  const common = {
    id: expect.stringMatching(/^task_/),
    object: 'video',
    model: 'seedance-2',
    created_at: expect.any(Number),
    prompt: 'a heron',
    seconds: '4',
    size: '1280x720',
    error: null,
    remixed_from_video_id: null,
  }
  expect(json).toEqual({ ...common, status: 'queued', progress: 0, completed_at: null, expires_at: null })
  expect(await ended(json.id)).toEqual({
    ...common,
    status: 'completed',
    progress: 100,
    completed_at: expect.any(Number),
    expires_at: expect.any(Number),
  })
})

test('a form orders with a picture to begin with, JSON with the URL of one', async () => {
  const text: Part[] = [
    ['model', 'seedance-2'],
    ['prompt', 'a heron'],
    ['seconds', '8'],
  ]
  const { status, json } = await form([...text, ['size', '720x1280'], ['input_reference', png]])
  expect([status, json.size]).toEqual([200, '720x1280'])
  expect(await delivered(json.id)).toMatchObject({
    image_url: expect.stringMatching(/^http/),
    aspect_ratio: '9:16',
  })
  const named = await order({ input_reference: { image_url: 'https://example.com/a.png' } })
  expect(await delivered(named.json.id)).toMatchObject({ image_url: 'https://example.com/a.png' })
})

test.each([
  ['1920x1080', '16:9', '1080p'],
  ['1024x1792', '9:16', '1080p'],
  ['1000x1000', '16:9', '1080p'],
  ['2160x3840', '9:16', '4k'],
  ['640x480', '16:9', '720p'],
])('size %s is ordered as %s in %s', async (size, ratio, resolution) => {
  const { json } = await order({ size })
  expect(await delivered(json.id)).toMatchObject({ aspect_ratio: ratio, aspect_resolution: resolution })
})

test.each([
  ['seconds', { seconds: '7' }],
  ['seconds', { seconds: '4.5' }],
  ['seconds', { seconds: 60 }],
  ['size', { size: 'big' }],
  ['model', { model: 'gpt-image-2' }],
  ['n', { n: 2 }],
  ['input_reference', { input_reference: { file_id: 'file-1' } }],
  ['prompt', { prompt: '' }],
])('a wrong %s is refused by name', async (param, fields) => {
  const { status, json } = await order(fields)
  expect([status, json.error.param]).toEqual([400, param])
  if (param === 'seconds') expect(json.error.message).toContain('4, 5, 6, 8 or 10')
})

test('a video that failed says why, and the credits are back', async () => {
  const before = await customer.balance()
  const { id } = (await order({ prompt: 'this will fail' })).json
  const { status, progress, error } = await ended(id)
  expect([status, progress, error]).toEqual([
    'failed',
    100,
    { code: 'generation_failed', message: expect.stringContaining('policy') },
  ])
  expect(await customer.balance()).toBe(before)
  expect((await call('GET', `/v1/videos/${id}/content`)).status).toBe(400)
})

test('its bytes come whole and in ranges, to its owner alone', async () => {
  const id = await kept()
  const whole = await fetch(`${gateway.url}/v1/videos/${id}/content`, {
    headers: { authorization: `Bearer ${customer.key}` },
  })
  const bytes = Buffer.from(await whole.arrayBuffer())
  expect([whole.headers.get('content-type'), bytes.toString('latin1', 4, 8)]).toEqual(['video/mp4', 'ftyp'])
  expect(whole.headers.get('cache-control')).toBe('private, no-store')
  const part = await call('GET', `/v1/videos/${id}/content`, { headers: { range: 'bytes=4-7' } })
  expect([part.status, part.text, part.headers.get('content-range')]).toEqual([
    206,
    'ftyp',
    `bytes 4-7/${bytes.length}`,
  ])
  const stranger = await gateway.customer(1)
  for (const path of [`/v1/videos/${id}`, `/v1/videos/${id}/content`, '/v1/videos/task_0'])
    expect((await gateway.call('GET', path, { key: stranger.key })).json.error.code).toBe('not_found')
})

test('the bytes of a video that we do not keep come through us', async () => {
  const passing = await startGateway({ yaml: quickYaml })
  try {
    const { key, ended: endedTask } = await passing.customer(1_000)
    const body = { model: 'seedance-2', prompt: 'a heron', seconds: 4 }
    const { id } = (await passing.call('POST', '/v1/videos', { key, body })).json
    await endedTask(id)
    const { status, headers, text } = await passing.call('GET', `/v1/videos/${id}/content`, { key })
    expect([status, headers.get('content-type'), text.slice(4, 8)]).toEqual([200, 'video/mp4', 'ftyp'])
    const thumbnail = await passing.call('GET', `/v1/videos/${id}/content?variant=thumbnail`, { key })
    expect([thumbnail.status, thumbnail.headers.get('content-type')]).toEqual([200, 'image/png'])
    const headersOfRange = { range: 'bytes=4-7' }
    const part = await passing.call('GET', `/v1/videos/${id}/content`, { key, headers: headersOfRange })
    expect([part.status, part.text]).toEqual([206, 'ftyp'])
  } finally {
    await passing.stop()
  }
})

test('a deleted video is gone from the list and its file too, while its task stays', async () => {
  const id = await kept()
  const url = new URL((await customer.task(id)).video_url).pathname
  const fileOf = async () => (await gateway.call('GET', url)).status
  expect(await fileOf()).toBe(200)
  // As Python's SDK sends it: with a content type, and no body.
  const headers = { 'content-type': 'application/json' }
  const { status, json } = await call('DELETE', `/v1/videos/${id}`, { headers })
  expect([status, json]).toEqual([200, { id, object: 'video.deleted', deleted: true }])
  expect(await fileOf()).toBe(404)
  expect((await call('GET', `/v1/videos/${id}`)).status).toBe(404)
  expect((await call('DELETE', `/v1/videos/${id}`)).status).toBe(404)
  const { data } = (await call('GET', '/v1/videos?limit=100')).json
  expect(data.map((video: any) => video.id)).not.toContain(id)
  expect(await customer.task(id)).toMatchObject({ task_status: 3, video_url: null, result_expired: true })
})

test('the list goes on after a video, and holds no pictures', async () => {
  await customer.create({ model_id: 'gpt-image-2', prompt: 'a picture' })
  await order()
  await order()
  const ids: string[] = []
  let after = ''
  for (let pages = 0; pages < 100; pages += 1) {
    const { json } = await call('GET', `/v1/videos?limit=2&after=${after}`)
    ids.push(...json.data.map((video: any) => video.id))
    expect(json.last_id).toBe(ids.at(-1))
    if (!json.has_more) break
    after = json.last_id
  }
  expect(ids).toEqual([...new Set(ids)].toSorted().toReversed())
  const { tasks } = (await customer.get('/tasks?limit=100')).json.data
  const videos = tasks.filter((task: any) => task.task_type === 'video' && !task.result_expired)
  expect(ids).toEqual(videos.map((task: any) => task.task_id))
})

test('what OpenAI has and we do not is 404 in its shape', async () => {
  const { status, json } = await call('POST', '/v1/videos/task_0/remix', { body: { prompt: 'again' } })
  expect([status, json.error.type]).toEqual([404, 'invalid_request_error'])
})

test('the path of new-api is an alias, with its names of fields', async () => {
  const fields = {
    seconds: undefined,
    duration: 4,
    width: 720,
    height: 1_280,
    image: 'https://example.com/a.png',
  }
  const { status, json } = await order(fields, '/v1/video/generations')
  expect([status, json.task_id, json.size]).toEqual([200, json.id, '720x1280'])
  await ended(json.id)
  const found = await call('GET', `/v1/video/generations/${json.task_id}`)
  expect([found.json.status, found.json.task_id]).toEqual(['completed', json.id])
})

test('the retry of a create whose answer was lost gets the same video', async () => {
  const prompt = `a heron ${randomUUID()}`
  const first = await order({ prompt })
  const headers = { 'x-stainless-retry-count': '1' }
  const body = { model: 'seedance-2', prompt, seconds: '4' }
  const retry = await until(
    async () => await call('POST', '/v1/videos', { headers, body }),
    ({ status }) => status === 200,
  )
  expect(retry.json.id).toBe(first.json.id)
  await ended(first.json.id)
  expect(ordersOf(gateway, prompt)).toHaveLength(1)
  const another = await order({ prompt })
  expect(another.json.id).not.toBe(first.json.id)
})

test('until it is ready there are no bytes, and it cannot be deleted', async () => {
  gateway.sandbox.freeze('all')
  const { id } = (await order()).json
  for (const [method, path] of [
    ['GET', `/v1/videos/${id}/content`],
    ['DELETE', `/v1/videos/${id}`],
  ] as const) {
    const refused = await call(method, path)
    expect([refused.status, refused.headers.get('x-should-retry')]).toEqual([400, 'false'])
  }
})
