// A text alone to keevx-kl and keevx-s, over HTTP and the sandbox Keevx: one task for its owner, both steps for the operator.
import { afterAll, beforeAll, expect, test } from 'vitest'
import { quickYaml, startGateway, until } from '../support/gateway.ts'
import type { Customer, Gateway } from '../support/gateway.ts'
import { receiverYaml, startReceiver } from '../support/receiver.ts'
import { testCustomer } from '../http/test-keys/test-customer.ts'
import { inspect, ledgerAddsUp } from '../tasks/order.ts'

let gateway: Gateway
let customer: Customer
beforeAll(async () => {
  gateway = await startGateway({ yaml: quickYaml + receiverYaml() })
  customer = await gateway.customer(10_000)
})
afterAll(async () => {
  await ledgerAddsUp(gateway)
  await gateway.stop()
})

const text = { model_id: 'keevx-kl', prompt: 'a heron at dawn' }
/** What Keevx was paid for since. */
function paidSince() {
  const before = gateway.sandbox.submissions.length
  return () => gateway.sandbox.submissions.slice(before)
}

test('the image is made and then the video of it: one task, one price, both steps, one webhook', async () => {
  const receiver = await startReceiver()
  const paid = paidSince()
  const before = await customer.balance()
  const created = await customer.create({ ...text, aspect_ratio: '9:16', callback_url: receiver.url })
  expect(created.json).toMatchObject({
    code: 200,
    data: {
      credits: 50,
      task_ids: [expect.any(String)],
      steps: [
        { step: 'first_frame', status: 1, model_id: 'keevx-image-std' },
        { step: 'video', status: 1, model_id: 'keevx-kl' },
      ],
    },
    task_status: 1,
  })
  const [id] = created.json.data.task_ids
  const task = await customer.ended(id)
  expect(task).toMatchObject({
    task_status: 3,
    task_type: 'video',
    model_id: 'keevx-kl',
    image_url: null,
    credits: 50,
    steps: [
      { step: 'first_frame', status: 3 },
      { step: 'video', status: 3 },
    ],
  })
  expect(await customer.balance()).toBe(before - 50)
  const [image, video] = paid()
  expect(paid()).toHaveLength(2)
  expect(image?.body).toMatchObject({ prompt: text.prompt, image_ratio: '9:16', module: 'std' })
  const steps = (await inspect(gateway, id)).steps
  expect(video?.body).toMatchObject({
    prompt: text.prompt,
    aspect_ratio: '9:16',
    reference_images: [steps[0].image_url],
  })
  await until(
    () => receiver.told.length,
    (told) => told > 0,
  )
  expect(receiver.told.map(({ body }) => JSON.parse(body))).toMatchObject([
    { type: 'task.succeeded', data: { task_id: id, steps: [{ status: 3 }, { status: 3 }] } },
  ])
  const list = (await customer.get('/tasks?limit=1')).json.data
  expect(list.tasks).toMatchObject([{ task_id: id, steps: [{ status: 3 }, { status: 3 }] }])
})

test('the operator sees both steps: routes, quantities, upstream ids and attempts of each', async () => {
  const created = await customer.create({ model_id: 'keevx-s', prompt: 'a boat', generate_count: 2 })
  expect(created.json.data.credits).toBe(58)
  const [id] = created.json.data.task_ids
  await customer.ended(id)
  const { steps, entries, attempts } = await inspect(gateway, id)
  expect(steps).toMatchObject([
    {
      step: 'first_frame',
      status: 3,
      model_id: 'keevx-image-std',
      request_id: expect.stringMatching(/^req_/),
      credits: 10,
      upstream: 'keevx',
      upstream_task_id: expect.any(String),
      order: { operation: 'image_generate', params: { module: 'std' }, resolution: '2K', count: 1 },
      image_url: expect.stringMatching(/^http/),
      attempts: [{ number: 1, state: 'accepted' }],
    },
    {
      step: 'video',
      status: 3,
      task_id: id,
      request_id: created.json.data.request_id,
      order: {
        operation: 'image_to_video',
        params: { model: 'S' },
        imageUrls: [steps[0].image_url],
        count: 2,
      },
      attempts: [{ number: 1, state: 'accepted' }],
    },
  ])
  expect(entries).toMatchObject([{ kind: 'charge', amount: -34 }])
  expect(attempts).toHaveLength(1)
  // The task of the first frame is the operator's to see, and nobody else's.
  expect(await inspect(gateway, steps[0].task_id)).toMatchObject({
    state: 'succeeded',
    credits: 0,
    entries: [],
  })
  const theirs = await customer.get(`/tasks/${steps[0].task_id}`)
  const never = await customer.get(`/tasks/task_${'0'.repeat(27)}`)
  expect({ ...theirs.json, error: { ...theirs.json.error, request_id: '' } }).toEqual({
    ...never.json,
    error: { ...never.json.error, request_id: '' },
  })
})

test('a webhook of the account, and lists of whole orders, know nothing of the first frame', async () => {
  const receiver = await startReceiver()
  const told = await gateway.customer(100)
  const { key } = told
  const types = ['task.running', 'task.succeeded', 'task.failed']
  const set = await gateway.call('PUT', '/api/v1/webhooks', {
    key,
    body: { url: receiver.url, event_types: types },
  })
  expect(set.status).toBe(200)
  const [id] = (await told.create(text)).json.data.task_ids
  await told.ended(id)
  const events = () => receiver.told.map(({ body }) => JSON.parse(body))
  await until(events, (all) => all.some(({ type }) => type === 'task.succeeded'))
  expect(new Set(events().map(({ data }) => data.task_id))).toEqual(new Set([id]))
  const frame = (await inspect(gateway, id)).steps[0]
  const prediction = async (of: string) =>
    (await gateway.call('GET', `/replicate/v1/predictions/${of}`, { key })).status
  expect(await prediction(frame.request_id)).toBe(404)
  const { results } = (await gateway.call('GET', '/replicate/v1/predictions', { key })).json
  expect(results).toHaveLength(1)
  const entries = (await told.get('/ledger')).json.data.entries
  expect(entries.filter(({ task_id }: any) => task_id !== null)).toMatchObject([{ task_id: id, amount: -50 }])
})

test('a prompt that Keevx fails is failed at the first step: nothing else is ordered, and all credits are back', async () => {
  const paid = paidSince()
  const before = await customer.balance()
  const [id] = (await customer.create({ ...text, prompt: 'to fail' })).json.data.task_ids
  expect(await customer.ended(id)).toMatchObject({
    task_status: 4,
    error_message: expect.stringMatching(/^The first frame could not be made, so no video was ordered/),
    credits: 50,
    credits_refunded: 50,
    steps: [{ status: 4 }, { status: 4 }],
  })
  expect(paid()).toHaveLength(1)
  expect(await customer.balance()).toBe(before)
  const chinese = await customer.get(`/tasks/${id}`, { 'accept-language': 'zh' })
  expect(chinese.json.data.error_message).toMatch(/^首帧未能生成/)
})

test('a gateway that stops between the steps goes on after its next start, and orders nothing twice', async () => {
  const paid = paidSince()
  gateway.sandbox.always('query', { kind: 'status', status: 503 })
  const [id] = (await customer.create(text)).json.data.task_ids
  await until(
    () => paid().length,
    (orders) => orders === 1,
  )
  await gateway.restart()
  expect(await customer.task(id)).toMatchObject({ task_status: 1, steps: [{ status: 2 }, { status: 1 }] })
  gateway.sandbox.always('query', null)
  expect(await customer.ended(id)).toMatchObject({ task_status: 3 })
  expect(paid()).toHaveLength(2)
})

test('a 429 and a 500 at either step are tried again, and each step is paid for once', async () => {
  const paid = paidSince()
  const trouble = [
    { kind: 'status', status: 429, body: {} },
    { kind: 'status', status: 500, body: {} },
  ] as const
  gateway.sandbox.script('submit', ...trouble)
  const [id] = (await customer.create(text)).json.data.task_ids
  await until(
    () => paid().length,
    (orders) => orders === 1,
  )
  gateway.sandbox.script('submit', ...trouble)
  expect(await customer.ended(id)).toMatchObject({ task_status: 3 })
  expect(paid()).toHaveLength(2)
})

test('the same Idempotency-Key is the same task with the same answer; two wanted twins are two', async () => {
  const paid = paidSince()
  const headers = { 'idempotency-key': 'one-heron' }
  const [first, twin] = await Promise.all([customer.create(text, headers), customer.create(text, headers)])
  expect(twin.json.data).toEqual(first.json.data)
  const id = first.json.data.task_id
  await customer.ended(id)
  expect((await customer.create(text, headers)).json.data).toEqual(first.json.data)
  const others = [await customer.create(text), await customer.create(text)]
  for (const { json } of others) await customer.ended(json.data.task_id)
  expect(paid()).toHaveLength(6)
})

test('a quote is of both steps and holds for both, and the list of models says so', async () => {
  const quote = async (body: object) =>
    (await gateway.call('POST', '/api/v1/quote', { key: customer.key, body })).json.data
  const quoted = await quote(text)
  expect(quoted).toMatchObject({ credits: 50, quote_id: expect.stringMatching(/^quote_/) })
  const ordered = await customer.create({ ...text, quote_id: quoted.quote_id })
  expect(ordered.json.data).toMatchObject({ credits: 50 })
  const pictured = { ...text, image_urls: ['https://example.com/a.png'] }
  expect(quoted.first_frame).toEqual({ model_id: 'keevx-image-std', credits: 10 })
  expect(await quote(pictured)).toEqual({
    credits: 40,
    quote_id: expect.any(String),
    expires_at: expect.any(Number),
  })
  const cheaper = await customer.create({ ...pictured, quote_id: quoted.quote_id })
  expect(cheaper.json.data.credits).toBe(40)
  const { quote_id } = await quote(pictured)
  expect((await customer.create({ ...text, quote_id })).json.error).toMatchObject({ field: 'quote_id' })
  const { models } = (await customer.get('/models')).json.data
  expect(models.find(({ id }: any) => id === 'keevx-kl')).toMatchObject({
    first_frame: { model_id: 'keevx-image-std', credits: { min: 10, max: 10 } },
  })
  for (const { json } of [ordered, cheaper]) await customer.ended(json.data.task_id)
})

test('an account that could pay one step but not both orders nothing', async () => {
  const paid = paidSince()
  const poor = await gateway.customer(49)
  expect((await poor.create(text)).json.error.type).toBe('insufficient_credits')
  expect(await poor.balance()).toBe(49)
  expect(paid()).toEqual([])
})

test('a test key plays both steps, and nothing real is ordered', async () => {
  const paid = paidSince()
  const play = await testCustomer(gateway, customer.accountId)
  const { task_id } = (await play.create(text)).json.data
  expect(await play.ended(task_id)).toMatchObject({ task_status: 3, credits: 50, steps: [{ status: 3 }, {}] })
  expect(paid()).toEqual([])
})

test("OpenAI's clients order such a video with a text alone, and see one video without an image that they sent", async () => {
  const { key } = customer
  const ordered = await gateway.call('POST', '/v1/videos', {
    key,
    body: { model: 'keevx-s', prompt: 'a heron', seconds: '4' },
  })
  expect(ordered.status).toBe(200)
  const { id } = ordered.json
  const done = await until(
    async () => (await gateway.call('GET', `/v1/videos/${id}`, { key })).json,
    ({ status }) => status === 'completed' || status === 'failed',
  )
  expect(done).toMatchObject({ status: 'completed', model: 'keevx-s' })
  const listed = (await gateway.call('GET', '/v1/videos?limit=1', { key })).json.data
  expect(listed.map((video: any) => video.id)).toEqual([id])
})

test("Replicate's clients do too, and their input shows what they sent", async () => {
  const { key } = customer
  const made = await gateway.call('POST', '/replicate/v1/models/any/keevx-s/predictions', {
    key,
    body: { input: { prompt: 'a heron' } },
    headers: { prefer: 'wait' },
  })
  expect(made.json).toMatchObject({ status: 'succeeded', output: expect.stringMatching(/^http/) })
  expect(made.json.input).toMatchObject({ prompt: 'a heron' })
  expect(made.json.input).not.toHaveProperty('image_urls')
  const { results } = (await gateway.call('GET', '/replicate/v1/predictions', { key })).json
  expect(results.filter(({ input }: any) => input.duration === undefined)).toEqual([])
})
