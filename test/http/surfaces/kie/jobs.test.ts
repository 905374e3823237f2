// Jobs as programs that were written for kie order and read them.
import { afterAll, beforeAll, expect, test } from 'vitest'
import { quickYaml, startGateway, until } from '../../../support/gateway.ts'
import type { Customer, Gateway } from '../../../support/gateway.ts'
import { receiverYaml, startReceiver } from '../../../support/receiver.ts'

let gateway: Gateway
let customer: Customer
beforeAll(async () => {
  gateway = await startGateway({ yaml: quickYaml + receiverYaml() })
  customer = await gateway.customer(10_000)
})
afterAll(async () => await gateway.stop())

const create = async (body: unknown, headers: Record<string, string> = {}, key = customer.key) =>
  await gateway.call('POST', '/api/v1/jobs/createTask', { key, body, headers })
const record = async (id: string, key = customer.key) =>
  await gateway.call('GET', `/api/v1/jobs/recordInfo?taskId=${id}`, { key })
const ended = async (id: string) =>
  (
    await until(
      async () => await record(id),
      ({ json }) => ['success', 'fail'].includes(json.data.state),
    )
  ).json
const success = { code: 200, msg: 'success', message: 'success' }
const lastOrder = () => gateway.sandbox.submissions.at(-1)?.body
const url = (name: string) => `https://example.com/${name}.png`

test('a job of the documentation: created, polled, and its result read out of a text', async () => {
  const created = await create({
    model: 'google/nano-banana-2',
    input: {
      prompt: 'a surreal banana',
      image_input: [],
      aspect_ratio: '1:1',
      resolution: '1K',
      output_format: 'png',
    },
  })
  expect([created.status, created.json]).toEqual([200, { ...success, data: { taskId: expect.any(String) } }])
  const { taskId } = created.json.data
  const { data, ...rest } = await ended(taskId)
  expect(rest).toEqual(success)
  expect(data).toMatchObject({
    taskId,
    model: 'nano-banana-2',
    state: 'success',
    failCode: '',
    failMsg: '',
    costTime: expect.any(Number),
    completeTime: expect.any(Number),
    createTime: expect.any(Number),
    creditsConsumed: 10,
  })
  expect(JSON.parse(data.resultJson)).toEqual({ resultUrls: [expect.stringMatching(/^http/)] })
  expect(JSON.parse(data.param)).toMatchObject({ input: { prompt: 'a surreal banana', resolution: '1K' } })
})

test.each([
  ['image_urls', [url('a'), url('b')]],
  ['image_input', [url('a'), url('b')]],
  ['input_urls', [url('a'), url('b')]],
  ['images', [url('a'), url('b')]],
  ['reference_image_urls', [url('a'), url('b')]],
])('pictures may be called %s', async (name, urls) => {
  const { json } = await create({ model: 'nano-banana-2', input: { prompt: 'a', [name]: urls } })
  await ended(json.data.taskId)
  expect(lastOrder()?.['reference_images']).toEqual(urls)
})

test.each([
  [
    { duration: '4', image_url: url('a') },
    { duration: 4, image_url: url('a') },
  ],
  [
    { duration: 8, image_urls: [url('a')] },
    { duration: 8, image_url: url('a') },
  ],
  [{ n_frames: '12', first_frame_url: url('a') }, { duration: 12 }],
  [{ duration: '4s', image_url: url('a'), aspect_ratio: '9:16', seed: 5 }, { aspect_ratio: '9:16' }],
  [{ duration: '4', image_url: url('a'), sound: false, negative_prompt: '' }, { duration: 4 }],
])('a video of %j is ordered as %j', async (input, ordered) => {
  const { json, text } = await create({ model: 'kling/keevx-s', input: { prompt: 'a', ...input } })
  expect(json.code, text).toBe(200)
  await ended(json.data.taskId)
  expect(lastOrder()).toMatchObject(ordered)
})

test.each([
  ['landscape_16_9', '16:9'],
  ['portrait_4_3', '3:4'],
  ['square_hd', '1:1'],
  ['3:2', '3:2'],
])('image_size %s is %s', async (size, ratio) => {
  const { json } = await create({ model: 'gpt-image-2', input: { prompt: 'a', image_size: size } })
  await ended(json.data.taskId)
  expect(lastOrder()?.['image_ratio']).toBe(ratio)
})

test.each([
  [{ model: 'nano-banana-2', input: {} }, 422, /^input\.prompt|^prompt/],
  [{ model: 'nano-banana-2' }, 422, /^input/],
  [{ input: { prompt: 'a' } }, 422, /^model/],
  [{ model: 'suno/v5', input: { prompt: 'a' } }, 422, /no model is called "v5"/],
  [{ model: 'nano-banana-2', input: { prompt: 'a', negative_prompt: 'b' } }, 422, /input\.negative_prompt/],
  [
    { model: 'nano-banana-2', input: { prompt: 'a', aspect_ratio: '5:9' } },
    422,
    /^input\.aspect_ratio: it must/,
  ],
  [{ model: 'keevx-s', input: { prompt: 'a', image_url: url('a'), duration: '5' } }, 422, /^input\.duration/],
  [{ model: 'nano-banana-2', input: { prompt: 'a' }, callBackUrl: 'http://10.1.1.1/' }, 422, /^callBackUrl/],
  [{ model: 'nano-banana-2', inputs: { prompt: 'a' } }, 422, /./],
])('%j is refused by its code, for nothing', async (body, code, words) => {
  const before = await customer.balance()
  const answer = await create(body)
  expect([answer.status, answer.json]).toEqual([
    200,
    { code, msg: expect.stringMatching(words), message: expect.any(String), data: null },
  ])
  expect(await customer.balance()).toBe(before)
})

test('no credits are 402, a wrong key 401, and a foreign job is like one that never was', async () => {
  const poor = await gateway.customer(0)
  const body = { model: 'nano-banana-2', input: { prompt: 'a' } }
  const refused = await create(body, {}, poor.key)
  expect([refused.status, refused.json.code]).toEqual([200, 402])
  const unknown = await create(body, {}, 'sk-wrong')
  expect([unknown.status, unknown.json.code]).toEqual([401, 401])
  const { json } = await create(body)
  const [foreign, never] = [await record(json.data.taskId, poor.key), await record('req_never', poor.key)]
  expect([foreign.json.code, foreign.text]).toEqual([404, never.text])
})

test('a failure has its code and its reason, and is refunded', async () => {
  const before = await customer.balance()
  const { json } = await create({ model: 'nano-banana-2', input: { prompt: 'to fail' } })
  expect((await ended(json.data.taskId)).data).toMatchObject({
    state: 'fail',
    failCode: '501',
    failMsg: expect.stringContaining('content policy'),
    resultJson: '',
    creditsConsumed: 0,
  })
  expect(await customer.balance()).toBe(before)
})

test('the credits are a number', async () => {
  const { json } = await gateway.call('GET', '/api/v1/chat/credit', { key: customer.key })
  expect(json).toEqual({ ...success, data: await customer.balance() })
})

test('a callback is the record, once, when all of it has ended', async () => {
  const receiver = await startReceiver()
  const order = async (input: object) =>
    (await create({ model: 'gpt-image-2', callBackUrl: receiver.url, input })).json.data.taskId
  const made = await order({ prompt: 'a', num_images: 3 })
  const failed = await order({ prompt: 'to fail' })
  await until(
    () => receiver.told.length,
    (count) => count >= 2,
  )
  const told = new Map(receiver.told.map(({ body }) => [JSON.parse(body).data.taskId, JSON.parse(body)]))
  expect(told.get(made)).toMatchObject({ code: 200, data: { state: 'success' } })
  expect(JSON.parse(told.get(made).data.resultJson).resultUrls).toHaveLength(3)
  expect(told.get(failed)).toMatchObject({ code: 501, data: { state: 'fail', failMsg: expect.any(String) } })
  expect(receiver.told).toHaveLength(2)
})

test('an Idempotency-Key orders once', async () => {
  const before = await customer.balance()
  const order = async () =>
    await create({ model: 'nano-banana-2', input: { prompt: 'a' } }, { 'idempotency-key': 'of-kie' })
  const [first, second] = [await order(), await order()]
  expect(second.json).toEqual(first.json)
  expect(before - (await customer.balance())).toBe(10)
})

test('the tasks API stays what it is beside it', async () => {
  const { status, json } = await gateway.call('GET', '/api/v1/job', { key: customer.key })
  expect([status, json.error.type]).toEqual([404, 'not_found'])
  const within = await gateway.call('GET', '/api/v1/jobs/nothing', { key: customer.key })
  expect([within.status, within.json.code]).toEqual([404, 404])
})

test('a text alone to a model that needs an image is one job: an image is made first, and both are paid once', async () => {
  const receiver = await startReceiver()
  const before = await customer.balance()
  const prompt = 'a heron that is made in two steps'
  const body = {
    model: 'kling/keevx-s',
    callBackUrl: receiver.url,
    input: { prompt, num_images: 2 },
  }
  const headers = { 'idempotency-key': 'a-heron-of-kie' }
  const [{ json }, again] = [await create(body, headers), await create(body, headers)]
  expect(again.json).toEqual(json)
  const { data } = await ended(json.data.taskId)
  expect(data).toMatchObject({ state: 'success', model: 'keevx-s', creditsConsumed: 58 })
  expect(JSON.parse(data.resultJson).resultUrls).toEqual([
    expect.stringMatching(/\.mp4$/),
    expect.stringMatching(/\.mp4$/),
  ])
  expect(JSON.parse(data.param).input).not.toHaveProperty('image_urls')
  expect(before - (await customer.balance())).toBe(58)
  // An order of another test may still be posted meanwhile.
  const posted = gateway.sandbox.submissions.filter(({ body: sent }) => JSON.stringify(sent).includes(prompt))
  expect(posted.map(({ operation }) => operation)).toEqual(['image_generate', 'image_to_video'])
  await until(
    () => receiver.told.length,
    (count) => count > 0,
  )
  expect(receiver.told.map(({ body: told }) => JSON.parse(told).data.taskId)).toEqual([json.data.taskId])
})

test('such a job whose image fails orders no video, says why, and costs nothing', async () => {
  const before = await customer.balance()
  const prompt = 'to fail in its first step'
  const { json } = await create({ model: 'keevx-s', input: { prompt } })
  const { data } = await ended(json.data.taskId)
  expect(data).toMatchObject({
    state: 'fail',
    failMsg: expect.stringMatching(/^The first frame could not be made, .*content policy/),
    creditsConsumed: 0,
  })
  expect(await customer.balance()).toBe(before)
  const posted = gateway.sandbox.submissions.filter(({ body: sent }) => JSON.stringify(sent).includes(prompt))
  expect(posted.map(({ operation }) => operation)).toEqual(['image_generate'])
})
