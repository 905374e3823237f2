// An upgrade from the first version, with every kind of row: none is lost, and none is changed.
import { dirname, join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { schemaAge } from '../../src/db/sqlite/migrate.ts'
import { newFolder } from '../support/folder.ts'
import { columnsOf, copiesBeside, expectWhole, markedAsPending, open, rowsOf } from './upgraded.ts'
import { beforePolls, firstStore } from './versions.ts'

describe('a store of the first version with thousands of rows', () => {
  test('is upgraded whole, behind a copy of what it was', async () => {
    const file = firstStore(newFolder(), { accounts: 20, requestsEach: 105 })
    const client = open(file)
    const columns = columnsOf(client)
    const before = rowsOf(client, columns)
    expect(before['tasks']?.length).toBe(20 * 105 * 2)
    expect(columns.accounts).not.toContain('credits_open')

    await expectWhole(file)
    expect(rowsOf(client, columns)).toEqual(markedAsPending(before))
    const [off] = client
      .prepare(
        `SELECT count(*) AS count FROM accounts a WHERE credits_open <> (SELECT coalesce(sum(credits), 0)
          FROM tasks t WHERE t.account_id = a.id AND t.finished_at IS NULL) OR credits_open = 0`,
      )
      .all()
    expect(off).toEqual({ count: 0 })

    // What was made before is shown as it was: nobody knows until when, and nothing of it waits to be kept.
    const unknown = 'SELECT count(*) FROM tasks WHERE result_expires_at IS NULL AND result_removed_at IS NULL'
    expect(client.prepare(unknown).pluck().get()).toBe(20 * 105 * 2)
    for (const table of ['keeps', 'media']) {
      expect(client.prepare(`SELECT count(*) FROM ${table}`).pluck().get()).toBe(0)
    }

    // What was noted before there were two kinds of notes stays for the operator alone.
    const noted = client.prepare('SELECT count(note), count(public_note) FROM entries').raw()
    expect(noted.get()).toEqual([40, 0])

    const [copy, ...more] = copiesBeside(file)
    expect(more).toEqual([])
    const old = open(join(dirname(file), copy ?? ''))
    expect(schemaAge(old)).toBe('older')
    expect(old.pragma('integrity_check', { simple: true })).toBe('ok')
    expect(rowsOf(old, columns)).toEqual(before)
  })

  test('is guarded afterwards as before', async () => {
    const file = firstStore(newFolder(), { accounts: 1, requestsEach: 7 })
    await expectWhole(file)
    const client = open(file)
    const refusals: readonly [string, string][] = [
      ['UPDATE entries SET amount = 1', 'an entry is never changed'],
      ['DELETE FROM entries', 'an entry is never deleted'],
      ['UPDATE tasks SET credits = 1', 'is fixed when it is charged'],
      ["UPDATE tasks SET state = 'queued' WHERE state = 'succeeded'", 'never changes its state'],
      ['UPDATE accounts SET balance = -1', 'CHECK constraint failed: accounts_balance'],
      ['UPDATE accounts SET credits_open = -1', 'CHECK constraint failed: accounts_credits_open'],
      [
        `INSERT INTO entries (account_id, kind, amount, balance_after, task_id, created_at)
          SELECT account_id, 'refund', 14, 1, id, 1 FROM tasks WHERE state = 'queued'`,
        'exactly what its task was charged',
      ],
    ]
    for (const [statement, words] of refusals) expect(() => client.exec(statement)).toThrow(words)
  })
})

test('a store of a version before is upgraded with every row', async () => {
  const file = firstStore(newFolder(), { accounts: 20, requestsEach: 105 }, beforePolls)
  const client = open(file)
  client.exec(`INSERT INTO idempotency SELECT account_id, id, 'hash', id, 1 FROM requests;
    INSERT INTO early_callbacks SELECT id, 'i2is-early', 1 FROM attempts;
    UPDATE accounts SET credits_open = (
      SELECT sum(credits) FROM tasks WHERE account_id = accounts.id AND finished_at IS NULL)`)
  const columns = columnsOf(client)
  const kept = () => ({
    ...rowsOf(client, columns),
    idempotency: client.prepare('SELECT * FROM idempotency ORDER BY key').all(),
    early: client.prepare('SELECT * FROM early_callbacks ORDER BY attempt_id').all(),
    rights: client.prepare('SELECT * FROM rights').all(),
  })
  const before = kept()
  expect(before.idempotency).toHaveLength(20 * 105)
  expect(before.early.length).toBeGreaterThan(1_000)
  await expectWhole(file)
  expect(kept()).toEqual(before)
  const running = client.prepare("SELECT id FROM tasks WHERE state = 'running' ORDER BY id").pluck().all()
  expect(running.length).toBeGreaterThan(100)
  expect(client.prepare('SELECT task_id FROM polls ORDER BY task_id').pluck().all()).toEqual(running)
  expect(client.prepare('SELECT count(due_at) FROM tasks').pluck().get()).toBe(0)
})
