// Stores that earlier versions have made in PostgreSQL, brought up to this one.
import { describe, expect, test } from 'vitest'
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
})
