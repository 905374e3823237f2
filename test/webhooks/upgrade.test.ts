// A store of the version before, with deliveries that wait: they keep their schedule, and follow the account's URL.
import { mkdirSync, renameSync } from 'node:fs'
import { join } from 'node:path'
import Sqlite from 'better-sqlite3'
import { expect, test } from 'vitest'
import { pendingDeliveries } from '../../src/webhooks/deliveries.ts'
import { readEndpoint } from '../../src/webhooks/endpoint.ts'
import { newFolder } from '../support/test-store.ts'
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

const writersOf = (client: Sqlite.Database) => ({
  insert:
    client.prepare(`INSERT INTO webhook_deliveries (id, account_id, task_id, type, source, url, receiver, body,
    state, due_at, claimed, attempts_made, retries_made, created_at)
    VALUES (?, 'acc_1', ?, 'task.failed', ?, ?, ?, '{}', ?, ?, ?, 1, 1, 1)`),
  task: client.prepare(`INSERT INTO tasks (id, request_id, account_id, model_id, task_type, state, credits,
    credits_refunded, upstream, operation, upstream_pending, error_message, polls_made, missing_in_row, created_at, finished_at)
    VALUES (?, 'req_1', 'acc_1', 'm', 'image', 'failed', 0, 0, 'keevx', 'image_generate', 0, 'no', 0, 0, 1, 1)`),
})

test('what waited is sent at its time, and what was under way again', async () => {
  const folder = newFolder()
  const receiver = await startReceiver()
  const clock = manualClock()
  const nowMs = clock.now()
  const file = storeOf(folder, migrationsIn(folder, before('webhook_queues')))
  const client = new Sqlite(file)
  client.exec(accountSql)
  client.prepare("INSERT INTO webhook_endpoints VALUES ('acc_1', ?, NULL, 1)").run(receiver.url)
  const { insert, task } = writersOf(client)
  const host = new URL(receiver.url).host
  const rows = [
    ['msg_now', 'request', 'pending', nowMs - 5, 0],
    ['msg_account', 'account', 'pending', nowMs - 5, 0],
    ['msg_later', 'request', 'pending', nowMs + 60_000, 0],
    ['msg_claimed', 'account', 'pending', nowMs + 45_000, 1],
    ['msg_done', 'request', 'delivered', null, 0],
  ] as const
  for (const [id, source, state, dueAt, claimed] of rows) {
    task.run(`task_${id}`)
    insert.run(id, `task_${id}`, source, receiver.url, host, state, dueAt, claimed)
  }
  client.close()
  mkdirSync(join(folder, 'data'), { recursive: true })
  renameSync(file, join(folder, 'data/tollgate.db'))

  const harness = await openWebhookHarness({ folder, clock })
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
  const folder = newFolder()
  const clock = manualClock()
  const nowMs = clock.now()
  const receiver = await startReceiver()
  mkdirSync(join(folder, 'data'), { recursive: true })
  const made = storeOf(folder, migrationsIn(folder, before('chosen_events')))
  const file = join(folder, 'data/tollgate.db')
  const client = new Sqlite(made)
  client.exec(accountSql)
  const { insert, task } = writersOf(client)
  const rows = [
    ['msg_1', 'request', 'pending', nowMs - 5, 0],
    ['msg_2', 'account', 'failed', null, 0],
    ['msg_3', 'request', 'delivered', null, 0],
  ] as const
  const host = new URL(receiver.url).host
  for (const [id, source, state, dueAt, claimed] of rows) {
    task.run(`task_${id}`)
    insert.run(id, `task_${id}`, source, receiver.url, host, state, dueAt, claimed)
  }
  client.exec("UPDATE webhook_deliveries SET last_status = 500, last_error = 'no', delivered_at = 7")
  const all = 'SELECT * FROM webhook_deliveries ORDER BY id'
  const guards = "SELECT name, sql FROM sqlite_schema WHERE type = 'trigger' ORDER BY name"
  const [rowsBefore, guardsBefore] = [client.prepare(all).all(), client.prepare(guards).all()]
  client.close()
  renameSync(made, file)

  const harness = await openWebhookHarness({ folder, clock })
  const { read } = harness.domain.ctx.db
  const upgraded = new Sqlite(file, { readonly: true })
  expect(upgraded.prepare(all).all()).toEqual(rowsBefore)
  expect(upgraded.prepare(guards).all()).toEqual(guardsBefore)
  upgraded.close()
  expect((await readEndpoint(read, 'acc_1', nowMs)).types).toEqual(['task.succeeded', 'task.failed'])
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
  const client = new Sqlite(domain.file)
  const insert =
    client.prepare(`INSERT INTO webhook_deliveries (id, account_id, task_id, type, source, url, receiver,
    body, state, claimed, attempts_made, retries_made, created_at)
    SELECT ?, account_id, id, ?, 'request', 'u', 'r', '{}', 'superseded', 0, 0, 0, 1 FROM tasks WHERE id = ?`)
  insert.run('msg_1', 'task.running', id)
  insert.run('msg_2', 'task.failed', id)
  expect(() => insert.run('msg_3', 'task.running', id)).toThrow('UNIQUE')
  expect(() => insert.run('msg_4', 'task.paused', id)).toThrow('webhook_deliveries_type')
  const choose = client.prepare('INSERT INTO webhook_choices SELECT account_id, ? FROM tasks WHERE id = ?')
  expect(() => choose.run('task.paused', id)).toThrow('webhook_choices_type')
  client.close()
})
