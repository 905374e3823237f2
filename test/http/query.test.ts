// What an account may look at: its tasks, the models, its credits and its ledger, and nobody else's.
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { startGateway } from '../support/gateway.ts'
import type { Answer, Customer, Gateway } from '../support/gateway.ts'
import { failure, seen } from './expectations.ts'

let gateway: Gateway
beforeAll(async () => {
  gateway = await startGateway()
})
afterAll(async () => await gateway.stop())

const picture = { model_id: 'gpt-image-2', prompt: 'a zen garden' }

describe('one task', () => {
  test('a picture that was made: the documented fields, what is known beside them, and all of it beside `data`', async () => {
    const customer = await gateway.customer(100)
    const since = Math.floor(Date.now() / 1000)
    const { data: created } = (await customer.create(picture)).json
    await customer.ended(created.task_id)
    const { status, json } = await customer.get(`/tasks/${created.task_id}`)
    expect(status).toBe(200)
    const data = {
      task_id: created.task_id,
      task_status: 3,
      task_type: 'image',
      model_id: 'gpt-image-2',
      image_url: expect.stringMatching(/^http/),
      video_url: null,
      audio_url: null,
      result_expires_at: json.data.finished_at + 7 * 24 * 60 * 60,
      result_expired: false,
      credits: 15,
      created_at: expect.any(Number),
      request_id: created.request_id,
      thumbnail_url: expect.stringMatching(/^http/),
      error_message: null,
      credits_refunded: 0,
      finished_at: expect.any(Number),
      width: null,
      height: null,
      duration: null,
    }
    expect(json).toEqual({ code: 200, msg: 'ok', data, ...data })
    expect(json.data.created_at).toBeGreaterThanOrEqual(since)
    expect(json.data.finished_at).toBeGreaterThanOrEqual(json.data.created_at)
    expect(Number.isInteger(json.data.created_at)).toBe(true)
  })

  test('a film tells its measures', async () => {
    const customer = await gateway.customer(100)
    const { data } = (await customer.create({ model_id: 'seedance-2', prompt: 'a garden', duration: 4 })).json
    expect(await customer.ended(data.task_id)).toMatchObject({
      task_type: 'video',
      image_url: null,
      duration: 4,
      width: expect.any(Number),
      height: expect.any(Number),
    })
  })

  test('one that failed says why, in words without the upstream', async () => {
    const customer = await gateway.customer(15)
    const { data } = (await customer.create({ ...picture, prompt: 'this will fail' })).json
    const task = await customer.ended(data.task_id)
    expect(task).toMatchObject({
      task_status: 4,
      image_url: null,
      thumbnail_url: null,
      credits: 15,
      credits_refunded: 15,
    })
    expect(task.error_message).toMatch(/\S/)
    expect(task.error_message).not.toMatch(/keevx|i2is/i)
    expect(await customer.balance()).toBe(15)
  })

  test("another's and one that never was are told apart by nothing but the request id", async () => {
    const [mine, theirs] = [await gateway.customer(0), await gateway.customer(15)]
    const { task_id } = (await theirs.create(picture)).json.data
    await theirs.ended(task_id)
    const shown = ({ status, headers, text }: Answer) => {
      const id = headers.get('x-request-id') ?? ''
      const rest = [...headers].filter(([name]) => !['x-request-id', 'date', 'etag'].includes(name))
      return { status, rest, text: text.replaceAll(id, '…') }
    }
    const never = `${task_id.slice(0, -4)}zzzz`
    const answers = await Promise.all(
      [task_id, never, 'x', "'; DROP TABLE tasks"].map((id) => mine.get(`/tasks/${encodeURIComponent(id)}`)),
    )
    expect(seen(answers[0] as Answer)).toEqual(failure({ type: 'not_found', field: 'task_id' }))
    for (const answer of answers) expect(shown(answer)).toEqual(shown(answers[0] as Answer))
    expect((await theirs.task(task_id)).task_status).toBe(3)
  })
})

describe('lists', () => {
  let customer: Customer
  let ids: string[]
  beforeAll(async () => {
    customer = await gateway.customer(1_000)
    ids = []
    for (const body of [
      { ...picture, generate_count: 4 },
      { ...picture, prompt: 'to fail', generate_count: 2 },
      { ...picture, model_id: 'nano-banana-2', generate_count: 5 },
    ]) {
      ids.push(...(await customer.create(body)).json.data.task_ids)
    }
    for (const id of ids) await customer.ended(id)
    const other = await gateway.customer(1_000)
    await other.create({ ...picture, generate_count: 3 })
  })

  async function walk(path: string, name: string, limit: number): Promise<any[]> {
    const pages: any[] = []
    let cursor = ''
    for (let turns = 0; turns < 50; turns += 1) {
      const { data } = (
        await customer.get(`${path}${path.includes('?') ? '&' : '?'}limit=${limit}&cursor=${cursor}`)
      ).json
      expect(data[name].length).toBeLessThanOrEqual(limit)
      pages.push(...data[name])
      if (data.next_cursor === null) return pages
      expect(data[name]).toHaveLength(limit)
      cursor = encodeURIComponent(data.next_cursor)
    }
    throw new Error('the pages never end')
  }

  test.each([1, 3, 11, 100])('every task comes once, newest first, in pages of %i', async (limit) => {
    const tasks = await walk('/tasks', 'tasks', limit)
    expect(tasks.map(({ task_id }) => task_id)).toEqual(ids.toReversed())
  })

  test('the last page that is exactly full has no next', async () => {
    const { data } = (await customer.get('/tasks?limit=11')).json
    expect([data.tasks.length, data.next_cursor]).toEqual([11, null])
  })

  test('what is ordered meanwhile moves nothing on the pages behind', async () => {
    const { data } = (await customer.get('/tasks?limit=5')).json
    const { task_id } = (await customer.create(picture)).json.data
    const rest = (await customer.get(`/tasks?limit=100&cursor=${data.next_cursor}`)).json.data.tasks
    expect([...data.tasks, ...rest].map((task: any) => task.task_id)).toEqual(ids.toReversed())
    await customer.ended(task_id)
    ids.push(task_id)
  })

  test('a task in a list looks as it does alone', async () => {
    const { tasks } = (await customer.get('/tasks?limit=2')).json.data
    for (const task of tasks) expect(task).toEqual(await customer.task(task.task_id))
  })

  test('status and model_id narrow the list', async () => {
    const failed = await walk('/tasks?status=4', 'tasks', 1)
    expect(failed.map(({ task_status, error_message }) => [task_status, Boolean(error_message)])).toEqual([
      [4, true],
      [4, true],
    ])
    const bananas = await walk('/tasks?model_id=nano-banana-2', 'tasks', 2)
    expect(bananas.map(({ model_id }) => model_id)).toEqual(Array.from({ length: 5 }, () => 'nano-banana-2'))
    expect(await walk('/tasks?model_id=nano-banana-2&status=4', 'tasks', 2)).toEqual([])
    expect(await walk('/tasks?status=1', 'tasks', 2)).toEqual([])
  })

  test.each(['/tasks', '/ledger', '/credits', '/models', '/webhooks', '/webhooks/deliveries', `/tasks/ID`])(
    'what is not known in the query of GET %s says nothing',
    async (path) => {
      const asked = path.replace('ID', ids[0] ?? '')
      const plain = (await customer.get(asked)).json
      for (const query of [
        '_t=1',
        'account=acc_1&utm_source=x',
        'statsu=1',
        '__proto__=1&a[]=1&a[]=2',
        '=',
        '%00=1',
      ]) {
        expect((await customer.get(`${asked}?${query}`)).json, query).toEqual(plain)
      }
    },
  )

  test('a request that changes something, or is charged, means what its query says', async () => {
    const body = { model_id: 'gpt-image-2', prompt: 'a' }
    for (const path of [
      '/api/v1/tasks/create?generate_count=4',
      '/api/v1/quote?_t=1',
      '/api/v1/webhooks/secret?x=1',
    ]) {
      const answer = await gateway.call('POST', path, { key: customer.key, body })
      expect(answer.json.error, path).toMatchObject({
        type: 'invalid_request',
        field: /\?(\w+)/.exec(path)?.[1],
      })
    }
  })

  test('values left blank are left out', async () => {
    const { data } = (await customer.get('/tasks?limit=&cursor=&status=&model_id=')).json
    expect(data.tasks).toHaveLength(ids.length)
  })

  test.each([
    ['/tasks?limit=0', 'limit'],
    ['/tasks?limit=101', 'limit'],
    ['/tasks?limit=-1', 'limit'],
    ['/tasks?limit=1.5', 'limit'],
    ['/tasks?limit=ten', 'limit'],
    ['/tasks?limit=1&limit=2', 'limit'],
    ['/tasks?limit=1e1', 'limit'],
    ['/tasks?status=0', 'status'],
    ['/tasks?status=5', 'status'],
    ['/tasks?status=running', 'status'],
    ['/tasks?cursor=nonsense', 'cursor'],
    ['/tasks?cursor=task_', 'cursor'],
    ["/tasks?cursor=task_' OR 1=1", 'cursor'],
    ['/tasks?model_id=%00', 'model_id'],
    ['/ledger?limit=0', 'limit'],
    ['/ledger?limit=1000', 'limit'],
    ['/ledger?cursor=-1', 'cursor'],
    ['/ledger?cursor=0x10', 'cursor'],
  ])('a query that cannot be is refused by name: %s', async (path, field) => {
    expect(seen(await customer.get(path))).toEqual(failure({ type: 'invalid_request', field }))
  })

  test.each([1, 4, 100])(
    'the ledger has every entry once, each with the balance it led to, in pages of %i',
    async (limit) => {
      const entries = await walk('/ledger', 'entries', limit)
      const oldestFirst = entries.toReversed()
      let balance = 0
      for (const entry of oldestFirst) {
        balance += entry.amount
        expect(entry.balance).toBe(balance)
      }
      expect(balance).toBe(await customer.balance())
      const kinds = oldestFirst.map(({ kind }) => kind)
      expect(kinds.filter((kind) => kind === 'charge')).toHaveLength(ids.length)
      expect(kinds.filter((kind) => kind === 'refund')).toHaveLength(2)
      expect(oldestFirst[0]).toEqual({
        id: expect.any(Number),
        kind: 'grant',
        amount: 1_000,
        balance: 1_000,
        task_id: null,
        public_note: null,
        created_at: expect.any(Number),
      })
    },
  )

  test("another account's cursor opens nothing of theirs", async () => {
    const stranger = await gateway.customer(0)
    expect((await stranger.get(`/tasks?cursor=${ids.at(-1)}`)).json.data).toEqual({
      tasks: [],
      next_cursor: null,
    })
    const { entries } = (await stranger.get('/ledger?cursor=999999')).json.data
    expect(entries).toEqual([])
  })
})

test('the models say what they take, and what a quote from them costs', async () => {
  const customer = await gateway.customer(0)
  const { models } = (await customer.get('/models')).json.data
  const gpt = models.find((model: any) => model.id === 'gpt-image-2')
  expect(gpt).toMatchObject({
    name: 'ChatGPT Image 2',
    capability: 'text / image to image',
    task_type: 'image',
    output: 'image_url',
    parameters: {
      prompt: { required: true, max: 1_000 },
      resolution: { values: ['1K', '2K', '4K'], default: '2K' },
      generate_count: { max: 8 },
    },
    price: { credits: 15, times: { resolution: { '4K': 2 } } },
  })
  expect(gpt.parameters).not.toHaveProperty('duration')
  const quote = (body: unknown) => gateway.call('POST', '/api/v1/quote', { key: customer.key, body })
  expect((await quote({ ...picture, generate_count: 3, resolution: '4K' })).json.data).toMatchObject({
    credits: 90,
  })
  expect(seen(await quote({ ...picture, resolution: '8K' }))).toEqual(
    failure({ type: 'invalid_request', field: 'resolution' }),
  )
})
