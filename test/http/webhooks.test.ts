// The webhook of an account: its URL, its secret, and the log of what was told, page by page.
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { quickYaml, startGateway, until } from '../support/gateway.ts'
import type { Customer, Gateway } from '../support/gateway.ts'
import { failure, seen } from './expectations.ts'

let gateway: Gateway
let customer: Customer
beforeAll(async () => {
  gateway = await startGateway({ yaml: `${quickYaml}webhooks: { timeout: 1s, schedule: [1h] }\n` })
  customer = await gateway.customer(10_000)
})
afterAll(async () => await gateway.stop())

const call = (method: string, path: string, body?: unknown) =>
  gateway.call(method, `/api/v1/webhooks${path}`, { key: customer.key, ...(body !== undefined && { body }) })

test('there is none at first, and nothing was made for it', async () => {
  expect((await call('GET', '')).json.data).toEqual({
    url: null,
    enabled: false,
    disabled_reason: null,
    event_types: ['task.succeeded', 'task.failed', 'balance.low'],
    has_secret: false,
    secret_created_at: null,
    older_secrets_until: null,
  })
  expect((await call('GET', '/deliveries')).json.data).toEqual({ deliveries: [], next_cursor: null })
  expect(existsSync(join(gateway.folder, 'data/sealing.key'))).toBe(false)
})

describe('PUT', () => {
  test.each([
    ['a private address', 'http://10.1.2.3/hook'],
    ['loopback, which nobody allowed', 'http://127.0.0.1:9/hook'],
    ['an inside name', 'http://redis:6379/'],
    ['another scheme', 'ftp://example.com/hook'],
    ['a user name', 'https://me:secret@example.com/hook'],
    ['no URL', 'hook'],
    ['nothing in it', ''],
    ['a very long one', `https://example.com/${'x'.repeat(2048)}`],
  ])('refuses %s, and changes nothing', async (_what, url) => {
    await call('PUT', '', { url: 'https://receiver.invalid/before' })
    const answer = await call('PUT', '', { url })
    expect(seen(answer)).toEqual(failure({ type: 'invalid_request', field: 'url' }))
    expect(answer.json.error.message).not.toContain('secret')
    expect((await call('GET', '')).json.data.url).toBe('https://receiver.invalid/before')
  })

  test.each([
    ['no field', {}, 'url'],
    ['another field', { url: null, secret: 'mine' }, 'secret'],
    ['a number', { url: 7 }, 'url'],
  ])('refuses %s', async (_what, body, field) => {
    expect(seen(await call('PUT', '', body))).toEqual(failure({ type: 'invalid_request', field }))
  })
})

describe('event types', () => {
  const url = 'https://receiver.invalid/hook'
  const types = async () => (await call('GET', '')).json.data.event_types

  test('are those of the ends until others are chosen, and stay chosen when they are left out', async () => {
    expect(await types()).toEqual(['task.succeeded', 'task.failed', 'balance.low'])
    const chosen = ['task.failed', 'task.running', 'task.failed']
    const answer = await call('PUT', '', { url, event_types: chosen })
    expect(answer.json.data).toMatchObject({ url, event_types: ['task.running', 'task.failed'] })
    await call('PUT', '', { url: null })
    expect(await types()).toEqual(['task.running', 'task.failed'])
    const other = await gateway.customer(10)
    const seenByOther = await gateway.call('GET', '/api/v1/webhooks', { key: other.key })
    expect(seenByOther.json.data.event_types).toEqual(['task.succeeded', 'task.failed', 'balance.low'])
    await call('PUT', '', { url: null, event_types: null })
    expect(await types()).toEqual(['task.succeeded', 'task.failed', 'balance.low'])
  })

  test.each([
    [
      'an unknown one',
      ['task.failed', 'task.runing'],
      'event_types.1',
      /task\.running, task\.succeeded, task\.failed or balance\.low, not "task\.runing"/,
    ],
    ['one of another case', ['Task.Failed'], 'event_types.0', /task\.failed/],
    ['all of them by a star', ['*'], 'event_types.0', /task\.running/],
    ['the type of a test', ['webhook.test'], 'event_types.0', /task\.running/],
    ['none at all', [], 'event_types', /at least one type; to receive no webhooks, set url to null/],
    ['text', 'task.failed', 'event_types', /must be a list/],
    ['numbers', [1], 'event_types.0', /task\.running/],
  ])('%s is refused, and nothing is changed', async (_what, given, field, words) => {
    await call('PUT', '', { url: 'https://receiver.invalid/before', event_types: ['task.running'] })
    const answer = await call('PUT', '', { url, event_types: given })
    expect(seen(answer)).toEqual(failure({ type: 'invalid_request', field }))
    expect(answer.json.error.message).toMatch(words)
    expect((await call('GET', '')).json.data).toMatchObject({
      url: 'https://receiver.invalid/before',
      event_types: ['task.running'],
    })
    await call('PUT', '', { url: null, event_types: null })
  })

  test('with a URL that is refused are not taken either', async () => {
    const answer = await call('PUT', '', { url: 'http://10.1.2.3/hook', event_types: ['task.running'] })
    expect(seen(answer)).toEqual(failure({ type: 'invalid_request', field: 'url' }))
    expect(await types()).toEqual(['task.succeeded', 'task.failed', 'balance.low'])
  })
})

test('a secret is shown once, and GET tells of it without telling it', async () => {
  const first = (await call('POST', '/secret')).json.data
  expect(first).toEqual({ secret: expect.stringMatching(/^whsec_/), older_secrets_until: null })
  const second = (await call('POST', '/secret')).json.data
  expect(second.secret).not.toBe(first.secret)
  const now = Date.now() / 1000
  expect(second.older_secrets_until).toBeGreaterThan(now + 24 * 3600 - 60)
  const { text, json } = await call('GET', '')
  expect(json.data).toMatchObject({
    has_secret: true,
    secret_created_at: expect.any(Number),
    older_secrets_until: second.older_secrets_until,
  })
  for (const { secret } of [first, second]) expect(text).not.toContain(secret.slice(6, 20))
})

test('the log comes page by page, newest first, and by status', async () => {
  const created = await customer.create({
    model_id: 'gpt-image-2',
    prompt: 'a heron',
    generate_count: 5,
    callback_url: 'https://receiver.invalid/page',
  })
  const ids: string[] = created.json.data.task_ids
  await Promise.all(ids.map((id) => customer.ended(id)))
  const found: any[] = []
  let cursor = ''
  do {
    const page: any = (await call('GET', `/deliveries?limit=2&cursor=${cursor}`)).json.data
    found.push(...page.deliveries)
    cursor = page.next_cursor ?? ''
  } while (cursor !== '')
  expect(found.map(({ task_id: id }): string => id).toSorted()).toEqual(ids.toSorted())
  const order = found.map(({ id }): string => id)
  expect(order).toEqual(order.toSorted().toReversed())
  expect(found[0]).toMatchObject({ status: 'pending', type: 'task.succeeded', delivered_at: null })
  expect((await call('GET', '/deliveries?status=delivered')).json.data.deliveries).toEqual([])
  expect((await call('GET', '/deliveries?status=superseded')).json.data.deliveries).toEqual([])
  expect((await call('GET', '/deliveries?status=pending')).json.data.deliveries).toHaveLength(5)
  const tried = await until(
    async () => (await call('GET', '/deliveries?limit=1')).json.data.deliveries[0],
    ({ attempts }) => attempts === 1,
  )
  expect(tried).toMatchObject({ status: 'pending', next_at: expect.any(Number), last_status: null })
})

test.each([
  ['a status that is none', '?status=gone', 'status'],
  ['a cursor that no page gave out', '?cursor=task_1', 'cursor'],
  ['a limit too large', '?limit=101', 'limit'],
])('%s is refused', async (_what, query, field) => {
  expect(seen(await call('GET', `/deliveries${query}`))).toEqual(failure({ type: 'invalid_request', field }))
})

test('a delivery that is not there cannot be resent', async () => {
  expect(seen(await call('POST', '/deliveries/msg_0/resend'))).toEqual(
    failure({ type: 'not_found', field: 'id' }),
  )
})
