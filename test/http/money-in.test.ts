// What customers and operators do about money over HTTP: refunds by hand, low balances, codes, where to buy.
import { afterAll, beforeAll, expect, test } from 'vitest'
import { adminToken, quickYaml, startGateway, until } from '../support/gateway.ts'
import type { Gateway } from '../support/gateway.ts'
import { receiverYaml, startReceiver } from '../support/receiver.ts'
import { failure, seen } from './expectations.ts'

let gateway: Gateway
beforeAll(async () => {
  gateway = await startGateway({
    yaml: `${quickYaml}${receiverYaml()}brand: { buy_url: "${shop}", buy_text: Top up here }\n`,
  })
})
afterAll(async () => await gateway.stop())

const shop = 'https://shop.example/credits?from=api'
const picture = { model_id: 'gpt-image-2', prompt: 'a garden' }

test('the operator gives back a part of a task, and its customer sees it', async () => {
  const customer = await gateway.customer(100)
  const { task_id: id } = (await customer.create(picture)).json.data
  await customer.ended(id)
  const refund = async (body: object) => await gateway.operator('POST', `/tasks/${id}/refund`, body)
  const given = await refund({ credits: 5, reason: 'too dark' })
  expect([given.status, given.json.data]).toEqual([200, { refunded: 5, balance: 90 }])
  expect(await customer.task(id)).toMatchObject({ task_status: 3, credits: 15, credits_refunded: 5 })
  const ledger = await customer.get('/ledger?limit=1')
  expect(ledger.json.data.entries).toMatchObject([{ kind: 'manual_refund', amount: 5, task_id: id }])
  expect(ledger.text).not.toContain('too dark')
  const detail = (await gateway.operator('GET', `/tasks/${id}`)).json.data
  expect(detail.entries).toMatchObject([
    { kind: 'charge' },
    { kind: 'manual_refund', private_note: 'too dark' },
  ])
  expect(seen(await refund({ credits: 11, reason: 'more' }))).toEqual(
    failure({ type: 'invalid_request', status: 409, field: 'credits' }),
  )
  expect(seen(await refund({ credits: 5 }))).toEqual(
    failure({ type: 'invalid_request', status: 400, field: 'reason' }),
  )
  expect((await refund({ reason: 'all of it' })).json.data).toEqual({ refunded: 10, balance: 100 })
})

test('a balance that falls below the threshold of its account is told to the URL of the account', async () => {
  const receiver = await startReceiver()
  const customer = await gateway.customer(20)
  const { accountId, key } = customer
  const change = async (low_balance: unknown) =>
    await gateway.operator('PATCH', `/accounts/${accountId}`, { low_balance })
  expect((await change(10)).json.data).toMatchObject({ low_balance: 10 })
  expect((await change('off')).json.data).toMatchObject({ low_balance: 'off' })
  expect((await change(0)).status).toBe(422)
  await change(10)
  await gateway.call('PUT', '/api/v1/webhooks', { key, body: { url: `${receiver.url}/hook` } })
  await customer.create(picture)
  const lows = () =>
    receiver.told.map(({ body }) => JSON.parse(body)).filter(({ type }) => type === 'balance.low')
  await until(lows, (told) => told.length > 0)
  expect(lows()).toEqual([
    { type: 'balance.low', timestamp: expect.any(String), data: { balance: 5, low_balance: 10 } },
  ])
  const { deliveries } = (await customer.get('/webhooks/deliveries')).json.data
  const low = deliveries.find(({ type }: { type: string }) => type === 'balance.low')
  expect(low).toMatchObject({ task_id: null })
  await gateway.call('POST', `/api/v1/webhooks/deliveries/${low.id}/resend`, { key })
  await until(lows, (told) => told.length > 1)
  expect(lows()[1]).toEqual(lows()[0])
})

const redeem = async (key: string, code: string, headers = {}) =>
  await gateway.call('POST', '/api/v1/credits/redeem', { key, body: { code }, headers })

test('a code is made, redeemed by one account, listed and voided', async () => {
  const [customer, stranger] = [await gateway.customer(0), await gateway.customer(0)]
  const made = await gateway.operator('POST', '/codes', { credits: 500, count: 3, note: '=1+1' })
  const { batch_id: batch, codes } = made.json.data
  expect([made.status, codes.length]).toEqual([201, 3])
  const written = codes[0].toLowerCase().replaceAll('-', ' ')
  const first = await redeem(customer.key, written)
  expect([first.status, first.json.data]).toEqual([200, { credits: 500, balance: 500 }])
  const again = await redeem(customer.key, codes[0])
  expect([again.json.data, again.headers.get('idempotency-replayed')]).toEqual([first.json.data, 'true'])
  const [entry] = (await customer.get('/ledger')).json.data.entries
  expect(entry).toMatchObject({ kind: 'grant', amount: 500, public_note: `${codes[0].slice(0, 8)}-…` })

  const listed = async (query: string) => (await gateway.operator('GET', `/codes?${query}`)).json.data
  expect((await listed(`batch=${batch}&status=redeemed`)).codes).toMatchObject([
    { batch_id: batch, status: 'redeemed', redeemed_by: customer.accountId, note: '=1+1' },
  ])
  const page = await listed(`batch=${batch}&limit=2`)
  expect(page.codes).toHaveLength(2)
  expect((await listed(`batch=${batch}&limit=2&cursor=${page.next_cursor}`)).codes).toHaveLength(1)
  expect(JSON.stringify(await listed(`batch=${batch}`))).not.toContain(codes[1].slice(9))
  expect((await gateway.operator('DELETE', `/codes/${batch}`)).json.data).toEqual({ voided: 2 })
  expect((await gateway.operator('DELETE', '/codes/batch_none')).status).toBe(404)

  const refused = [
    await redeem(stranger.key, codes[0]),
    await redeem(stranger.key, codes[1]),
    await redeem(stranger.key, 'tg-23456-23456-23456-23456'),
  ]
  const bodies = refused.map(({ text, headers }) => text.replace(headers.get('x-request-id') ?? '', ''))
  expect(new Set(bodies).size).toBe(1)
  const [oneRefused] = refused
  expect(oneRefused && seen(oneRefused)).toEqual(failure({ type: 'invalid_code', field: 'code' }))
})

test('codes and their list are CSV where that is asked for, and a note is no formula in it', async () => {
  const csv = async (method: string, path: string, body?: object) =>
    await fetch(`${gateway.url}/admin/v1${path}`, {
      method,
      headers: {
        authorization: `Bearer ${adminToken}`,
        accept: 'text/csv',
        'content-type': 'application/json',
      },
      ...(body && { body: JSON.stringify(body) }),
    })
  const made = await csv('POST', '/codes', { credits: 5, count: 2, note: '=HYPERLINK("x")' })
  expect([made.status, made.headers.get('content-type')]).toEqual([201, 'text/csv; charset=utf-8'])
  const [head, ...rows] = (await made.text()).trimEnd().split('\r\n')
  expect(head).toBe('batch_id,code')
  for (const row of rows) expect(row).toMatch(/^batch_[0-9a-z]{27},tg(?:-[2-9A-HJKMNP-Z]{5}){4}$/)
  const list = await (await csv('GET', `/codes?batch=${rows[0]?.split(',')[0]}`)).text()
  expect(list.split('\r\n')[1]).toMatch(/,unused,,,,,\d+,"'=HYPERLINK\(""x""\)"$/)
})

test.each([
  [{ credits: 0, count: 1 }, 'credits'],
  [{ credits: 1, count: 1_001 }, 'count'],
  [{ credits: 1.5, count: 1 }, 'credits'],
])('codes %j are refused', async (body, field) => {
  const refused = await gateway.operator('POST', '/codes', body)
  expect(refused.json).toMatchObject({ code: 0, error: { type: 'invalid_request', field } })
})

test('a test key redeems nothing real', async () => {
  const { accountId } = await gateway.customer(0)
  const { key } = (
    await gateway.operator('POST', `/accounts/${accountId}/keys`, { name: 'test', test: true })
  ).json.data
  const { codes } = (await gateway.operator('POST', '/codes', { credits: 500, count: 1 })).json.data
  const refused = await redeem(key, codes[0])
  expect(refused.json.error.type).toBe('invalid_code')
  expect(refused.headers.get('x-tollgate-sandbox')).toBe('true')
  expect((await gateway.operator('GET', '/codes?limit=1')).json.data.codes).toMatchObject([
    { status: 'unused' },
  ])
})

test('who cannot pay is told where to buy, on every surface in its own shape', async () => {
  const customer = await gateway.customer(0)
  const { key } = customer
  const refused = await customer.create(picture)
  expect(refused.json.error).toMatchObject({
    type: 'insufficient_credits',
    buy_url: shop,
    buy_text: 'Top up here',
  })
  expect(refused.json.msg).toMatch(/Top up here: https:\/\/shop\.example/)
  const call = async (path: string, body: object) =>
    (
      await gateway.call('POST', path, {
        key,
        body,
        headers: { accept: 'application/json, text/event-stream' },
      })
    ).json
  expect(await call('/v1/images/generations', { model: 'gpt-image-2', prompt: 'a' })).toMatchObject({
    error: { code: 'insufficient_quota', buy_url: shop },
  })
  expect(
    await call('/replicate/v1/models/openai/gpt-image-2/predictions', { input: { prompt: 'a' } }),
  ).toMatchObject({ buy_url: shop, detail: expect.stringContaining(shop) })
  expect(
    await call('/api/v1/jobs/createTask', { model: 'gpt-image-2', input: { prompt: 'a' } }),
  ).toMatchObject({ code: 402, msg: expect.stringContaining(shop) })
  const docs = (await gateway.call('GET', '/docs')).text
  expect(docs).toContain('<a href="https://shop.example/credits?from=api">Top up here</a>')
  // The operator is not told to buy; and what is refused for another reason says nothing of it.
  expect((await customer.create({ ...picture, model_id: 'none' })).json.error).not.toHaveProperty('buy_url')
})
