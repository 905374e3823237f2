// A store of the version before polls had rows of their own, upgraded beside gateways of that version.
import { describe, expect, onTestFinished, test } from 'vitest'
import { storeAt } from '../../../src/db/store-at.ts'
import { hasPostgres } from '../../support/stores/postgres-server.ts'
import { postgres } from '../../support/stores/postgres.ts'

/** One task runs and is due, another has ended. */
async function storeOfBefore() {
  const databaseUrl = postgres.newUrl()
  await postgres.placeFresh(databaseUrl)
  const store = postgres.open(databaseUrl)
  onTestFinished(async () => await store.close())
  const task = (id: string, state: string, more: string) =>
    `INSERT INTO tasks (id, request_id, account_id, model_id, task_type, state, credits, credits_refunded, upstream, operation,
      upstream_pending, polls_made, missing_in_row, last_looks, due_at, image_url, created_at)
    VALUES ('${id}', 'req_1', 'acc_1', 'm', 'image', '${state}', 0, 0, 'keevx', 'image_generate', false, ${more}, 1)`
  await store.write(`DROP TABLE polls;
    DROP FUNCTION polls_end_with_their_task CASCADE;
    DROP FUNCTION due_times_move_to_polls CASCADE;
    DELETE FROM __drizzle_migrations WHERE created_at = (SELECT max(created_at) FROM __drizzle_migrations);
    INSERT INTO accounts (id, name, status, balance, tasks_open, created_at) VALUES ('acc_1', 'a', 'active', 0, 1, 1);
    INSERT INTO requests (id, account_id, key_id, model_id, task_type, upstream, order_json, state, attempts_made,
      retries_made, failures_in_row, created_at) VALUES ('req_1', 'acc_1', 'k', 'm', 'image', 'keevx', '{}', 'accepted', 1, 0, 0, 1);
    ${task('task_1', 'running', '5, 2, 1, 77, NULL')};
    ${task('task_2', 'succeeded', "9, 0, 0, NULL, 'http://a/b'")}`)
  const readers = async () => (await store.rows('SELECT oldest FROM schema_readers'))[0]?.['oldest']
  return { store, readers, databaseUrl }
}

describe.skipIf(!hasPostgres)('PostgreSQL', () => {
  test('what was due is due as it was, and gateways of the version before may still read the store', async () => {
    const { store, readers, databaseUrl } = await storeOfBefore()
    const before = await readers()
    const db = await storeAt(databaseUrl).open({ onFatal: () => undefined })
    await db.close()
    const due = { task_id: 'task_1', due_at: 77, polls_made: 5, missing_in_row: 2, last_looks: 1 }
    expect(await store.rows('SELECT * FROM polls')).toEqual([due])
    expect(await store.rows('SELECT id FROM tasks WHERE due_at IS NOT NULL')).toEqual([])
    expect(await readers()).toBe(before)
    expect(await storeAt(databaseUrl).examine()).toEqual({ schema: 'current', damage: [] })
  })
})
