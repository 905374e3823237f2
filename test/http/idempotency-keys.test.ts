// Which keys and bodies are the same, which are refused, and that a refusal leaves the key free and costs nothing.
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { startGateway } from '../support/gateway.ts'
import type { Answer, Customer, Gateway } from '../support/gateway.ts'
import { exchange, failure, readAnswer, seen } from './expectations.ts'

let gateway: Gateway
beforeAll(async () => {
  gateway = await startGateway()
})
afterAll(async () => await gateway.stop())

const picture = { model_id: 'gpt-image-2', prompt: 'a zen garden' }
const keyed = (key: string) => ({ 'idempotency-key': key })
const replayed = ({ headers }: Answer) => headers.get('idempotency-replayed')
const mismatch = failure({ type: 'idempotency_mismatch', field: 'Idempotency-Key' })

describe('a body is the same', () => {
  const written = '{"model_id":"gpt-image-2","prompt":"a \\u56ed","generate_count":2,"aspect_ratio":"1:1"}'
  let customer: Customer
  let first: Answer
  beforeAll(async () => {
    customer = await gateway.customer(1_000)
    first = await customer.create(written, keyed('body'))
  })

  test.each([
    [
      'in another order',
      '{"aspect_ratio":"1:1","generate_count":2,"prompt":"a 园","model_id":"gpt-image-2"}',
    ],
    ['with other spaces', `\n ${written.replaceAll(':', ' :\t').replace('1 :\t1', '1:1')} `],
    ['with numbers written otherwise', written.replace('2,', '2.0,')],
    ['with nulls for what is left out', written.replace('}', ',"image_urls":null,"callback_url":null}')],
  ])('%s', async (_how, body) => {
    const again = await customer.create(body, keyed('body'))
    expect([again.text, replayed(again)]).toEqual([first.text, 'true'])
  })

  test.each([
    ['a letter is another', written.replace('a ', 'b ')],
    ['a number is another', written.replace('2,', '1,')],
    ['a number is another text', written.replace('2,', '"3",')],
    ['a field is added', written.replace('}', ',"resolution":"1K"}')],
    ['a default is spelled out', written.replace('}', ',"image_urls":[]}')],
    ['a field is left out', written.replace(',"aspect_ratio":"1:1"', '')],
    ['a value belongs to another field', written.replace('aspect_ratio', 'resolution')],
    ['it could not be ordered at all', '{"model_id":"none"}'],
    ['it is no object', '[]'],
    ['it is nothing', 'null'],
    ['it is nested deeper than can be', `${'['.repeat(30_000)}${']'.repeat(30_000)}`],
  ])('not when %s: that is refused, and costs nothing', async (_how, body) => {
    const balance = await customer.balance()
    const refused = await customer.create(body, keyed('body'))
    expect(seen(refused)).toEqual(mismatch)
    expect(refused.json.msg).toMatch(/Nothing was charged.*new key/)
    expect(replayed(refused)).toBeNull()
    const chinese = await customer.create(body, { ...keyed('body'), 'accept-language': 'zh' })
    expect(chinese.json.msg).toMatch(/未扣除任何积分.*新的键/)
    expect(await customer.balance()).toBe(balance)
  })

  test('and of two that differ, sent at once under one key, exactly one is ordered', async () => {
    const racing = await gateway.customer(1_000)
    const bodies = Array.from({ length: 40 }, (_, at) => ({ ...picture, prompt: at % 2 ? 'one' : 'other' }))
    const answers = await Promise.all(bodies.map((body) => racing.create(body, keyed('race'))))
    const taken = answers.filter(({ json }) => json.code === 200)
    expect(taken).toHaveLength(20)
    expect(new Set(taken.map(({ text }) => text)).size).toBe(1)
    for (const answer of answers) if (!taken.includes(answer)) expect(seen(answer)).toEqual(mismatch)
    expect(await racing.balance()).toBe(1_000 - 15)
    expect((await racing.get('/tasks')).json.data.tasks).toHaveLength(1)
  })
})

describe('what is refused leaves the key free:', () => {
  const refusals: readonly (readonly [
    what: string,
    refuse: (customer: Customer) => Promise<Answer>,
    mend: (customer: Customer) => Promise<unknown>,
  ])[] = [
    [
      'a body with a mistake in it',
      (customer) => customer.create({ ...picture, promt: 'a' }, keyed('k')),
      async () => undefined,
    ],
    [
      'a model that is not on offer',
      (customer) => customer.create({ ...picture, model_id: 'gpt-image-3' }, keyed('k')),
      async () => undefined,
    ],
    ['malformed JSON', (customer) => customer.create('{"model_id"', keyed('k')), async () => undefined],
    [
      'a body that is nested without end',
      (customer) => customer.create(`{"prompt":${'['.repeat(30_000)}${']'.repeat(30_000)}}`, keyed('k')),
      async () => undefined,
    ],
    [
      'more than the account has',
      (customer) => customer.create({ ...picture, generate_count: 2 }, keyed('k')),
      async () => undefined,
    ],
    [
      'the same order, before there were credits for it',
      async (customer) => {
        await gateway.operator('POST', `/accounts/${customer.accountId}/credits`, { amount: -1, note: 'n' })
        return await customer.create(picture, keyed('k'))
      },
      ({ accountId }) => gateway.operator('POST', `/accounts/${accountId}/credits`, { amount: 1, note: 'n' }),
    ],
    [
      'the same order, of an account that was suspended',
      async (customer) => {
        await gateway.operator('PATCH', `/accounts/${customer.accountId}`, { status: 'suspended' })
        return await customer.create(picture, keyed('k'))
      },
      ({ accountId }) => gateway.operator('PATCH', `/accounts/${accountId}`, { status: 'active' }),
    ],
  ]
  test.each(refusals)('%s', async (_what, refuse, mend) => {
    const customer = await gateway.customer(15)
    const refused = await refuse(customer)
    expect(refused.json).toMatchObject({ code: 0 })
    expect(refused.json.error.type).not.toMatch(/internal|unavailable|idempotency/)
    await mend(customer)
    const taken = await customer.create(picture, keyed('k'))
    expect(taken.json).toMatchObject({ code: 200, data: { credits: 15 } })
    expect(replayed(taken)).toBeNull()
    expect(await customer.balance()).toBe(0)
  })
})

describe('a key', () => {
  async function raw(customer: Customer, ...lines: string[]): Promise<Answer> {
    const body = JSON.stringify(picture)
    const head = [
      'POST /api/v1/tasks/create HTTP/1.1',
      'host: tollgate',
      `authorization: Bearer ${customer.key}`,
      'content-type: application/json',
      `content-length: ${body.length}`,
      'connection: close',
      ...lines,
    ]
    const bytes = Buffer.from(`${head.join('\r\n')}\r\n\r\n${body}`, 'latin1')
    const answer = await exchange(gateway.url, bytes)
    return readAnswer(answer.replace(/\r\n\r\n[\da-f]+\r\n/, '\r\n\r\n').replace(/\r\n0\r\n\r\n$/, ''))
  }

  test.each([
    ['is empty', ['Idempotency-Key:'], 'empty'],
    ['is nothing but spaces', ['Idempotency-Key:    '], 'empty'],
    ['is longer than 255 characters', [`Idempotency-Key: ${'k'.repeat(256)}`], '256'],
    ['holds a letter that is not ASCII', ['Idempotency-Key: caf\u00e9'], 'others'],
    ['holds a tab', ['Idempotency-Key: a\tb'], 'others'],
    ['stands in two lines', ['Idempotency-Key: a', 'idempotency-key: b'], '2 times'],
    ['stands in two lines that are alike', ['Idempotency-Key: a', 'Idempotency-Key: a'], '2 times'],
  ])('that %s is refused by name', async (_what, lines, word) => {
    const customer = await gateway.customer(100)
    const refused = await raw(customer, ...lines)
    expect(seen(refused)).toEqual(failure({ type: 'invalid_request', field: 'Idempotency-Key' }))
    expect(refused.json.msg).toContain(word)
    expect(await customer.balance()).toBe(100)
  })

  test.each([['k'], ['k'.repeat(255)], ['"8e03978e-40d5" ~ !/\\, {}']])('may be %s', async (key) => {
    const customer = await gateway.customer(100)
    const first = await raw(customer, `Idempotency-Key: ${key}`)
    const again = await customer.create(picture, keyed(key))
    expect(again.json.data).toEqual(first.json.data)
    expect(replayed(again)).toBe('true')
    expect(await customer.balance()).toBe(85)
  })

  test('is told apart from others by every letter and its case', async () => {
    const customer = await gateway.customer(100)
    for (const key of ['order', 'Order', 'order ', 'order-', '"order"'])
      await customer.create(picture, keyed(key))
    // Spaces at the ends are the header's, not the key's.
    expect(await customer.balance()).toBe(100 - 4 * 15)
  })
})

test('after all of it the ledger adds up', async () => {
  expect((await gateway.operator('GET', '/ledger/verify')).json.data).toMatchObject({ ok: true, drift: [] })
})
