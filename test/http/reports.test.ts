// The operator's report and the customer's usage over HTTP: as JSON, as CSV without formulas, and what is refused.
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { plusDays } from '../../src/ledger/reports/days.ts'
import { adminToken, quickYaml, startGateway } from '../support/gateway.ts'
import type { Customer, Gateway } from '../support/gateway.ts'

const yaml = `${quickYaml}
models:
  gpt-image-2:
    name: Picture
    price: { credits: 15 }
    routes: [{ upstream: keevx, operation: image_generate, params: { module: pro }, cost: { amount: 0.04 } }]
reporting: { currency: EUR, credit_value: 0.01, time_zone: Europe/Berlin }
`

let gateway: Gateway
let customer: Customer
let range: string
beforeAll(async () => {
  gateway = await startGateway({ yaml })
  customer = await gateway.customer(1_000)
  for (const prompt of ['a heron', 'fail']) {
    const made = await customer.create({ model_id: 'gpt-image-2', prompt })
    await customer.ended(made.json.data.task_id)
  }
  // Whatever day it is in Berlin.
  const today = new Date().toISOString().slice(0, 10)
  range = `from=${plusDays(today, -1)}&to=${plusDays(today, 1)}`
})
afterAll(async () => await gateway.stop())

const report = async (query: string) => (await gateway.operator('GET', `/report?${query}`)).json.data

describe('GET /admin/v1/report', () => {
  test('says what was sold, what it cost and what is left, in the time zone of reports', async () => {
    const sums = {
      tasks: 2,
      succeeded: 1,
      failed: 1,
      charged: 30,
      refunded: 15,
      net: 15,
      value: 0.15,
      cost: 0.04,
      unknown_costs: 0,
      leakage: 0,
      unknown_leaks: 0,
      leaks: [],
      maybe_leaked: { reason: 'unanswered', works: 0, cost: 0, unknown: 0 },
      margin: 0.11,
    }
    const { from, to, ...rest } = await report(`${range}&group=model`)
    expect(from < to).toBe(true)
    expect(rest).toEqual({
      group: 'model',
      currency: 'EUR',
      time_zone: 'Europe/Berlin',
      rows: [{ group: 'gpt-image-2', name: null, ...sums }],
      total: sums,
    })
    const [account] = (await report(`${range}&group=account`)).rows
    expect(account).toMatchObject({ group: customer.accountId, margin: 0.11 })
    const [key] = (await report(`${range}&group=key`)).rows
    expect(key).toMatchObject({ group: expect.stringMatching(/^key_/), net: 15 })
    expect((await report(`${range}&group=upstream`)).rows).toMatchObject([{ group: 'keevx', net: 15 }])
    expect((await report(range)).rows).toHaveLength(1)
    expect((await report('from=2024-01-01&to=2024-12-31')).rows).toEqual([])
    // This month.
    expect((await report('')).total.tasks).toBeLessThanOrEqual(2)
  })

  test('is CSV where that is asked for, and a name is never a formula in it', async () => {
    const name = '=HYPERLINK("http://bad.example","click")'
    const { id } = (await gateway.operator('POST', '/accounts', { name, credits: 100 })).json.data
    const { key } = (await gateway.operator('POST', `/accounts/${id}/keys`, { name: '+1' })).json.data
    const ordered = await fetch(`${gateway.url}/api/v1/tasks/create`, {
      method: 'POST',
      headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
      body: JSON.stringify({ model_id: 'gpt-image-2', prompt: 'slow' }),
    })
    expect(((await ordered.json()) as any).code).toBe(200)
    const asked = async (accept: string, group: string) =>
      await fetch(`${gateway.url}/admin/v1/report?${range}&group=${group}`, {
        headers: { authorization: `Bearer ${adminToken}`, accept },
      })
    const answer = await asked('text/csv', 'account')
    expect(answer.headers.get('content-type')).toBe('text/csv; charset=utf-8')
    const lines = (await answer.text()).trimEnd().split('\r\n')
    expect(lines[0]).toBe(
      'group,name,tasks,succeeded,failed,charged,refunded,net,value,cost,unknown_costs,leakage,unknown_leaks,margin',
    )
    expect(lines.find((line) => line.startsWith(id))).toBe(
      `${id},"'=HYPERLINK(""http://bad.example"",""click"")",1,0,0,15,0,15,0.15,0,0,0,0,0.15`,
    )
    expect(await (await asked('text/csv', 'key')).text()).toContain(`,'+1,1,`)
    for (const accept of ['application/json', '*/*', 'application/json, text/csv;q=0.5', 'text/html']) {
      expect((await asked(accept, 'day')).headers.get('content-type')).toContain('application/json')
    }
  })

  test.each([
    ['from=2026-02-30', 'from'],
    ['from=yesterday', 'from'],
    ['to=2026-1-1', 'to'],
    ['group=customer', 'group'],
  ])('%s is refused by its name', async (query, field) => {
    const answer = await gateway.operator('GET', `/report?${query}`)
    expect(answer.json.error).toMatchObject({ type: 'invalid_request', field })
    expect(answer.status).toBe(422)
  })

  test('a range that is given backwards is taken forwards', async () => {
    const { json } = await gateway.operator('GET', '/report?from=2026-03-01&to=2026-02-01')
    expect(json.data).toMatchObject({ from: '2026-02-01', to: '2026-03-01' })
  })

  test('of more than ten years it is of the last ten, and says so', async () => {
    const { json } = await gateway.operator('GET', '/report?from=2010-01-01&to=2026-02-01')
    expect(json.data).toMatchObject({ from: '2016-01-26', to: '2026-02-01' })
  })

  test('a filter with a typo is refused: it would be everything', async () => {
    const { status, json } = await gateway.operator('GET', '/report?grup=day')
    expect([status, json.error.field]).toEqual([400, 'grup'])
  })
})

describe('GET /api/v1/usage', () => {
  const usage = async (query: string) => (await customer.get(`/usage?${query}`)).json

  test('says what the account has used, as its ledger does, and nothing of cost', async () => {
    const sums = { tasks: 2, succeeded: 1, failed: 1, charged: 30, refunded: 15, net: 15 }
    const { data } = await usage(`${range}&group=model`)
    expect(data).toMatchObject({ group: 'model', time_zone: 'Europe/Berlin', total: sums })
    expect(data.rows).toEqual([{ group: 'gpt-image-2', name: null, model: null, ...sums }])
    const byKey = (await usage(`${range}&group=key`)).data
    expect(byKey.rows).toMatchObject([{ group: expect.stringMatching(/^key_/), ...sums }])
    expect((await usage(range)).data.rows).toMatchObject([sums])
    const { entries } = (await customer.get('/ledger')).json.data
    const amounts = entries.filter(({ kind }: any) => kind !== 'grant').map(({ amount }: any) => amount)
    expect(amounts.reduce((sum: number, amount: number) => sum - amount, 0)).toBe(data.total.net)
    expect((await usage('group=upstream')).error).toMatchObject({ type: 'invalid_request', field: 'group' })
    expect((await usage('from=2026-02-31')).error).toMatchObject({ type: 'invalid_request', field: 'from' })
  })

  test('days are divided by model, and narrowed to a model or a key', async () => {
    const { data } = await usage(`${range}&group=day&split=model`)
    expect(data.rows).toMatchObject([{ model: 'gpt-image-2', tasks: 2, succeeded: 1, failed: 1 }])
    const [{ group: key }] = (await usage(`${range}&group=key`)).data.rows
    expect((await usage(`${range}&key=${key}&model_id=gpt-image-2`)).data.total).toMatchObject({ tasks: 2 })
    for (const other of ['model_id=seedance-2', 'key=key_none']) {
      expect((await usage(`${range}&${other}`)).data).toMatchObject({ rows: [], total: { tasks: 0, net: 0 } })
    }
  })

  test('and the ledger are tables for whoever asks for CSV', async () => {
    const table = async (path: string) =>
      (await customer.get(path, { accept: 'text/csv' })).text.split('\r\n')
    const [head, row, ...rest] = await table(`/usage?${range}&group=model`)
    expect(head).toBe('group,name,model,tasks,succeeded,failed,charged,refunded,net')
    expect([row, rest]).toEqual(['gpt-image-2,,,2,1,1,30,15,15', ['']])
    const ledger = await table('/ledger')
    expect(ledger[0]?.split(',')).toEqual(
      expect.arrayContaining(['id', 'kind', 'amount', 'balance', 'task_id']),
    )
    expect(ledger).toHaveLength(1 + 4 + 1)
  })

  test("shows nothing of another account's", async () => {
    const other = await gateway.customer(10)
    const { json } = await other.get(`/usage?${range}`)
    expect(json.data).toMatchObject({ rows: [], total: { tasks: 0, charged: 0, refunded: 0, net: 0 } })
  })
})
