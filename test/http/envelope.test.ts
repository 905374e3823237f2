// Every answer has one shape, speaks the caller's language, and differs in its status only where HTTP is the matter.
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { CommitUnknown } from '../../src/db/errors.ts'
import { startGateway } from '../support/gateway.ts'
import type { Customer, Gateway } from '../support/gateway.ts'
import { failure, seen } from './expectations.ts'

let gateway: Gateway
let customer: Customer
const order = { model_id: 'gpt-image-2', prompt: 'a garden' }
const literal = '提交成功,等待生成'

beforeAll(async () => {
  gateway = await startGateway()
  customer = await gateway.customer(1_000)
})
afterAll(async () => await gateway.stop())

test('a success is code 200, a message, the data, and no error', async () => {
  const answer = await customer.get('/credits')
  expect(answer.status).toBe(200)
  expect(answer.json).toEqual({ code: 200, msg: 'ok', data: { balance: 1_000, in_flight: 0 } })
  expect(answer.headers.get('x-request-id')).toMatch(/^req_/)
})

test('a business failure is code 0 with HTTP 200', async () => {
  expect(seen(await customer.create({ ...order, model_id: 'gpt-image-9' }))).toEqual(
    failure({ type: 'unknown_model', field: 'model_id' }),
  )
  expect(seen(await customer.get('/tasks/no-such-task'))).toEqual(
    failure({ type: 'not_found', field: 'task_id' }),
  )
})

test('no two answers have the same request id', async () => {
  const answers = await Promise.all(Array.from({ length: 20 }, () => customer.get('/credits')))
  expect(new Set(answers.map(({ headers }) => headers.get('x-request-id'))).size).toBe(20)
})

describe('a store that', () => {
  /** The answers in both languages to an order whose storing fails in this way. */
  async function failing(error: Error) {
    const db = gateway.app.ctx.db as { transaction: unknown }
    const { transaction } = db
    db.transaction = async () => {
      throw error
    }
    try {
      return await Promise.all(
        [{}, { 'accept-language': 'zh' }].map((headers) => customer.create(order, headers)),
      )
    } finally {
      db.transaction = transaction
    }
  }

  test('fails as nobody foresaw says so, and nothing of itself', async () => {
    for (const answer of await failing(new TypeError('cannot read "hash" of row sk-canary'))) {
      expect(seen(answer)).toEqual(failure({ type: 'internal', status: 500 }))
      expect(answer.text).not.toMatch(/canary|hash|row|TypeError/)
    }
  })

  test('does not confirm a commit says that nobody knows, and never that nothing was charged', async () => {
    const [en, zh] = await failing(new CommitUnknown(new Error('fsync')))
    for (const answer of [en, zh])
      expect(answer && seen(answer)).toEqual(failure({ type: 'unavailable', status: 503 }))
    expect(en?.json.msg).toContain('may or may not have been kept')
    expect(zh?.json.msg).toContain('可能已生效也可能未生效')
  })
})

describe('the language of msg', () => {
  const failing = (language?: string) =>
    customer.get('/tasks/none', language === undefined ? {} : { 'accept-language': language })

  test.each([
    ['en'],
    ['*'],
    ['fr-CH, fr;q=0.9'],
    ['en, zh'],
    ['zh;q=0.4, en;q=0.9'],
    ['zh;q=0'],
    ['zh;q=high'],
    [';;;,,q=,=='],
    ['zhongwen'],
    ['x'.repeat(2_000)],
  ])('is English for %s', async (language) => {
    const { json } = await failing(language)
    expect(json.msg).toMatch(/^There is no task/)
    expect(json.error.message).toBe(json.msg)
  })

  test.each([
    ['zh'],
    ['zh-CN'],
    ['ZH-Hant-TW'],
    ['fr, zh;q=0.1'],
    ['en;q=0.4, zh-CN;q=0.9'],
    ['*;q=0.1, zh;q=0.5'],
  ])('is Chinese for %s', async (language) => {
    const { json } = await failing(language)
    expect(json.msg).toMatch(/[一-鿿]/)
    // One language in one answer.
    expect(json.error.message).toBe(json.msg)
  })

  test.each([
    [undefined, literal],
    ['*', literal],
    ['zh-CN', literal],
    ['fr', literal],
    ['nonsense;;', literal],
    ['en', 'Submitted, waiting for generation'],
    ['en-US,en;q=0.5', 'Submitted, waiting for generation'],
    ['zh;q=0.2, en', 'Submitted, waiting for generation'],
  ])('of a create for %s is %s', async (language, msg) => {
    const answer = await gateway.call('POST', '/api/v1/tasks/create', {
      key: customer.key,
      body: order,
      ...(language !== undefined && { headers: { 'accept-language': language } }),
    })
    expect(answer.json).toMatchObject({ code: 200, msg })
  })
})

describe('the statuses that HTTP asks for', () => {
  test.each([
    ['cut short', '{"model_id": "gpt-image-2"'],
    ['with something behind it', '{"model_id":"gpt-image-2","prompt":"a"} more'],
    ['empty', ''],
    ['single quotes', "{'model_id': 'gpt-image-2'}"],
    ['a trailing comma', '{"model_id":"gpt-image-2","prompt":"a",}'],
    ['with __proto__', '{"__proto__":{"a":1},"model_id":"gpt-image-2","prompt":"a"}'],
    ['nested too deep for anyone', '['.repeat(30_000)],
  ])('malformed JSON is 400: %s', async (_name, body) => {
    expect(seen(await customer.create(body))).toEqual(failure({ type: 'invalid_request', status: 400 }))
  })

  test('a body in another encoding is 400 and costs nothing', async () => {
    const before = await customer.balance()
    const response = await fetch(`${gateway.url}/api/v1/tasks/create`, {
      method: 'POST',
      headers: { authorization: `Bearer ${customer.key}`, 'content-type': 'application/json' },
      body: Buffer.from('{"model_id":"gpt-image-2","prompt":"café"}', 'latin1'),
    })
    expect(response.status).toBe(400)
    expect(await customer.balance()).toBe(before)
  })

  test.each([
    [undefined],
    ['text/plain'],
    ['application/x-www-form-urlencoded'],
    ['application/jsonp'],
    ['text/html'],
    ['json'],
  ])('a body of the type %s is 415', async (type) => {
    const answer = await fetch(`${gateway.url}/api/v1/tasks/create`, {
      method: 'POST',
      headers: { authorization: `Bearer ${customer.key}`, ...(type && { 'content-type': type }) },
      // Bytes, for which fetch makes up no type.
      body: Buffer.from(JSON.stringify(order)),
    })
    expect(answer.status).toBe(415)
    expect(await answer.json()).toMatchObject({ code: 0, error: { type: 'unsupported_media_type' } })
  })

  test('a charset beside application/json is no other type', async () => {
    const answer = await customer.create(order, { 'content-type': 'Application/JSON; charset=UTF-8' })
    expect(answer.json.code).toBe(200)
  })

  test.each([
    ['/api/v1/nothing'],
    ['/api/v2/tasks'],
    ['/api/v1'],
    ['/admin/v1/nothing'],
    ['/nothing'],
    ['//'],
    ['/api/v1/tasks/a/b'],
  ])('an unknown path is 404: %s', async (path) => {
    expect(seen(await gateway.call('GET', path, { key: customer.key }))).toEqual(
      failure({ type: 'not_found', status: 404 }),
    )
  })

  test.each([
    ['GET', '/api/v1/tasks/create', ['POST']],
    ['PUT', '/api/v1/tasks/create', ['POST']],
    ['POST', '/api/v1/tasks', ['GET', 'HEAD']],
    ['PUT', '/api/v1/tasks/some-task', ['DELETE', 'GET', 'HEAD']],
    ['POST', '/api/v1/credits', ['GET', 'HEAD']],
    ['PUT', '/admin/v1/accounts/some-account', ['DELETE', 'GET', 'HEAD', 'PATCH']],
    ['POST', '/healthz', ['GET', 'HEAD']],
    ['OPTIONS', '/api/v1/quote', ['POST']],
  ])('a wrong method is 405 and says which are right: %s %s', async (method, path, allowed) => {
    const answer = await gateway.call(method, path, { key: customer.key })
    expect(seen(answer)).toEqual(failure({ type: 'invalid_request', status: 405 }))
    expect(answer.headers.get('allow')?.split(', ').toSorted()).toEqual(allowed)
  })

  test('64 KiB are read, one byte more is 413', async () => {
    const frame = JSON.stringify({ ...order, prompt: '' }).length
    const bodyOf = (bytes: number) => JSON.stringify({ ...order, prompt: 'a'.repeat(bytes - frame) })
    expect(seen(await customer.create(bodyOf(65_536)))).toEqual(
      failure({ type: 'invalid_request', field: 'prompt' }),
    )
    expect(seen(await customer.create(bodyOf(65_537)))).toEqual(
      failure({ type: 'payload_too_large', status: 413 }),
    )
  })

  test('a client that asks for no content is answered all the same', async () => {
    const head = await gateway.call('HEAD', '/api/v1/credits', { key: customer.key })
    expect([head.status, head.text]).toEqual([200, ''])
  })

  test('an empty body hurts nobody where none is asked for, whatever its type', async () => {
    const headers = { 'content-type': 'application/json' }
    const key = 'an-admin-token-of-more-than-32-characters'
    expect((await gateway.call('POST', '/admin/v1/models/reload', { key, headers })).status).toBe(200)
  })
})
