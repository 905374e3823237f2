// What waited in the queue of an older version waits in that of this one, and its turn comes in the order of its making.
import Sqlite from 'better-sqlite3'
import { expect, test } from 'vitest'
import { openDomainHarness } from '../support/domain-harness.ts'
import { claimSubmissions, submit } from '../../src/tasks/submit/submit.ts'
import { newFolder } from '../support/folder.ts'
import { openTestStore } from '../support/test-store.ts'
import { migrationsIn, storeOf } from './versions.ts'

const beforeQueue = 9

test('orders that were queued before are posted in the order in which they were made', async () => {
  const folder = newFolder()
  const file = storeOf(
    folder,
    migrationsIn(folder, (entries) => entries.slice(0, beforeQueue)),
  )
  const client = new Sqlite(file)
  client.pragma('foreign_keys = ON')
  const request = (id: string, account: string, at: number, attempts = 0, dueAt = at, upstream = 'keevx') =>
    client.exec(`INSERT INTO requests (id, account_id, key_id, model_id, task_type, upstream, order_json, state, due_at,
      attempts_made, retries_made, failures_in_row, created_at)
      VALUES ('req_${id}', 'acc_${account}', 'k', 'm', 'image', '${upstream}', '{"count":1}', 'queued', ${dueAt}, ${attempts}, 0, 0, ${at});
      INSERT INTO tasks (id, request_id, account_id, model_id, task_type, state, credits, credits_refunded, upstream,
      operation, upstream_pending, polls_made, missing_in_row, created_at)
      VALUES ('task_${id}', 'req_${id}', 'acc_${account}', 'm', 'image', 'queued', 0, 0, '${upstream}', 'image_generate', 0, 0, 0, ${at})`)
  for (const account of ['a', 'b'])
    client.exec(`INSERT INTO accounts (id, name, status, balance, tasks_open, created_at)
      VALUES ('acc_${account}', 'a', 'active', 0, 9, 1)`)
  request('1', 'b', 1)
  // Tried before, and due again only now.
  request('2', 'a', 2, 1, 5_000)
  request('3', 'a', 3)
  request('4', 'a', 4)
  request('5', 'b', 5)
  request('6', 'b', 6, 0, 6, 'elsewhere')
  client.exec(`INSERT INTO attempts (id, request_id, number, upstream_key, state, started_at, finished_at)
    VALUES ('att_2', 'req_2', 1, 'k', 'not_accepted', 1, 1)`)
  client.close()

  const domain = await openDomainHarness({ store: openTestStore(`file:${file}`) })
  const { read } = domain.ctx.db
  expect(await read.select().from(read.tables.queues)).toMatchObject([
    { upstream: 'elsewhere', waiting: 1 },
    { upstream: 'keevx', waiting: 5 },
  ])
  const order: string[] = []
  for (let at = 0; at < 6; at += 1) {
    for (const submission of await claimSubmissions(domain.ctx, domain.keevx, 1)) {
      order.push(submission.request.id)
      await submit(domain.ctx, submission, new AbortController().signal)
    }
  }
  expect(order).toEqual(['req_1', 'req_2', 'req_3', 'req_5', 'req_4'])
})
