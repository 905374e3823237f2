// Stores that earlier versions have made in PostgreSQL, brought up to this one.
import { describe, expect, test } from 'vitest'
import { differences } from '../../../src/ledger/reports/rebuild.ts'
import { storeAt } from '../../../src/db/store-at.ts'
import { hasPostgres } from '../../support/stores/postgres-server.ts'
import type { TestStore } from '../../support/stores/dialect.ts'
import { storeOfVersion } from './version-before.ts'

const orders = `INSERT INTO accounts (id, name, status, balance, tasks_open, created_at) VALUES ('acc_1', 'a', 'active', 0, 1, 1);
  INSERT INTO requests (id, account_id, key_id, model_id, task_type, upstream, order_json, state, attempts_made,
    retries_made, failures_in_row, created_at) VALUES ('req_1', 'acc_1', 'k', 'm', 'image', 'keevx', '{}', 'accepted', 1, 0, 0, 1)`

const task = (id: string, state: string, more: string) =>
  `INSERT INTO tasks (id, request_id, account_id, model_id, task_type, state, credits, credits_refunded, upstream, operation,
    upstream_pending, polls_made, missing_in_row, last_looks, due_at, image_url, created_at)
  VALUES ('${id}', 'req_1', 'acc_1', 'm', 'image', '${state}', 0, 0, 'keevx', 'image_generate', false, ${more}, 1)`

const readersOf = async (store: TestStore) =>
  (await store.rows('SELECT oldest FROM schema_readers'))[0]?.['oldest']

async function upgrade(databaseUrl: string): Promise<void> {
  const db = await storeAt(databaseUrl).open({ onFatal: () => undefined })
  await db.close()
}

describe.skipIf(!hasPostgres)('PostgreSQL', () => {
  test('what was due is due as it was, and gateways of the version before may still read the store', async () => {
    const { store, databaseUrl } = await storeOfVersion('0003_poll_claims')
    await store.write(`${orders};
      ${task('task_1', 'running', '5, 2, 1, 77, NULL')};
      ${task('task_2', 'succeeded', "9, 0, 0, NULL, 'http://a/b'")}`)
    const before = await readersOf(store)
    await upgrade(databaseUrl)
    const due = { task_id: 'task_1', due_at: 77, polls_made: 5, missing_in_row: 2, last_looks: 1 }
    expect(await store.rows('SELECT * FROM polls')).toEqual([due])
    expect(await store.rows('SELECT id FROM tasks WHERE due_at IS NOT NULL')).toEqual([])
    expect(await readersOf(store)).toBe(before)
    expect(await storeAt(databaseUrl).examine()).toEqual({ schema: 'current', damage: [] })
  })

  test('a store of the first version with PostgreSQL has the guards of this one, and every count', async () => {
    const { store, databaseUrl } = await storeOfVersion('0000_first')
    await store.write(`${orders}; ${task('task_1', 'running', '5, 2, 1, 77, NULL')}`)
    const counts = async () => await store.rows('SELECT name, value FROM counters ORDER BY name')
    const before = await counts()
    await upgrade(databaseUrl)
    expect(await storeAt(databaseUrl).examine()).toEqual({ schema: 'current', damage: [] })
    expect(await counts()).toEqual(before)
    await store.write(
      `${task('task_2', 'queued', '0, 0, 0, NULL, NULL')}; ${task('task_3', 'queued', '0, 0, 0, NULL, NULL')}`,
    )
    await store.write("UPDATE tasks SET state = 'submitting' WHERE state = 'queued'")
    expect(await counts()).toContainEqual({ name: 'tasks.submitting', value: 2 })
  })

  test('what was sold before is in the reports with unknown costs, and what the version before sells beside it, too', async () => {
    const { store, databaseUrl } = await storeOfVersion('0006_alerts')
    const entry = (kind: string, amount: number, id: string) =>
      `INSERT INTO entries (account_id, kind, amount, balance_after, task_id, created_at) VALUES ('acc_1', '${kind}', ${amount}, 0, '${id}', 900000)`
    const sold = (id: string, state: string, more: string) =>
      `INSERT INTO tasks (id, request_id, account_id, model_id, task_type, state, credits, credits_refunded, upstream, operation,
        upstream_pending, polls_made, missing_in_row, image_url, error_message, created_at, finished_at)
      VALUES ('${id}', 'req_1', 'acc_1', 'm', 'image', '${state}', 10, ${more})`
    const made = "0, 'keevx', 'o', false, 0, 0, 'http://a/b', NULL, 900000, 1800000"
    await store.write(`${orders}; ${sold('task_1', 'succeeded', made)};
      ${sold('task_2', 'failed', "10, 'keevx', 'o', false, 0, 0, NULL, 'No.', 900000, 1800000")};
      ${entry('charge', -10, 'task_1')}; ${entry('charge', -10, 'task_2')}; ${entry('refund', 10, 'task_2')};
      INSERT INTO orphans (id, reason, upstream, upstream_task_id, request_id, credits, created_at)
        VALUES ('orph_1', 'late_success', 'keevx', 'u1', 'req_1', 10, 900000)`)
    // Of an order that was archived, its entry alone is left.
    await store.spoil(entry('charge', -10, 'task_0'), 'guards')
    await upgrade(databaseUrl)
    const figures = async () =>
      await store.rows(`SELECT model_id, leak, sum(works) AS works, sum(tasks) AS tasks, sum(succeeded) AS succeeded, sum(failed) AS failed,
        sum(charged) AS charged, sum(refunded) AS refunded, sum(cost) AS cost, sum(cost_unknown) AS unknown
        FROM rollups GROUP BY model_id, leak ORDER BY model_id, leak`)
    const nothing = {
      works: 1,
      tasks: 0,
      succeeded: 0,
      failed: 0,
      charged: 0,
      refunded: 0,
      cost: 0,
      unknown: 1,
    }
    const archived = { ...nothing, model_id: '', leak: '', tasks: 1, succeeded: 1, charged: 10 }
    const leaked = { ...nothing, model_id: 'm', leak: 'late_success' }
    const own = {
      ...nothing,
      model_id: 'm',
      leak: '',
      tasks: 2,
      succeeded: 1,
      failed: 1,
      charged: 20,
      refunded: 10,
    }
    expect(await figures()).toEqual([archived, own, leaked])
    const db = await storeAt(databaseUrl).open({ onFatal: () => undefined })
    const compared = async () => await db.snapshot(async (read) => await differences(read, 10))
    expect(await compared()).toEqual([])
    // It knows no column of costs.
    await store.write(`${sold('task_3', 'queued', made.replace("'http://a/b'", 'NULL').replace('1800000', 'NULL'))};
      ${entry('charge', -10, 'task_3')};
      UPDATE tasks SET state = 'submitting' WHERE id = 'task_3'; UPDATE tasks SET state = 'running' WHERE id = 'task_3';
      UPDATE tasks SET state = 'succeeded', image_url = 'http://a/b', finished_at = 1800000 WHERE id = 'task_3'`)
    const more = { ...own, works: 2, tasks: 3, succeeded: 2, charged: 30, unknown: 2 }
    expect(await figures()).toEqual([archived, more, leaked])
    expect(await compared()).toEqual([])
    await db.close()
  })
})
