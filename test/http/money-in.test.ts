// What customers and operators do about money over HTTP: refunds by hand, low balances, codes, where to buy.
import { afterAll, beforeAll, expect, test } from 'vitest'
import { quickYaml, startGateway, until } from '../support/gateway.ts'
import type { Gateway } from '../support/gateway.ts'
import { receiverYaml, startReceiver } from '../support/receiver.ts'
import { failure, seen } from './expectations.ts'

let gateway: Gateway
beforeAll(async () => {
  gateway = await startGateway({ yaml: `${quickYaml}${receiverYaml()}` })
})
afterAll(async () => await gateway.stop())

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
  const [low] = deliveries.filter(({ type }: { type: string }) => type === 'balance.low')
  expect(low).toMatchObject({ task_id: null })
  await gateway.call('POST', `/api/v1/webhooks/deliveries/${low.id}/resend`, { key })
  await until(lows, (told) => told.length > 1)
  expect(lows()[1]).toEqual(lows()[0])
})
