// The operator API exports an account as a stream of JSON lines, and erases it: its keys open nothing from that answer on.
import { afterAll, expect, test } from 'vitest'
import { startGateway } from '../support/gateway.ts'
import { until } from '../support/gateway.ts'
import { traces } from '../privacy/traces.ts'

const gateway = await startGateway()
afterAll(async () => await gateway.stop())

const linesOf = (text: string): any[] =>
  text
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line))

test('an export is a stream of lines, goes on behind one of them, and is refused where there is none', async () => {
  const customer = await gateway.customer(100)
  await customer.ended(
    (await customer.create({ model_id: 'gpt-image-2', prompt: 'a heron' })).json.data.task_id,
  )
  const path = `/accounts/${customer.accountId}/export`
  const whole = await gateway.operator('GET', path)
  expect(whole.headers.get('content-type')).toContain('application/x-ndjson')
  const lines = linesOf(whole.text)
  expect(lines.map(({ type }) => type)).toEqual(
    expect.arrayContaining(['export', 'account', 'keys', 'entries', 'orders', 'acts', 'end']),
  )
  const at = lines.findIndex(({ type }) => type === 'entries')
  const rest = await gateway.operator('GET', `${path}?after=${lines[at].at}`)
  expect(linesOf(rest.text)).toEqual(lines.slice(at + 1))
  expect(await gateway.operator('GET', `${path}?after=nothing:1`)).toMatchObject({ status: 409 })
  expect(await gateway.operator('GET', `/accounts/acc_none/export`)).toMatchObject({ status: 404 })
})

test('an erased account is closed with the answer, and emptied by the gateway with its files', async () => {
  const customer = await gateway.customer(100)
  const { accountId } = customer
  const { task_id: id } = (await customer.create({ model_id: 'gpt-image-2', prompt: 'a shy heron' })).json
    .data
  await customer.ended(id)
  const url = `/accounts/${accountId}`
  const erase = async (query: string) => await gateway.operator('DELETE', `${url}?${query}`)
  expect(await erase('')).toMatchObject({ status: 400 })
  for (const query of ['confirm=acc_other&forfeit=true', `confirm=${accountId}`]) {
    expect(await erase(query)).toMatchObject({ status: 409, json: { code: 0 } })
  }
  expect((await customer.get('/credits')).json.code).toBe(200)

  const erased = await erase(`confirm=${accountId}&forfeit=true`)
  expect(erased).toMatchObject({
    status: 200,
    json: { data: { id: accountId, name: 'removed', status: 'suspended', balance: 0 } },
  })
  expect(erased.json.data.erased_at).toBeGreaterThan(0)
  expect((await customer.get('/credits')).status).toBe(401)
  expect((await gateway.operator('POST', `${url}/keys`, { name: 'again' })).status).toBe(409)
  expect((await gateway.operator('POST', `${url}/credits`, { amount: 5 })).status).toBe(409)
  const { db } = gateway.app.ctx
  const { erasures } = db.read.tables
  await until(
    async () => await db.read.select().from(erasures),
    (rows) => rows[0]?.finishedAt !== null,
  )
  expect(await traces(db.read, ['a shy heron'])).toEqual([])
  expect((await gateway.operator('GET', '/ledger/verify')).json.data.drift).toEqual([])
})
