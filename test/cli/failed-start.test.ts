// A start that fails leaves nothing behind that looks alive.
import { join } from 'node:path'
import Sqlite from 'better-sqlite3'
import { expect, test } from 'vitest'
import { cleanUpAfterwards, newFolder, serving, start } from './command.ts'

cleanUpAfterwards()

test('a store that cannot be taken over: the process says so and ends', async () => {
  const folder = newFolder()
  const first = await serving(folder, ['serve', '--sandbox'])
  first.kill('SIGTERM')
  await first.ended
  const store = new Sqlite(join(folder, 'data/tollgate.db'))
  store.exec(`
    INSERT INTO accounts (id, name, status, balance, tasks_open, created_at) VALUES ('acc_1', 'a', 'active', 0, 0, 1);
    INSERT INTO requests (id, account_id, key_id, model_id, task_type, upstream, order_json, state, due_at,
      attempts_made, retries_made, failures_in_row, created_at)
      VALUES ('req_1', 'acc_1', 'key_1', 'm', 'image', 'keevx', '{}', 'submitting', 1, 1, 0, 0, 1);
    CREATE TRIGGER no_change BEFORE UPDATE ON requests BEGIN SELECT RAISE(ABORT, 'the disk is ill'); END`)
  store.close()
  const { code, stderr } = await start(folder, ['serve', '--sandbox']).ended
  expect(stderr).toContain('the disk is ill')
  expect(code).toBe(1)
})
