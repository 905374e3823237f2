// Every list, of customers and of operators, is a table as well, for callers that ask for CSV.
import { afterAll, beforeAll, expect, test } from 'vitest'
import { adminToken, quickYaml, startGateway } from '../support/gateway.ts'
import type { Customer, Gateway } from '../support/gateway.ts'

const formula = '=HYPERLINK("http://bad.example","click")'

let gateway: Gateway
let customer: Customer
beforeAll(async () => {
  gateway = await startGateway({ yaml: quickYaml })
  customer = await gateway.customer(100)
  for (const prompt of [formula, 'a heron']) await customer.create({ model_id: 'gpt-image-2', prompt })
  await gateway.operator('PATCH', `/accounts/${customer.accountId}`, { limits: { credits_total: 70 } })
  await gateway.operator('POST', '/accounts', { name: formula })
})
afterAll(async () => await gateway.stop())

async function table(path: string, key: string) {
  const headers = { authorization: `Bearer ${key}`, accept: 'text/csv' }
  const answer = await fetch(`${gateway.url}${path}`, { headers })
  const [head = '', ...rows] = (await answer.text()).trimEnd().split('\r\n')
  const { headers: told, status } = answer
  return { status, type: told.get('content-type'), next: told.get('x-next-cursor'), head, rows }
}

test.each([
  ['/admin/v1/accounts', 2],
  ['/admin/v1/accounts/ACCOUNT/keys', 1],
  ['/admin/v1/accounts/ACCOUNT/ledger', 3],
  ['/admin/v1/tasks', 2],
  ['/admin/v1/audit?actor=admin', 0],
  ['/admin/v1/reconcile', 0],
  ['/admin/v1/codes', 0],
  ['/admin/v1/alerts', 0],
  ['/admin/v1/find?q=ACCOUNT', 1],
  ['/api/v1/tasks', 2],
  ['/api/v1/ledger', 3],
  ['/api/v1/webhooks/deliveries', 0],
])('GET %s', async (path, count) => {
  const key = path.startsWith('/admin') ? adminToken : customer.key
  const found = await table(path.replace('ACCOUNT', customer.accountId), key)
  expect(found).toMatchObject({ status: 200, type: 'text/csv; charset=utf-8', next: null })
  expect(found.head).toMatch(/^\w+,\w+/)
  if (count > 0) expect(found.rows).toHaveLength(count)
  for (const row of found.rows) expect(row).not.toMatch(/(?:^|,)"?=/)
})

test('fields within fields have columns of their own, names are no formulas, and the next page is told', async () => {
  const first = await table('/admin/v1/accounts?limit=1', adminToken)
  const rest = await table(`/admin/v1/accounts?limit=1&cursor=${first.next}`, adminToken)
  expect([first.rows.length, rest.rows.length, rest.next]).toEqual([1, 1, null])
  expect(first.rows[0]).toContain(`,"'=HYPERLINK(""http://bad.example"",""click"")",active,0,`)
  const columns = rest.head.split(',')
  expect(rest.rows[0]?.split(',')[columns.indexOf('limits.credits_total')]).toBe('70')
})
