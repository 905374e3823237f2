// A start that fails leaves nothing behind that looks alive.
import { expect, test } from 'vitest'
import { cleanUpAfterwards, newFolder, serving, start, storeIn } from './command.ts'

cleanUpAfterwards()

test('a store that cannot be taken over: the process says so and ends', async () => {
  const folder = newFolder()
  const first = await serving(folder, ['serve', '--sandbox'])
  first.kill('SIGTERM')
  await first.ended
  const store = storeIn(folder)
  await store.write(`
    INSERT INTO accounts (id, name, status, balance, tasks_open, created_at) VALUES ('acc_1', 'a', 'active', 0, 0, 1);
    INSERT INTO requests (id, account_id, key_id, model_id, task_type, upstream, order_json, state, due_at,
      attempts_made, retries_made, failures_in_row, created_at)
      VALUES ('req_1', 'acc_1', 'key_1', 'm', 'image', 'keevx', '{}', 'submitting', 1, 1, 0, 0, 1)`)
  await store.addTrigger({ name: 'no_change', on: 'BEFORE UPDATE ON requests', refuses: 'the disk is ill' })
  const { code, stderr } = await start(folder, ['serve', '--sandbox']).ended
  expect(stderr).toContain('the disk is ill')
  expect(code).toBe(1)
})
