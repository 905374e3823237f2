// What the schema itself refuses, whoever asks: the second lock behind every promise about money.
import type Sqlite from 'better-sqlite3'
import { sql } from 'drizzle-orm'
import { beforeEach, describe, expect, test } from 'vitest'
import type { Database } from '../../src/db/database.ts'
import { openFile, outsideLook } from './outside.ts'

let client: Sqlite.Database
let db: Database
const run = (statement: string) => () => client.exec(statement)

const task = (id: string, state = 'queued', credits = 10) => `
  INSERT INTO tasks (id, request_id, account_id, model_id, task_type, state, credits, credits_refunded, upstream,
    operation, upstream_pending, polls_made, missing_in_row, image_url, error_message, created_at)
  VALUES ('${id}', 'req_1', 'acc_1', 'm', 'image', '${state}', ${credits}, ${state === 'failed' ? credits : 0}, 'keevx',
    'image_generate', 0, 0, 0, ${state === 'succeeded' ? "'http://a/b'" : 'NULL'}, ${state === 'failed' ? "'no'" : 'NULL'}, 1)`

const entry = (kind: string, amount: number, taskId: string | null, accountId = 'acc_1', after = 50) => `
  INSERT INTO entries (account_id, kind, amount, balance_after, task_id, created_at)
  VALUES ('${accountId}', '${kind}', ${amount}, ${after}, ${taskId === null ? 'NULL' : `'${taskId}'`}, 1)`

beforeEach(async () => {
  const store = await openFile()
  db = store.db
  client = outsideLook(store.file)
  client.pragma('foreign_keys = ON')
  for (const id of ['acc_1', 'acc_2']) {
    client.exec(
      `INSERT INTO accounts (id, name, status, balance, tasks_open, created_at) VALUES ('${id}', 'a', 'active', 50, 1, 1)`,
    )
  }
  client.exec(`INSERT INTO requests (id, account_id, key_id, model_id, task_type, upstream, order_json, state, attempts_made,
    retries_made, failures_in_row, created_at)
    VALUES ('req_1', 'acc_1', 'key_1', 'm', 'image', 'keevx', '{}', 'queued', 0, 0, 0, 1)`)
  client.exec(task('task_1'))
  client.exec(entry('charge', -10, 'task_1'))
})

test('every table is strict', () => {
  const tables = client.pragma('table_list') as {
    name: string
    schema: string
    type: string
    strict: number
  }[]
  const ours = tables.filter(
    ({ name, schema, type }) => schema === 'main' && type === 'table' && !/^(sqlite_|__drizzle)/.test(name),
  )
  expect(ours.map(({ name }) => name)).toEqual(
    expect.arrayContaining(['accounts', 'entries', 'tasks', 'requests']),
  )
  expect(ours.filter(({ strict }) => strict !== 1)).toEqual([])
})

describe('the ledger is append-only:', () => {
  test('an entry is never changed', () => {
    expect(run('UPDATE entries SET amount = amount + 1')).toThrow('append-only')
    expect(run("UPDATE entries SET note = 'nicer'")).toThrow('append-only')
  })

  test('an entry is never deleted', () => {
    expect(run('DELETE FROM entries')).toThrow('append-only')
  })

  test('an entry is never replaced by another of the same number', async () => {
    const replace = sql`REPLACE INTO entries (id, account_id, kind, amount, balance_after, created_at)
      VALUES (1, 'acc_1', 'grant', 99, 99, 1)`
    const replacing = db.transaction(async (tx) => void (await tx.run(replace)))
    await expect(replacing).rejects.toMatchObject({
      cause: { message: expect.stringContaining('append-only') },
    })
    expect(client.prepare('SELECT amount FROM entries').pluck().all()).toEqual([-10])
  })

  test('a task or an account that has entries is never deleted', () => {
    expect(run("DELETE FROM tasks WHERE id = 'task_1'")).toThrow('or not at all')
    expect(run("DELETE FROM accounts WHERE id = 'acc_1'")).toThrow('FOREIGN KEY')
  })
})

describe('a charge', () => {
  test('is taken once', () => {
    expect(run(entry('charge', -10, 'task_1'))).toThrow('UNIQUE')
  })

  test.each([
    ['by another amount than the price', entry('charge', -9, 'task_2')],
    ['of another account', entry('charge', -10, 'task_2', 'acc_2')],
    ['for a task that is not there', entry('charge', -10, 'task_9')],
  ])('%s is refused', (_why, statement) => {
    client.exec(task('task_2'))
    expect(run(statement)).toThrow("by its task's credits")
    client.exec(entry('charge', -10, 'task_2'))
  })

  test.each([
    ['that gives', entry('charge', 10, 'task_1')],
    ['without a task', entry('charge', -10, null)],
  ])('%s is refused', (_why, statement) => {
    expect(run(statement)).toThrow()
  })
})

describe('a refund', () => {
  test('is given once', () => {
    client.exec(entry('refund', 10, 'task_1'))
    expect(run(entry('refund', 10, 'task_1'))).toThrow('UNIQUE')
  })

  test.each([
    ['of more than was charged', entry('refund', 11, 'task_1')],
    ['of less than was charged', entry('refund', 9, 'task_1')],
    ['to another account', entry('refund', 10, 'task_1', 'acc_2')],
    ['for a task that was never charged', entry('refund', 10, 'task_2')],
  ])('%s is refused', (_why, statement) => {
    client.exec(task('task_2'))
    expect(run(statement)).toThrow('exactly what its task was charged')
    client.exec(entry('refund', 10, 'task_1'))
  })
})

describe('a task', () => {
  test.each([
    ['succeeded', "state = 'failed', credits_refunded = credits, error_message = 'no'"],
    ['succeeded', "state = 'running'"],
    ['failed', "state = 'succeeded', credits_refunded = 0, image_url = 'http://a/b'"],
    ['failed', "state = 'queued', credits_refunded = 0"],
  ])('that has %s stays so, whatever tries %s', (state, change) => {
    client.exec(task('ended', state))
    expect(run(`UPDATE tasks SET ${change} WHERE id = 'ended'`)).toThrow('never changes its state')
  })

  test('keeps its price and its account', () => {
    expect(run("UPDATE tasks SET credits = 11 WHERE id = 'task_1'")).toThrow('fixed when it is charged')
    expect(run("UPDATE tasks SET account_id = 'acc_2' WHERE id = 'task_1'")).toThrow(
      'fixed when it is charged',
    )
  })

  test.each([
    ['succeed without a result', "state = 'succeeded'"],
    ['fail without a reason', "state = 'failed', credits_refunded = credits"],
    ['fail without giving back all', "state = 'failed', credits_refunded = 9, error_message = 'no'"],
    ['give back before it has failed', 'credits_refunded = 10'],
    ['be in a state that is none', "state = 'resting'"],
  ])('cannot %s', (_what, change) => {
    expect(run(`UPDATE tasks SET ${change} WHERE id = 'task_1'`)).toThrow('CHECK')
  })

  test('has its upstream task for itself', () => {
    client.exec(task('task_2'))
    const take = (id: string) => `UPDATE tasks SET upstream_task_id = 'i2is-1' WHERE id = '${id}'`
    client.exec(take('task_1'))
    expect(run(take('task_2'))).toThrow('UNIQUE')
  })
})

test('no account falls below zero, in credits or in open tasks', () => {
  expect(run('UPDATE accounts SET balance = -1')).toThrow('CHECK')
  expect(run('UPDATE accounts SET tasks_open = -1')).toThrow('CHECK')
  expect(run('UPDATE accounts SET credits_open = -1')).toThrow('CHECK')
  expect(run(entry('grant', 5, null, 'acc_1', -1))).toThrow('CHECK')
})

test.each([
  ['a grant that takes', entry('grant', -5, null)],
  ['a grant of nothing', entry('grant', 0, null)],
  ['an adjustment by nothing', entry('adjust', 0, null)],
  ['a kind that is none', entry('gift', 5, null)],
  ['half a credit', entry('grant', 1.5, null)],
  ['a grant for a task', entry('grant', 5, 'task_1')],
])('%s is no entry', (_what, statement) => {
  expect(run(statement)).toThrow()
  client.exec(entry('grant', 5, null))
})

const attempt = (id: string) => `
  INSERT INTO attempts (id, request_id, number, upstream_key, state, started_at)
  VALUES ('${id}', 'req_1', 1, 'k', 'open', 1)`

const key = (id: string) => `
  INSERT INTO keys (id, account_id, name, hash, prefix, created_at)
  VALUES ('${id}', 'acc_1', 'k', 'the same', 'sk-', 1)`

const granted = (accountId: string) => `
  INSERT INTO entries (account_id, kind, amount, balance_after, idempotency_key, created_at)
  VALUES ('${accountId}', 'grant', 5, 55, 'k', 1)`

const keyed = (accountId: string) => `
  INSERT INTO idempotency (account_id, key, body_hash, request_id, created_at)
  VALUES ('${accountId}', 'k', 'h', 'req_1', 1)`

const orphan = (id: string, requestId = 'req_1') => `
  INSERT INTO orphans (id, reason, upstream, upstream_task_id, request_id, credits, created_at)
  VALUES ('${id}', 'extra_id', 'keevx', 'i2is-1', '${requestId}', 0, 1)`

const secret = (id: string, retiresAt: number | null = null) => `
  INSERT INTO webhook_secrets (id, account_id, sealed, created_at, retires_at)
  VALUES ('${id}', 'acc_1', 's', 1, ${retiresAt})`

const delivery = (id: string, { state = 'pending', due = '1', taskId = 'task_1' } = {}) => `
  INSERT INTO webhook_deliveries (id, account_id, task_id, type, source, url, receiver, body, state, due_at,
    claimed, attempts_made, retries_made, created_at)
  VALUES ('${id}', 'acc_1', '${taskId}', 'task.failed', 'request', 'http://a/b', 'a', '{}', '${state}', ${due}, 0, 0, 0, 1)`

test.each([
  ['waits and has no time for it', delivery('msg_1', { due: 'NULL' })],
  ['has ended and is due', delivery('msg_1', { state: 'delivered' })],
  ['is in a state that is none', delivery('msg_1', { state: 'lost', due: 'NULL' })],
  ['tells of a task that is not there', delivery('msg_1', { taskId: 'task_9' })],
])('no delivery %s', (_what, statement) => {
  expect(run(statement)).toThrow(/CHECK|FOREIGN KEY/)
  client.exec(delivery('msg_1'))
})

test('a secret that retires stands beside the newest', () => {
  client.exec(secret('sec_1', 5))
  client.exec(secret('sec_2', 6))
  expect(run(secret('sec_3'))).not.toThrow()
})

test.each([
  ['delivery of a task', delivery('msg_1'), delivery('msg_2')],
  ['newest secret of an account', secret('sec_1'), secret('sec_2')],
  ['attempt of a number', attempt('att_1'), attempt('att_2')],
  ['key with a hash', key('key_1'), key('key_2')],
  ["grant for an operator's key", granted('acc_1'), granted('acc_1')],
  ['order for an idempotency key', keyed('acc_1'), keyed('acc_1')],
  ['orphan of a piece of work', orphan('orph_1'), orphan('orph_2')],
])('there is one %s', (_what, first, second) => {
  client.exec(first)
  expect(run(second)).toThrow('UNIQUE')
})

test.each([granted, keyed])('a key of one account is not that of another', (use) => {
  client.exec(use('acc_1'))
  expect(run(use('acc_2'))).not.toThrow()
})

describe('a task that was posted', () => {
  test('is never marked as cancelled, nor is one that has ended', () => {
    const cancel =
      "UPDATE tasks SET state = 'failed', cancelled = 1, credits_refunded = credits, error_message = 'c'"
    for (const state of ['submitting', 'unknown', 'running', 'failed']) {
      client.exec(task(`task_${state}`, state))
      expect(run(`${cancel} WHERE id = 'task_${state}'`)).toThrow('before it is posted')
    }
    expect(run("UPDATE tasks SET cancelled = 1 WHERE id = 'task_1'")).toThrow('tasks_cancelled')
    client.exec(`${cancel} WHERE id = 'task_1'`)
    expect(run("UPDATE tasks SET cancelled = 0 WHERE id = 'task_1'")).toThrow('before it is posted')
  })
})
