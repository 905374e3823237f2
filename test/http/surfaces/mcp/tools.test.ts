// The tools: what they answer is what the tasks API answers.
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { quickYaml, startGateway, until } from '../../../support/gateway.ts'
import type { Customer, Gateway } from '../../../support/gateway.ts'
import { callTool, rpc } from './rpc.ts'
import type { Era } from './rpc.ts'

let gateway: Gateway
let customer: Customer
beforeAll(async () => {
  gateway = await startGateway({
    yaml: quickYaml.replace('store: none', 'store: disk'),
    env: { PUBLIC_URL: 'https://pictures.example' },
    sandbox: { imageMs: 800 },
  })
  customer = await gateway.customer(10_000)
})
afterAll(async () => await gateway.stop())

const eras: readonly Era[] = ['modern', 'legacy']
const call = async (name: string, args: object, headers?: Record<string, string>) =>
  await callTool(gateway, customer, name, args, headers ? { headers, id: nextId() } : { id: nextId() })
let calls = 0
const nextId = () => (calls += 1)

describe.each(eras)('in the %s era', (era) => {
  test('the tools are listed without a handshake, each with its schemas', async () => {
    const { status, result } = await rpc(gateway, customer, 'tools/list', {}, { era })
    const names = 'list_models quote generate_image generate_video get_task list_tasks get_credits'.split(' ')
    expect([status, result.tools.map(({ name }: { name: string }) => name)]).toEqual([200, names])
    for (const { inputSchema, outputSchema } of result.tools)
      expect([inputSchema.type, outputSchema.type]).toEqual(['object', 'object'])
    const { properties, required } = result.tools[2].inputSchema
    expect(required).toEqual(['model_id', 'prompt'])
    expect(Object.keys(properties)).toEqual(
      expect.arrayContaining(['image_urls', 'max_credits', 'wait_seconds']),
    )
    expect(properties).not.toHaveProperty('duration')
  })

  test('a picture is ordered, awaited and linked, and the client hears how far it is', async () => {
    const params = {
      name: 'generate_image',
      arguments: { model_id: 'gpt-image-2', prompt: `a crane, ${era}` },
    }
    const { messages, result } = await rpc(gateway, customer, 'tools/call', params, {
      era,
      id: 'order',
      meta: { progressToken: 'p' },
    })
    const { tasks, credits, repeated } = result.structuredContent
    expect([credits, repeated, tasks.length, tasks[0].task_status]).toEqual([15, false, 1, 3])
    const uri = tasks[0].image_url
    expect(result.content.map(({ type }: { type: string }) => type)).toEqual(['text', 'resource_link'])
    expect(result.content[1]).toMatchObject({
      uri,
      name: tasks[0].task_id,
      mimeType: expect.stringMatching(/^image\//),
    })
    expect(result.content[0].text).toContain(uri)
    const progress = messages.slice(0, -1).map(({ method, params: told }) => [method, told.progressToken])
    expect(progress).toContainEqual(['notifications/progress', 'p'])
  })

  test('a notification is taken without an answer', async () => {
    const { status, text } = await rpc(
      gateway,
      customer,
      'notifications/initialized',
      {},
      { era, isNotice: true },
    )
    expect([status, text]).toEqual([202, ''])
  })
})

test('a task that takes longer than the call waits is handed back, and get_task goes on', async () => {
  const ordered = await call('generate_image', { model_id: 'gpt-image-2', prompt: 'a swan', wait_seconds: 0 })
  const [{ task_id: id, task_status: status }] = ordered.structuredContent.tasks
  expect([status, ordered.content[0].text]).toEqual([1, expect.stringMatching(/get_task/)])
  const { structuredContent, content } = await call('get_task', { task_id: id, wait_seconds: 600 })
  expect([structuredContent.task_id, structuredContent.task_status]).toEqual([id, 3])
  expect(structuredContent).toEqual(await customer.task(id))
  expect(content[1]).toMatchObject({ type: 'resource_link', uri: structuredContent.image_url })
})

test('pictures are in the answer when they are asked for, as far as they fit', async () => {
  const args = { model_id: 'gpt-image-2', prompt: 'two ducks', generate_count: 2, include_image: true }
  const { structuredContent, content } = await call('generate_image', { ...args, wait_seconds: '50' })
  const images = content.filter(({ type }: { type: string }) => type === 'image')
  expect(images.length).toBe(2)
  for (const [at, { data, mimeType }] of images.entries()) {
    const shown = await fetch(localUrl(structuredContent.tasks[at].image_url))
    expect([mimeType, Buffer.from(data, 'base64').equals(Buffer.from(await shown.arrayBuffer()))]).toEqual([
      shown.headers.get('content-type'),
      true,
    ])
  }
})

/** Kept files have URLs of PUBLIC_URL. */
const localUrl = (url: string): string => url.replace('https://pictures.example', gateway.url)

test('what was ordered and failed is an error, and its credits are back', async () => {
  const before = await customer.balance()
  const result = await call('generate_image', {
    model_id: 'gpt-image-2',
    prompt: 'to fail',
    wait_seconds: 50,
  })
  expect([result.isError, result.structuredContent.tasks[0].credits_refunded]).toEqual([true, 15])
  expect(result.content[0].text).toMatch(/15 credits were returned/)
  expect(await customer.balance()).toBe(before)
})

test('models, prices, tasks and credits are those of the tasks API', async () => {
  const order = { model_id: 'seedance-2', prompt: 'a river', duration: 8 }
  const before = await customer.balance()
  const quoted = await call('quote', order)
  expect(quoted.structuredContent).toMatchObject({ credits: 80, quote_id: expect.any(String) })
  expect((await call('list_models', {})).structuredContent).toEqual((await customer.get('/models')).json.data)
  expect((await call('get_credits', {})).structuredContent.balance).toBe(before)
  const { task_id: id } = (await customer.create({ model_id: 'gpt-image-2', prompt: 'a lark' })).json.data
  await customer.ended(id)
  const { tasks, next_cursor: cursor } = (await call('list_tasks', { limit: 1 })).structuredContent
  expect(tasks).toEqual([await customer.task(id)])
  const next = await call('list_tasks', { limit: '1', cursor, status: 3, model_id: 'gpt-image-2' })
  expect(next.structuredContent.tasks[0].task_id < id).toBe(true)
})

test('a video is ordered with the tool for videos, from a text as from a picture', async () => {
  const args = { model_id: 'seedance-2', prompt: 'a river', duration: 8, wait_seconds: 50 }
  const { structuredContent, content } = await call('generate_video', args)
  expect(structuredContent.tasks[0]).toMatchObject({ task_type: 'video', task_status: 3, credits: 80 })
  expect(content[1]).toMatchObject({ uri: structuredContent.tasks[0].video_url, mimeType: 'video/mp4' })
})

test.each([
  ['generate_image', { model_id: 'gpt-imagine', prompt: 'x' }, 'unknown_model', /did you mean gpt-image-2/],
  ['generate_image', { prompt: 'x' }, 'invalid_request', /model_id/],
  ['generate_image', { model_id: 'seedance-2', prompt: 'x' }, 'invalid_request', /generate_video/],
  ['generate_video', { model_id: 'gpt-image-2', prompt: 'x' }, 'invalid_request', /generate_image/],
  ['generate_image', { model_id: 'gpt-image-2', prompt: 'x', size: '1K' }, 'invalid_request', /size/],
  [
    'generate_image',
    { model_id: 'gpt-image-2', prompt: 'x', wait_seconds: -1 },
    'invalid_request',
    /wait_seconds/,
  ],
  [
    'generate_image',
    { model_id: 'gpt-image-2', prompt: 'x', max_credits: 1 },
    'invalid_request',
    /15 credits/,
  ],
  ['get_task', { task_id: 'task_0' }, 'not_found', /no task/],
  ['get_task', {}, 'invalid_request', /task_id/],
  ['list_tasks', { limit: 1_000 }, 'invalid_request', /limit/],
  ['list_tasks', { cursor: 'x' }, 'invalid_request', /cursor/],
  ['quote', { model_id: 'gpt-image-2' }, 'invalid_request', /prompt/],
  ['get_credits', { of: 'theirs' }, 'invalid_request', /of/],
])('%s refuses %j as the tasks API does, and charges nothing', async (name, args, type, text) => {
  const before = await customer.balance()
  const { isError, content, _meta } = await call(name, args)
  expect([isError, _meta.error.type, content[0].text]).toEqual([true, type, expect.stringMatching(text)])
  expect(await customer.balance()).toBe(before)
})

test('without credits nothing is ordered; the words are those of the language that is asked for', async () => {
  const poor = await gateway.customer(1)
  const args = { model_id: 'gpt-image-2', prompt: 'x' }
  const headers = { 'accept-language': 'zh' }
  const { isError, content, _meta } = await callTool(gateway, poor, 'generate_image', args, { headers })
  expect([isError, _meta.error.type, content[0].text]).toEqual([
    true,
    'insufficient_credits',
    expect.stringMatching(/积分/),
  ])
})

test('another account sees nothing of it', async () => {
  const stranger = await gateway.customer(0)
  const [mine] = (await call('list_tasks', { limit: 1 })).structuredContent.tasks
  const theirs = await callTool(gateway, stranger, 'list_tasks')
  expect(theirs.structuredContent).toEqual({ tasks: [], next_cursor: null })
  const unseen = await callTool(gateway, stranger, 'get_task', { task_id: mine.task_id })
  const none = await callTool(gateway, stranger, 'get_task', { task_id: 'task_0' })
  expect(unseen.content).toEqual(none.content)
})

test('a client that leaves lets its place go', async () => {
  const waiters = async () =>
    /^tollgate_waiters (\d+)$/m.exec((await gateway.call('GET', '/metrics')).text)?.[1]
  const gone = new AbortController()
  const args = { model_id: 'gpt-image-2', prompt: 'a slow one', wait_seconds: 50 }
  const left = callTool(gateway, customer, 'generate_image', args, { id: nextId(), signal: gone.signal })
  await until(waiters, (count) => count === '1')
  gone.abort()
  await expect(left).rejects.toThrow()
  expect(await until(waiters, (count) => count === '0')).toBe('0')
})
