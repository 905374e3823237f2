// Lists over years of rows: a page looks at a bounded number of them, and turning pages misses none.
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { rowsLookedAtMax } from '../../src/db/page.ts'
import { startGateway } from '../support/gateway.ts'
import type { Answer, Customer, Gateway } from '../support/gateway.ts'

const old = 2 * rowsLookedAtMax + 100

let gateway: Gateway
let customer: Customer
beforeAll(async () => {
  gateway = await startGateway()
  customer = await gateway.customer(1_000)
  const padded = "'0000000000000000000' || substr(CAST(100000000 + i AS text), 2)"
  await gateway.store.write(`
    CREATE TEMP TABLE n AS WITH RECURSIVE c(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM c WHERE i < ${old}) SELECT i FROM c;
    INSERT INTO accounts (id, name, status, balance, tasks_open, created_at)
      SELECT 'acc_' || ${padded}, CASE i WHEN 1 THEN 'the very first' ELSE 'old' END, 'active', 0, 0, 1 FROM n;
    INSERT INTO requests (id, account_id, key_id, model_id, task_type, upstream, order_json, state, attempts_made,
      retries_made, failures_in_row, created_at)
      VALUES ('req_old', '${customer.accountId}', 'k', 'm', 'image', 'keevx', '{}', 'accepted', 1, 0, 0, 1);
    INSERT INTO tasks (id, request_id, account_id, model_id, task_type, state, credits, credits_refunded, upstream,
      operation, upstream_pending, polls_made, missing_in_row, image_url, error_message, created_at, finished_at)
      SELECT 'task_' || ${padded}, 'req_old', '${customer.accountId}', CASE i WHEN 2 THEN 'rare' ELSE 'm' END, 'image',
      CASE i WHEN 1 THEN 'failed' ELSE 'succeeded' END, 0, 0, 'keevx', 'image_generate', false, 0, 0, 'http://a.example/b.png',
      'no', i, i FROM n`)
})
afterAll(async () => await gateway.stop())

const nth = (number: number) => String(number).padStart(27, '0')

/** Every row that the pages show, and how many rows each page held. */
async function turned(get: (query: string) => Promise<Answer>, list: string) {
  const ids: string[] = []
  const sizes: number[] = []
  let cursor: string | null = ''
  while (cursor !== null) {
    const { json } = await get(cursor === '' ? '' : `&cursor=${cursor}`)
    expect(json).toMatchObject({ code: 200 })
    ids.push(...json.data[list].map((row: { id?: string; task_id?: string }) => row.task_id ?? row.id))
    sizes.push(json.data[list].length)
    cursor = json.data.next_cursor
  }
  return { ids, sizes }
}

const lists: readonly (readonly [what: string, query: string, found: readonly string[]])[] = [
  ['a status that none has', 'status=1', []],
  ['a status that only the oldest has', 'status=4', [`task_${nth(1)}`]],
  ['a model that one has', 'model_id=rare', [`task_${nth(2)}`]],
  ['a model that is not there', 'model_id=none', []],
  ['both', 'status=4&model_id=m', [`task_${nth(1)}`]],
]

describe.each(lists)('tasks by %s', (_what, query, found) => {
  test('are found page by page, by their owner and by the operator', async () => {
    const mine = await turned((more) => customer.get(`/tasks?${query}${more}`), 'tasks')
    expect(mine).toEqual({ ids: found, sizes: [0, 0, found.length] })
    const all = await turned((more) => gateway.operator('GET', `/tasks?${query}${more}`), 'tasks')
    expect(all).toEqual({ ids: found, sizes: [0, 0, found.length] })
  })
})

test('a full page ends with its last row, and the next begins behind it', async () => {
  const first = (await customer.get('/tasks?status=3&limit=3')).json.data
  expect(first.tasks.map((task: { task_id: string }) => task.task_id)).toEqual(
    [old, old - 1, old - 2].map((number) => `task_${nth(number)}`),
  )
  const second = (await customer.get(`/tasks?status=3&limit=1&cursor=${first.next_cursor}`)).json.data
  expect(second.tasks).toMatchObject([{ task_id: `task_${nth(old - 3)}` }])
})

test('accounts are searched page by page', async () => {
  const get = (more: string) => gateway.operator('GET', `/accounts?query=very${more}`)
  const { ids, sizes } = await turned(get, 'accounts')
  expect(ids).toEqual([`acc_${nth(1)}`])
  expect(sizes).toEqual([0, 0, 1])
})

test('the totals are those of the rows, however they came and went', async () => {
  for (const prompt of ['a garden', 'to fail', 'a heron']) {
    const { json } = await customer.create({ model_id: 'gpt-image-2', prompt, generate_count: 2 })
    for (const id of json.data.task_ids) await customer.ended(id)
  }
  await gateway.operator('POST', `/accounts/${customer.accountId}/credits`, { amount: -7 })
  const { store } = gateway
  const states = await store.rows('SELECT state, count(*) AS count FROM tasks GROUP BY state')
  const [{ accounts, balance } = expect.fail()] = await store.rows<{ accounts: number; balance: number }>(
    'SELECT count(*) AS accounts, sum(balance) AS balance FROM accounts',
  )
  expect((await gateway.operator('GET', '/stats')).json.data).toMatchObject({
    accounts,
    credits: { balance, charged: 90, refunded: 30, net: 60 },
    tasks: Object.fromEntries(states.map(({ state, count }) => [state, count])),
  })
  expect((await gateway.call('GET', '/metrics')).text).toMatch(/^tollgate_tasks_open 0$/m)
})
