// A store of the version before, with deliveries that wait: they keep their schedule, and follow the account's URL.
import { mkdirSync, renameSync } from 'node:fs'
import { join } from 'node:path'
import Sqlite from 'better-sqlite3'
import { expect, test } from 'vitest'
import { pendingDeliveries } from '../../src/webhooks/deliveries.ts'
import { newFolder } from '../db/store.ts'
import { migrationsIn, storeOf } from '../db/versions.ts'
import type { JournalEntry } from '../db/versions.ts'
import { manualClock } from '../support/clock.ts'
import { startReceiver } from '../support/receiver.ts'
import { openDesk } from './desk.ts'

const beforeQueues = (entries: JournalEntry[]): JournalEntry[] =>
  entries.slice(
    0,
    entries.findIndex(({ tag }) => tag.endsWith('webhook_queues')),
  )

test('what waited is sent at its time, and what was under way again', async () => {
  const folder = newFolder()
  const receiver = await startReceiver()
  const clock = manualClock()
  const nowMs = clock.now()
  const file = storeOf(folder, migrationsIn(folder, beforeQueues))
  const client = new Sqlite(file)
  client.exec(`INSERT INTO accounts (id, name, status, balance, tasks_open, created_at) VALUES ('acc_1', 'a', 'active', 0, 0, 1);
    INSERT INTO requests (id, account_id, key_id, model_id, task_type, upstream, order_json, state, attempts_made,
      retries_made, failures_in_row, created_at)
      VALUES ('req_1', 'acc_1', 'k', 'm', 'image', 'keevx', '{}', 'failed', 0, 0, 0, 1);
    INSERT INTO webhook_endpoints VALUES ('acc_1', '${receiver.url}', NULL, 1)`)
  const insert =
    client.prepare(`INSERT INTO webhook_deliveries (id, account_id, task_id, type, source, url, receiver, body,
    state, due_at, claimed, attempts_made, retries_made, created_at)
    VALUES (?, 'acc_1', ?, 'task.failed', ?, ?, ?, '{}', ?, ?, ?, 1, 1, 1)`)
  const task =
    client.prepare(`INSERT INTO tasks (id, request_id, account_id, model_id, task_type, state, credits,
    credits_refunded, upstream, operation, upstream_pending, error_message, polls_made, missing_in_row, created_at, finished_at)
    VALUES (?, 'req_1', 'acc_1', 'm', 'image', 'failed', 0, 0, 'keevx', 'image_generate', 0, 'no', 0, 0, 1, 1)`)
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

  const desk = await openDesk({ folder, clock })
  const { read } = desk.shop.ctx.db
  expect(await pendingDeliveries(read)).toBe(4)
  const heard = () => receiver.told.map(({ headers }) => headers['webhook-id'])
  await desk.turn()
  expect(new Set(heard())).toEqual(new Set(['msg_account', 'msg_now']))
  clock.advance(45_000)
  await desk.turn()
  expect(heard().slice(2)).toEqual(['msg_claimed'])
  clock.advance(15_000)
  await desk.turn()
  expect(heard().slice(3)).toEqual(['msg_later'])
  expect(await pendingDeliveries(read)).toBe(0)
})
