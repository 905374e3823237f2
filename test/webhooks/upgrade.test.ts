// A store of the version before, with deliveries that wait: they keep their schedule, and follow the account's URL.
import { expect, test } from 'vitest'
import { pendingDeliveries } from '../../src/webhooks/deliveries.ts'
import { readEndpoint } from '../../src/webhooks/endpoint.ts'
import { newFolder } from '../support/folder.ts'
import type { TestStore } from '../support/stores/dialect.ts'
import { openTestStore } from '../support/test-store.ts'
import { migrationsIn, storeOf } from '../db/versions.ts'
import type { JournalEntry } from '../db/versions.ts'
import { manualClock } from '../support/clock.ts'
import { startReceiver } from '../support/receiver.ts'
import { openWebhookHarness } from './webhook-harness.ts'

const before =
  (migration: string) =>
  (entries: JournalEntry[]): JournalEntry[] =>
    entries.slice(
      0,
      entries.findIndex(({ tag }) => tag.endsWith(migration)),
    )

const accountSql = `
  INSERT INTO accounts (id, name, status, balance, tasks_open, created_at) VALUES ('acc_1', 'a', 'active', 0, 0, 1);
  INSERT INTO requests (id, account_id, key_id, model_id, task_type, upstream, order_json, state, attempts_made,
    retries_made, failures_in_row, created_at)
    VALUES ('req_1', 'acc_1', 'k', 'm', 'image', 'keevx', '{}', 'failed', 0, 0, 0, 1)`

type Waiting = readonly [id: string, source: string, state: string, dueAt: number | null, claimed: boolean]

/** With a task of each. */
const deliveriesTo = (url: string, rows: readonly Waiting[]) => ({
  tasks: rows.map(([id]) => ({
    id: `task_${id}`,
    request_id: 'req_1',
    account_id: 'acc_1',
    model_id: 'm',
    task_type: 'image',
    state: 'failed',
    credits: 0,
    credits_refunded: 0,
    upstream: 'keevx',
    operation: 'image_generate',
    upstream_pending: false,
    error_message: 'no',
    polls_made: 0,
    missing_in_row: 0,
    created_at: 1,
    finished_at: 1,
  })),
  webhook_deliveries: rows.map(([id, source, state, dueAt, claimed]) => ({
    id,
    account_id: 'acc_1',
    task_id: `task_${id}`,
    type: 'task.failed',
    source,
    url,
    receiver: new URL(url).host,
    body: '{}',
    state,
    due_at: dueAt,
    claimed,
    attempts_made: 1,
    retries_made: 1,
    created_at: 1,
  })),
})

/** A store of the version before this migration, with one account. */
async function storeBefore(migration: string): Promise<TestStore> {
  const folder = newFolder()
  const store = openTestStore(`file:${storeOf(folder, migrationsIn(folder, before(migration)))}`)
  await store.write(accountSql)
  return store
}

test('what waited is sent at its time, and what was under way again', async () => {
  const receiver = await startReceiver()
  const clock = manualClock()
  const nowMs = clock.now()
  const store = await storeBefore('webhook_queues')
  await store.write("INSERT INTO webhook_endpoints VALUES ('acc_1', ?, NULL, 1)", [receiver.url])
  const waiting = deliveriesTo(receiver.url, [
    ['msg_now', 'request', 'pending', nowMs - 5, false],
    ['msg_account', 'account', 'pending', nowMs - 5, false],
    ['msg_later', 'request', 'pending', nowMs + 60_000, false],
    ['msg_claimed', 'account', 'pending', nowMs + 45_000, true],
    ['msg_done', 'request', 'delivered', null, false],
  ])
  await store.insert([waiting])

  const harness = await openWebhookHarness({ store, clock })
  const { read } = harness.domain.ctx.db
  expect(await pendingDeliveries(read)).toBe(4)
  const heard = () => receiver.told.map(({ headers }) => headers['webhook-id'])
  await harness.turn()
  expect(new Set(heard())).toEqual(new Set(['msg_account', 'msg_now']))
  clock.advance(45_000)
  await harness.turn()
  expect(heard().slice(2)).toEqual(['msg_claimed'])
  clock.advance(15_000)
  await harness.turn()
  expect(heard().slice(3)).toEqual(['msg_later'])
  expect(await pendingDeliveries(read)).toBe(0)
})

test('where there was no choice every delivery stays, column by column, and its account is sent what it was', async () => {
  const clock = manualClock()
  const nowMs = clock.now()
  const receiver = await startReceiver()
  const store = await storeBefore('chosen_events')
  const rows = deliveriesTo(receiver.url, [
    ['msg_1', 'request', 'pending', nowMs - 5, false],
    ['msg_2', 'account', 'failed', null, false],
    ['msg_3', 'request', 'delivered', null, false],
  ])
  await store.insert([rows])
  await store.write("UPDATE webhook_deliveries SET last_status = 500, last_error = 'no', delivered_at = 7")
  const all = 'SELECT * FROM webhook_deliveries ORDER BY id'
  const guards =
    "SELECT name, sql FROM sqlite_schema WHERE type = 'trigger' AND tbl_name LIKE 'webhook%' ORDER BY name"
  const [rowsBefore, guardsBefore] = [await store.rows(all), await store.rows(guards)]

  const harness = await openWebhookHarness({ store, clock })
  const { read } = harness.domain.ctx.db
  expect(await store.rows(all)).toEqual(rowsBefore.map((row) => ({ ...row, form: null, holder: null })))
  expect(await store.rows(guards)).toEqual(guardsBefore)
  expect((await readEndpoint(read, 'acc_1', nowMs)).types).toEqual([
    'task.succeeded',
    'task.failed',
    'balance.low',
  ])
  expect(await pendingDeliveries(read)).toBe(1)
  expect(await harness.turn()).toBe(1)
  await harness.fail(receiver.url)
  expect(await pendingDeliveries(read)).toBe(1)
  expect(await harness.turn()).toBe(1)
  expect(await pendingDeliveries(read)).toBe(0)
})

test('a task has one delivery of each type', async () => {
  const { domain, order } = await openWebhookHarness()
  const id = await order()
  const insert = (delivery: string, type: string) =>
    domain.store.write(
      `INSERT INTO webhook_deliveries (id, account_id, task_id, type, source, url, receiver,
    body, state, claimed, attempts_made, retries_made, created_at)
    SELECT ?, account_id, id, ?, 'request', 'u', 'r', '{}', 'superseded', false, 0, 0, 1 FROM tasks WHERE id = ?`,
      [delivery, type, id],
    )
  await insert('msg_1', 'task.running')
  await insert('msg_2', 'task.failed')
  await expect(insert('msg_3', 'task.running')).rejects.toThrow(/unique/i)
})

test('an event type that is added needs no migration', async () => {
  const { domain, order } = await openWebhookHarness()
  const { store } = domain
  const id = await order()
  await store.write(
    `INSERT INTO webhook_deliveries (id, account_id, task_id, type, source, url, receiver,
    body, state, claimed, attempts_made, retries_made, created_at)
    SELECT 'msg_1', account_id, id, 'task.paused', 'request', 'u', 'r', '{}', 'superseded', false, 0, 0, 1
    FROM tasks WHERE id = ?`,
    [id],
  )
  await store.write("INSERT INTO webhook_choices SELECT account_id, 'task.paused' FROM tasks WHERE id = ?", [
    id,
  ])
  for (const table of ['webhook_deliveries', 'webhook_choices'])
    expect(await store.rows(`SELECT type FROM ${table}`)).toContainEqual({ type: 'task.paused' })
})
